"""Where mails of the ledger stand, and those among them that are made fresh work once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mail.mime.headers import HEAD_BYTES
from models.db.base import among
from models.ledger.quarantine import AS_NEW
from models.ledger.rows import LedgerRow, RawChunk


@dataclass(frozen=True, slots=True)
class MailStanding:
    """A mail with its fate, which is None while it waits for a decision, and why it has it.

    `rule` is that of intake, empty where none decided; `drop` is what the mail was taken for where it was dropped.
    `head` are its first 64 KB, None where no bytes are stored; of a `partial` one there are the headers alone.
    """

    row: int
    fate: str | None
    decided_at: datetime | None
    reason: str
    rule: str
    drop: str
    ticket: int | None
    sender: str
    partial: bool
    head: bytes | None


def read_standings(session: Session, numbers: Sequence[int]) -> dict[int, MailStanding]:
    """The standings of those of these mails that there are, by number."""
    head = func.substr(RawChunk.content, 1, HEAD_BYTES).label("head")
    joined = select(LedgerRow, head).outerjoin(
        RawChunk, (RawChunk.ledger_id == LedgerRow.id) & (RawChunk.position == 0)
    )
    return {row.LedgerRow.id: _standing(row) for row in session.execute(joined.where(LedgerRow.id == among(numbers)))}


def make_fresh(session: Session, standing: MailStanding) -> bool:
    """Make a mail that had no effect fresh work; False where its fate is another than in `standing` by now."""
    mine = (LedgerRow.id == standing.row) & (LedgerRow.fate == standing.fate)
    unchanged = mine & LedgerRow.decided_at.is_not_distinct_from(standing.decided_at)
    fresh = update(LedgerRow).where(unchanged).values(**AS_NEW).returning(LedgerRow.id)
    return session.scalar(fresh) is not None


def _standing(row: Any) -> MailStanding:
    ledger, evidence = row.LedgerRow, row.LedgerRow.evidence
    return MailStanding(
        row=ledger.id,
        fate=ledger.fate,
        decided_at=ledger.decided_at,
        reason=ledger.reason or "",
        rule=str(evidence.get("rule", "")),
        drop=str(evidence.get("drop", "")),
        ticket=ledger.ticket_number,
        sender=ledger.sender or "",
        partial=ledger.partial,
        head=None if row.head is None else bytes(row.head),
    )
