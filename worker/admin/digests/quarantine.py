"""What admins do with mails in quarantine: they get one digest of the new ones, list them, and try them again."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.notices.events import Quarantined
from mail.inbound.parse import Heading, read_heading
from mail.mime.text import one_line
from models.events.rows import add_quarantine_digest
from models.ledger.quarantine import QuarantinedMail, give_back, read_quarantined, set_reported, take_unreported
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

MAX_REASON = 500


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
