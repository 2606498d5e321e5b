"""Mails that were dropped as ones that no person wrote: read for the admins, and given back as a person's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, select, update
from sqlalchemy.orm import Session

from desk.intake.decision import Drop
from mail.mime.headers import HEAD_BYTES
from models.db.base import among
from models.ledger.mailboxes import MailboxRow
from models.ledger.quarantine import AS_NEW
from models.ledger.rows import LedgerRow, RawChunk

# So many are marked as told at once; of more the admins are told the next time.
MOST_TOLD: Final = 10_000

_DROP = LedgerRow.evidence["drop"].astext
# The condition of the index on them.
_DROPPED = and_(LedgerRow.fate == "not_applied", LedgerRow.evidence["drop"].is_not(None))


@dataclass(frozen=True, slots=True)
class DroppedMail:
    """A mail that was dropped: its ledger row, where it came, who wrote it and why it was dropped.

    `head` is its first 64 KB.
    """

    number: int
    mailbox: str
    stored_at: datetime
    sender: str | None
    reason: str
    drop: str
    head: bytes


def read_dropped(session: Session, most: int, before: int | None = None) -> list[DroppedMail]:
    """Up to `most` mails that were dropped, the newest first; `before`: only those with lower numbers."""
    wanted = _select_dropped() if before is None else _select_dropped().where(LedgerRow.id < before)
    return _read(session, wanted.order_by(LedgerRow.id.desc()).limit(most))


def take_untold(session: Session, most: int, once_in: timedelta) -> tuple[list[DroppedMail], int]:
    """Mark the mails that no admin was told of as told; up to `most` of them, and how many there are in all.

    None at all where the admins were told of some within `once_in`. Those that a person may have written come first,
    then the newest. What another transaction marks meanwhile is not taken again.
    """
    told = select(func.max(LedgerRow.reported_at)).where(_DROPPED)
    if session.scalar(select(told.scalar_subquery() > func.now() - once_in)):
        return [], 0
    untold = select(LedgerRow.id).where(_DROPPED, LedgerRow.reported_at.is_(None)).order_by(LedgerRow.id)
    mine = and_(LedgerRow.id.in_(untold.limit(MOST_TOLD)), _DROPPED, LedgerRow.reported_at.is_(None))
    marked = update(LedgerRow).where(mine).values(reported_at=func.now()).returning(LedgerRow.id)
    numbers = session.scalars(marked.execution_options(synchronize_session=False)).all()
    if not numbers:
        return [], 0
    likeliest = (case((_DROP == Drop.REPORT, 1), else_=0), LedgerRow.id.desc())
    among_them = _select_dropped().where(LedgerRow.id == among(numbers))
    return _read(session, among_them.order_by(*likeliest).limit(most)), len(numbers)


def restore(session: Session, numbers: Sequence[int]) -> list[int]:
    """Make those of the mails that were dropped and have bytes fresh work, as a person's from now on; their numbers."""
    has_bytes = select(RawChunk.ledger_id).where(RawChunk.ledger_id == LedgerRow.id).exists()
    mine = and_(LedgerRow.id == among(numbers), _DROPPED, has_bytes)
    values = {**AS_NEW, "restored_at": func.now()}
    return sorted(session.scalars(update(LedgerRow).where(mine).values(**values).returning(LedgerRow.id)))


def _select_dropped() -> Select[Any]:
    head = func.substr(RawChunk.content, 1, HEAD_BYTES).label("head")
    columns = (LedgerRow, MailboxRow.name.label("mailbox"), _DROP.label("drop"), head)
    # What was erased has no bytes any more.
    first = and_(RawChunk.ledger_id == LedgerRow.id, RawChunk.position == 0)
    joined = select(*columns).join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id).join(RawChunk, first)
    return joined.where(_DROPPED)


def _read(session: Session, statement: Select[Any]) -> list[DroppedMail]:
    return [
        DroppedMail(
            number=row.LedgerRow.id,
            mailbox=row.mailbox,
            stored_at=row.LedgerRow.stored_at,
            sender=row.LedgerRow.sender,
            reason=row.LedgerRow.reason or "",
            drop=row.drop,
            head=bytes(row.head),
        )
        for row in session.execute(statement)
    ]
