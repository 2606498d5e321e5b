"""Questions to staff whether a mail is theirs: how many wait for their turn, and when they went or are to go."""

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from desk.gate import caps
from desk.notices.events import EventKind
from desk.tokens import ReplyKind
from models.events.rows import EventRow
from models.outbox.rows import SENT, OutboxRow


def read_question_times(session: Session, person: int, row: int | None, now: datetime) -> tuple[datetime, ...]:
    """When other questions went to this person or, for one not yet written, are to go; the latest first."""
    # One that waits goes when it is due; a mail that is about to go looks only at those that went before it.
    waits_until = case((OutboxRow.fate.is_(None), func.greatest(OutboxRow.written_at, OutboxRow.due_at)))
    turn = OutboxRow.sent_at if row else func.greatest(OutboxRow.sent_at, waits_until)
    statement = select(turn).where(
        *_questions(person), turn > now - caps.HOUR, func.coalesce(OutboxRow.fate, SENT) == SENT
    )
    others = statement.where(OutboxRow.id != row) if row else statement
    return tuple(session.scalars(others.order_by(turn.desc())))


def _questions(person: int) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.person_number == person, OutboxRow.kind == ReplyKind.CONFIRM


def count_waiting_questions(session: Session, person: int) -> int:
    """How many questions to this person did not go out yet; others who ask that wait until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"questions to {person}", 0))))
    told = (EventRow.kind == EventKind.MAIL_UNCONFIRMED, EventRow.person_number == person, EventRow.fate.is_(None))
    events = session.scalars(select(func.count()).select_from(EventRow).where(*told)).one()
    mails = select(func.count()).select_from(OutboxRow).where(*_questions(person), OutboxRow.fate.is_(None))
    return events + session.scalars(mails).one()
