"""What stands behind the mails that we sent: the mails and notes that caused them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from desk.facts import AnsweredNotice
from desk.intake.decision import RuleName
from models.events.rows import EventRow
from models.ledger.rows import LedgerRow
from models.outbox.rows import OutboxRow
from models.tickets.notes import Note, author_to_accept


def read_answered(session: Session, ids: Sequence[int]) -> dict[int, AnsweredNotice]:
    """What stands behind each of these mails of ours."""
    waits = and_(
        LedgerRow.fate == "not_applied",
        LedgerRow.confirmed_at.is_(None),
        LedgerRow.evidence["rule"].astext == RuleName.STAFF_WITHOUT_POWER,
    )
    statement = (
        select(OutboxRow.id, OutboxRow.written_at, EventRow.cause, EventRow.note_id, waits.label("waits"))
        .outerjoin(EventRow, EventRow.id == OutboxRow.event_id)
        .outerjoin(LedgerRow, LedgerRow.id == EventRow.cause)
        .where(OutboxRow.id.in_(ids))
    )
    return {row.id: _answered(session, row) for row in session.execute(statement)}


def _answered(session: Session, row: Row[*tuple[Any, ...]]) -> AnsweredNotice:
    note = session.get(Note, row.note_id) if row.note_id else None
    if note is None or note.accepted_at is not None:
        return AnsweredNotice(row.cause, row.written_at, bool(row.waits))
    return AnsweredNotice(
        row.cause, row.written_at, bool(row.waits), note.id, note.text, author_to_accept(session, note)
    )
