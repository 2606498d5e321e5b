"""The example people's mail programs: they hand in mail over SMTP and read their inboxes over IMAP."""

import smtplib
from dataclasses import dataclass, field
from email import message_from_bytes

from mail.imap.mailbox import Fetched, open_mailbox
from mail.server import Security, Server
from seed.stack.mailhost.server import MailServer
from seed.story.letters import FilledMail

TIMEOUT_SECONDS = 10


def hand_in(server: MailServer, mail: FilledMail) -> None:
    """Send a mail over SMTP as its author; OSError (smtplib's own errors included) where that fails."""
    with smtplib.SMTP(server.host, server.smtp_port, "localhost", timeout=TIMEOUT_SECONDS) as client:
        client.sendmail(mail.sender, [mail.recipient], mail.raw)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail in somebody's inbox."""

    message_id: str
    raw: bytes
    has_picture: bool


@dataclass(slots=True)
class Inbox:
    """One person's inbox as their own mail program knows it: what lies there, in the order of its arrival."""

    address: str
    mails: list[Delivered] = field(default_factory=list)
    _last_uid: int = 0

    def fetch(self, server: MailServer) -> None:
        """Fetch what is new; raises the wire's two errors."""
        account = Server(
            server.host, server.imap_port, Security.PLAIN, self.address, server.password, timeout=TIMEOUT_SECONDS
        )
        with open_mailbox(account) as mailbox:
            mailbox.select("INBOX")
            for mail in mailbox.fetch_after(self._last_uid):
                self._last_uid = mail.uid
                if isinstance(mail, Fetched):
                    self.mails.append(_read(mail.raw))

    def find(self, message_id: str) -> Delivered | None:
        """The mail with this Message-ID."""
        return next((mail for mail in self.mails if mail.message_id == message_id), None)


def _read(raw: bytes) -> Delivered:
    mail = message_from_bytes(raw)
    has_picture = any(part.get_content_maintype() == "image" for part in mail.walk())
    return Delivered((mail["Message-ID"] or "").strip().strip("<>"), raw, has_picture)
