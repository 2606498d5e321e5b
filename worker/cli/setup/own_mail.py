"""Two mails of a mailbox to itself: sent, waited for, and what they show of the servers in between."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from desk.tokens import MARK_HEADER
from mail.auth.results import Pin, results_headers
from mail.failures import PermanentFailure
from mail.imap.batches import Bounds
from mail.imap.mailbox import Fetched, Mailbox, Oversized, open_mailbox
from mail.mime.headers import HEAD_BYTES, read_headers
from mail.mime.message_ids import peek
from mail.server import Server
from mail.smtp.connection import SmtpServer
from mail.smtp.itself import mail_itself, plus_address
from worker.cli.setup.answers import Login, Recognition
from worker.cli.setup.logins import INBOX, imap_of, smtp_of
from worker.runtime.clock import now

SECONDS: Final = 60.0
# One server takes both mails, so that the second is not much later than the first.
SECOND_SECONDS: Final = 15.0
PAUSE: Final = 2.0
# So much longer than it waits the connection is kept, for what is asked on it.
LAST_STEPS: Final = 60.0
# Of a mail only its headers are read, as those that come meanwhile are of others.
HEADS: Final = Bounds(largest=16 * 1024)
# Microsoft 365 writes results without a name of their server; its hosts are under this domain.
MICROSOFT_HOSTS: Final = ("outlook.com",)


class NotArrived(Exception):
    """Not even the mail to the plain address came in time; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox that is tried: its address, its servers, and where its mails are looked for.

    `token` makes what each mail is known by, and `stored` gives the heads of mails that were taken out of the folder
    by others meanwhile. `within` is for how many seconds a mail is waited for.
    """

    address: str
    imap: Server
    smtp: SmtpServer
    folder: str = INBOX
    within: float = SECONDS
    token: Callable[[], str] = lambda: secrets.token_hex(12)
    stored: Callable[[], Iterable[bytes]] = tuple


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that came: its head, how many seconds it took, and its UID, None where others had taken it by then."""

    head: bytes
    seconds: float
    uid: int | None


@dataclass(frozen=True, slots=True)
class OwnMails:
    """Of the two mails, that to the plain address, and that to the plus address; None where one did not come in time.

    `plus_refused` is what the outgoing server said where it did not take the plus address; empty where it did.
    """

    plain: Arrived | None
    plus: Arrived | None
    plus_address: str
    plus_refused: str = ""


def try_itself(address: str, imap: Login, smtp: Login, say: Callable[[str], None]) -> Recognition:
    """Send a mail to the address and one to its plus address, and wait for both.

    They stay in the mailbox. Raises NotArrived, and the failures of mail servers.
    """
    box = Box(address, imap_of(imap), smtp_of(smtp))
    came = send_and_wait(box, lambda: say(f"Two mails to {address} are on their way …"))
    if came.plain is None:
        raise NotArrived(f"The mail that {address} sent to itself did not arrive within {SECONDS:.0f} seconds.")
    return trust_shown_by(came.plain.head, address, plus_addressing=came.plus is not None)


def send_and_wait(
    box: Box, say: Callable[[], None], finish: Callable[[Mailbox, list[int]], None] | None = None
) -> OwnMails:
    """Send both mails, wait for them, and let `finish` do what it does with those that are still in the folder.

    Raises the failures of mail servers; nothing is sent where the mailbox cannot be opened.
    """
    with open_mailbox(box.imap, box.within + SECOND_SECONDS + LAST_STEPS) as mailbox:
        mailbox.select(box.folder)
        last = max(mailbox.all_uids(), default=0)
        plain, plus = box.token(), box.token()
        to_plus = f"try{secrets.token_hex(3)}"
        mail_itself(box.smtp, box.address, "", plain, now(), MARK_HEADER)
        sent_at = time.monotonic()
        refused = _send_to_plus(box, to_plus, plus)
        say()
        came = _wait(box, mailbox, last, sent_at, {plain} if refused else {plain, plus})
        if finish and (left := [one.uid for one in came.values() if one.uid is not None]):
            finish(mailbox, left)
    return OwnMails(came.get(plain), came.get(plus), plus_address(box.address, to_plus), refused)


def _send_to_plus(box: Box, extension: str, token: str) -> str:
    """Send it; what the server said where it refuses a plus address when it is named, which answers the question."""
    try:
        mail_itself(box.smtp, box.address, extension, token, now(), MARK_HEADER)
    except PermanentFailure as failure:
        return str(failure)
    return ""


def _wait(box: Box, mailbox: Mailbox, last: int, sent_at: float, wanted: set[str]) -> dict[str, Arrived]:
    """The mails by their tokens, as far as they come in time; `sent_at` is by the monotonic clock."""
    until, came = sent_at + box.within, dict[str, Arrived]()
    while True:
        for uid, head in (*_fresh(mailbox, last), *((None, head) for head in box.stored())):
            last = max(last, uid or 0)
            token = _token_of(head, wanted)
            if token and token not in came:
                came[token] = Arrived(head, time.monotonic() - sent_at, uid)
                until = min(until, time.monotonic() + SECOND_SECONDS)
        if not wanted - came.keys() or time.monotonic() >= until:
            return came
        time.sleep(PAUSE)


def _fresh(mailbox: Mailbox, last: int) -> Iterator[tuple[int, bytes]]:
    for fetched in mailbox.fetch_after(last, HEADS):
        if isinstance(fetched, Fetched):
            yield fetched.uid, fetched.raw[:HEAD_BYTES]
        elif isinstance(fetched, Oversized):
            yield fetched.uid, fetched.head


def _token_of(head: bytes, wanted: set[str]) -> str | None:
    marks = {read_headers(head)[0].text(MARK_HEADER.lower()), (peek(head).message_id or "").partition("@")[0]}
    return next(iter(marks & wanted), None)


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
