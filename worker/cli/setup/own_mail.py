"""What two mails of a mailbox to itself show: whether plus addresses arrive, and which server checks senders."""

import secrets
import time
from collections.abc import Callable
from typing import Final

from mail.auth.results import Pin, results_headers
from mail.failures import PermanentFailure
from mail.imap.mailbox import Fetched, Mailbox, open_mailbox
from mail.mime.headers import read_headers
from mail.mime.message_ids import peek
from mail.smtp.itself import mail_itself
from worker.cli.setup.answers import Login, Recognition
from worker.cli.setup.logins import INBOX, imap_of, smtp_of
from worker.runtime.clock import now

SECONDS: Final = 60.0
# One server takes both mails, so that the second is not much later than the first.
SECOND_SECONDS: Final = 15.0
PAUSE: Final = 2.0
# Microsoft 365 writes results without a name of their server; its hosts are under this domain.
MICROSOFT_HOSTS: Final = ("outlook.com",)


class NotArrived(Exception):
    """Not even the mail to the plain address came in time; the message is a sentence."""


def try_itself(address: str, imap: Login, smtp: Login, say: Callable[[str], None]) -> Recognition:
    """Send a mail to the address and one to its plus address, and wait for both.

    They stay in the mailbox. Raises NotArrived, and the failures of mail servers.
    """
    with open_mailbox(imap_of(imap)) as mailbox:
        mailbox.select(INBOX)
        last = max(mailbox.all_uids(), default=0)
        token = secrets.token_hex(8)
        plain = mail_itself(smtp_of(smtp), address, "", f"plain.{token}", now())
        # A server that refuses a plus address when it is named has answered the question.
        plus = _plus_mail(address, smtp, token)
        say(f"Two mails to {address} are on their way …")
        arrived = _wait(mailbox, last, plain, plus)
    if plain not in arrived:
        raise NotArrived(f"The mail that {address} sent to itself did not arrive within {SECONDS:.0f} seconds.")
    return trust_shown_by(arrived[plain], address, plus_addressing=plus in arrived)


def _plus_mail(address: str, smtp: Login, token: str) -> str:
    try:
        return mail_itself(smtp_of(smtp), address, f"try{token[:6]}", f"plus.{token}", now())
    except PermanentFailure:
        return ""


def _wait(mailbox: Mailbox, last: int, plain: str, plus: str) -> dict[str, bytes]:
    """The two mails by Message-ID, as far as they come in time; an empty id is not waited for."""
    until, arrived, wanted = time.monotonic() + SECONDS, dict[str, bytes](), {plain, plus} - {""}
    while True:
        for fetched in mailbox.fetch_after(last):
            last = max(last, fetched.uid)
            if isinstance(fetched, Fetched) and (id_ := peek(fetched.raw).message_id) in wanted:
                arrived[str(id_)] = fetched.raw
                until = min(until, time.monotonic() + SECOND_SECONDS)
        if not wanted - arrived.keys() or time.monotonic() >= until:
            return arrived
        time.sleep(PAUSE)


def trust_shown_by(raw: bytes, address: str, *, plus_addressing: bool) -> Recognition:
    """All servers between us and the mailbox are its own here, so the topmost results are those that count."""
    pin = Pin("", (address.rpartition("@")[2],))
    top = next(results_headers(read_headers(raw)[0], pin), None)
    if top is None:
        return Recognition(plus_addressing)
    if not top.authserv_id:
        is_microsoft = top.foreign_host.endswith(MICROSOFT_HOSTS)
        return (
            Recognition(plus_addressing, None, MICROSOFT_HOSTS, nameless=True)
            if is_microsoft
            else Recognition(plus_addressing)
        )
    hosts = () if not top.foreign_host or top.foreign_host == top.authserv_id else (top.foreign_host,)
    return Recognition(plus_addressing, top.authserv_id, hosts)
