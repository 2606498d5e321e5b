"""What admins do with mails that were dropped as ones that no person wrote: they get a digest, and restore some."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.notices.events import Quarantined
from mail.mime.text import one_line
from models.events.rows import add_quarantine_digest
from models.ledger.dropped import DroppedMail, read_dropped, restore, take_untold
from worker.admin.digests.quarantine import heading_of
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

MAX_REASON = 300
ONCE_IN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DroppedEntry:
    """A dropped mail as it is listed; `drop` is what it was taken for."""

    number: int
    mailbox: str
    sender: str
    subject: str
    drop: str
    reason: str
    stored_at: datetime


def send_dropped_digest(services: Services) -> int:
    """Add a digest event for the admins about dropped mails, at most one a day; returns of how many.

    At most `dropped_in_digest` are named, and the rest is counted. The event and the marks on mails commit together.
    """
    with transaction(services.engine) as session:
        mails, total = take_untold(session, services.policy.limits.dropped_in_digest, ONCE_IN)
        if mails:
            items = [_digest_item(entry(mail)) for mail in mails]
            add_quarantine_digest(session, items, unnamed=total - len(mails))
    return len(mails)


def list_dropped(session: Session, most: int, before: int | None = None) -> list[DroppedEntry]:
    """So many dropped mails at most, with numbers below `before` (None: from the newest on), the newest first."""
    return [entry(mail) for mail in read_dropped(session, most, before)]


def restore_mails(engine: Engine, numbers: Sequence[int]) -> list[int]:
    """Give dropped mails back to intake as a person's; the numbers of those that were dropped."""
    with transaction(engine) as session:
        restored = restore(session, numbers)
    for number in restored:
        logger.info("Ledger row %s is decided again as a person's mail", number, extra={"ledger_id": number})
    return restored


def entry(mail: DroppedMail) -> DroppedEntry:
    """The listed form of a dropped mail, with sender and subject read from its headers."""
    heading = heading_of(mail.number, mail.head)
    return DroppedEntry(
        number=mail.number,
        mailbox=mail.mailbox,
        sender=mail.sender or heading.sender,
        subject=heading.subject,
        drop=mail.drop,
        reason=mail.reason,
        stored_at=mail.stored_at,
    )


def _digest_item(one: DroppedEntry) -> Quarantined:
    reason = one_line(one.reason, MAX_REASON)
    return Quarantined(one.number, one.mailbox, one.sender, one.subject, reason, dropped=True)
