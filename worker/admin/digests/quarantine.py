"""What admins do with mails in quarantine: they get one digest of the new ones, list them, and try them again."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.commands.reading.ask import ROWS, Ask, View
from desk.commands.reading.found import PAGE, ReadAnswer, SetAsideMail
from desk.gate.leaks import MAC
from desk.notices.context import show_signs
from desk.notices.events import Quarantined
from desk.ticket import Person
from mail.inbound.parse import Heading, parse, read_heading
from mail.mime.text import one_line
from mail.outbound.catalogue import said
from models.events.rows import add_quarantine_digest
from models.ledger.quarantine import QuarantinedMail, give_back, read_quarantined, set_reported, take_unreported
from models.ledger.raw import raw_of
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

MAX_REASON = 500
# So many lines of so many signs are shown of headers.
SHOWN_LINES, SHOWN_WIDTH = 60, 200
# Stands for a signature of ours in a mail; it is somebody's key.
SIGNATURE = "(signature)"


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A mail in quarantine as it is listed.

    `is_whole` is false where bytes of it are still on the server: all of them where it `is_stub`, and else its body.
    """

    number: int
    mailbox: str
    folder: str
    uid: int
    sender: str
    subject: str
    size: int
    tries: int
    reason: str
    error: str | None
    stored_at: datetime
    quarantined_at: datetime | None
    reported_at: datetime | None
    is_whole: bool
    is_stub: bool


def send_digest(services: Services) -> int:
    """Add a digest event for the admins about mails not reported yet; returns how many.

    One digest names at most `quarantined_in_digest`, and the next one the others.

    The event and the mark on the mails commit together, and the mails are locked meanwhile, so that each is reported
    once however often this runs.
    """
    with transaction(services.engine) as session:
        cases = take_unreported(session, services.policy.limits.quarantined_in_digest)
        if cases:
            add_quarantine_digest(session, [_digest_item(entry(case)) for case in cases])
            set_reported(session, [case.number for case in cases])
    return len(cases)


def list_entries(session: Session, most: int | None = None, after: int = 0) -> Iterator[QuarantineEntry]:
    """The mails in quarantine with numbers above `after`, the oldest first, so many at most (None: all)."""
    return (entry(case) for case in read_quarantined(session, most=most, after=after))


def try_again(engine: Engine, numbers: Sequence[int] | None) -> list[QuarantineEntry]:
    """Give mails in quarantine back to intake, all of them where `numbers` is None.

    Returns the entries of the mails given back, as they were before. Mails of which nothing is stored stay.
    """
    with transaction(engine) as session:
        entries = {case.number: entry(case) for case in read_quarantined(session, numbers)}
        retried = [entries[number] for number in give_back(session, sorted(entries))]
    for one in retried:
        values = (one.number, one.reason, one.error or "none")
        logger.info("Ledger row %s is tried again; it was in quarantine: %s Its last error: %s", *values)
    return retried


def entry(case: QuarantinedMail) -> QuarantineEntry:
    """The listed form of a case, with sender and subject read from its headers."""
    heading = _heading(case)
    return QuarantineEntry(
        number=case.number,
        mailbox=case.mailbox,
        folder=case.folder,
        uid=case.uid,
        sender=case.sender or heading.sender,
        subject=heading.subject,
        size=case.size,
        tries=case.tries,
        reason=case.reason,
        error=case.error,
        stored_at=case.stored_at,
        quarantined_at=case.quarantined_at,
        reported_at=case.reported_at,
        is_whole=case.is_whole,
        is_stub=case.head is None,
    )


def _heading(case: QuarantinedMail) -> Heading:
    if case.head is None:
        return Heading("", f"UID {case.uid} of {case.folder}, whose bytes are still on the server")
    return heading_of(case.number, case.head)


def heading_of(number: int, head: bytes) -> Heading:
    """Sender and subject of the ledger row of this number; in place of a subject a sentence where none can be read."""
    try:
        return read_heading(head)
    except Exception:
        # A mail that cannot be parsed may be here just for that, and must not keep the others out of the digest.
        logger.exception("The headers of ledger row %s cannot be read", number)
        return Heading("", "The headers cannot be read.")


def _digest_item(one: QuarantineEntry) -> Quarantined:
    reason = f"{one.reason} {one.error}" if one.error else one.reason
    return Quarantined(one.number, one.mailbox, one.sender, one.subject, one_line(reason, MAX_REASON))


def find_mails(session: Session, reader: Person, ask: Ask) -> ReadAnswer:
    """What an admin asks of the quarantine: a page of it, the oldest first, or how one mail of it begins."""
    if not reader.is_admin:
        return ReadAnswer(done=False, sentence=said("commands.for_admins"))
    if ask.view is View.QUARANTINED:
        return _find_mail(session, ask.mail or 0)
    found = list(list_entries(session, ROWS + 1, int(ask.after or 0)))
    if not found:
        return ReadAnswer(sentence=said("lists.nothing_behind" if ask.after else "lists.quarantine_empty"))
    mails = tuple(_set_aside(one) for one in found[:ROWS])
    more = replace(ask, after=str(mails[-1].number)) if len(found) > ROWS else None
    return ReadAnswer(mails=mails, more=more)


def _find_mail(session: Session, number: int) -> ReadAnswer:
    case = next(iter(read_quarantined(session, [number])), None)
    if case is None:
        return ReadAnswer(done=False, sentence=said("lists.not_in_quarantine", number=str(number)))
    is_read = case.is_read and case.is_whole
    text = _shown(parse(raw_of(session, number)).text if is_read else _headers(case))
    is_cut = case.head is not None and (not is_read or len(text) > PAGE)
    return ReadAnswer(mails=(replace(_set_aside(entry(case)), text=text[:PAGE].strip(), is_cut=is_cut),))


def _headers(case: QuarantinedMail) -> str:
    """The headers as they came, of a mail that intake could not read.

    Nothing reads it again; and nobody would see a key in the signs of a coded body.
    """
    lines = takewhile(bool, (case.head or b"").decode(errors="replace").splitlines())
    return "\n".join(line[:SHOWN_WIDTH].expandtabs() for line in islice(lines, SHOWN_LINES))


def _set_aside(one: QuarantineEntry) -> SetAsideMail:
    item = _digest_item(one)
    sender, subject, reason = map(_shown, (item.sender, item.subject, item.reason))
    return SetAsideMail(number=one.number, sender=sender, subject=subject, reason=reason, at=one.stored_at)


def _shown(text: str) -> str:
    """Words of a mail without signs that are not seen, and without the keys of others that it may hold."""
    return MAC.sub(f".{SIGNATURE}", show_signs(text))
