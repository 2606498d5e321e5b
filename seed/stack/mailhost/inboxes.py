"""The inboxes of a mail provider in memory: who owns which address, and how a mail gets into them."""

import fnmatch
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from mail_devel.mailbox import TestMailboxDict
from pymap.backend.dict.mailbox import MailboxSet
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag

# Names that RFC 2606 reserves: mail to any other domain is refused, as a provider refuses to relay.
DOMAINS = ("*.example", "*.test", "example.com", "example.net", "example.org")


class Inboxes(TestMailboxDict):  # type: ignore[misc]
    """Every address has an inbox of its own, made when it is first written to or logged in to."""

    def owner(self, address: str) -> str:
        """Return whose inbox a mail to the address goes to; aliases may hold wildcards."""
        address = address.strip().lower()
        matches = (target for alias, target in self.aliases.items() if fnmatch.fnmatchcase(address, alias))
        return next(matches, address)

    def account(self, login: str) -> str:
        """Return the address of a login name, which may also be the local part of a known address."""
        known = [address for address in self.config.set_cache if address.partition("@")[0] == login.lower()]
        return self.owner(known[0] if known else login)

    async def get(self, user: str) -> MailboxSet:
        """Return the folders of an address; a folder that is missing stays missing, as on other servers."""
        if user not in self.config.set_cache:
            self.config.set_cache[user] = MailboxSet(), self.filter_set
        folders: MailboxSet = self.config.set_cache[user][0]
        return folders

    async def deliver(self, sender: str, address: str, raw: bytes, folder: str = "INBOX") -> None:
        """Put the mail's bytes into the inbox, under the two headers that a mail server adds (RFC 5321, 4.4)."""
        trace = f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n".encode()
        mailbox = await (await self.get(self.owner(address))).get_mailbox(folder)
        await mailbox.append(AppendMessage(trace + raw, datetime.now(tz=UTC), frozenset()))

    async def append(self, message: Message, flags: frozenset[Flag], mailbox: str = "INBOX") -> None:  # noqa: ARG002
        """Send a mail written on the web page; the sender's folder says nothing about the recipient's."""
        recipients = getaddresses([value for name in ("to", "cc", "bcc") for value in message.get_all(name, [])])
        del message["Bcc"]
        raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        for address in dict.fromkeys(address for _, address in recipients if is_served(address)):
            await self.deliver(parseaddr(message["From"])[1], address, raw)


class Delivery:
    """The handler of the SMTP server: each mail goes unchanged to the recipients of its envelope."""

    def __init__(self, inboxes: Inboxes) -> None:
        self._inboxes = inboxes

    async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802
        """Accept a recipient that is served; arguments are server, session, envelope, address and its options."""
        envelope: Envelope = arguments[2]
        address: str = arguments[3]
        if not is_served(address):
            return f"550 5.1.2 <{address}>: no such domain on this machine"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Deliver the mail."""
        # The library leaves the angle brackets of the null sender in place.
        sender = (envelope.mail_from or "").strip("<>")
        for address in dict.fromkeys(envelope.rcpt_tos):
            await self._inboxes.deliver(sender, address, envelope.original_content or b"")
        return "250 2.0.0 OK: delivered"


def is_served(address: str) -> bool:
    """Whether the address lies in a domain that exists for examples only."""
    domain = address.strip().lower().rpartition("@")[2]
    return any(fnmatch.fnmatchcase(domain, pattern) for pattern in DOMAINS)
