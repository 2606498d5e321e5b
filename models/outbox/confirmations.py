"""The cap of questions to staff whether a mail is theirs: how many wait, and when they went or are to go.

Intake asks it before it notes a question, the gate before it lets one go.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from desk.gate import caps
from desk.notices.events import EventKind
from desk.tokens import ReplyKind
from models.events.rows import EventRow
from models.outbox.rows import SENT, OutboxRow


def read_question_times(session: Session, person: int, outbox_id: int | None, now: datetime) -> tuple[datetime, ...]:
    """When other questions went to this person within an hour, the latest first.

    For a question that is not yet written, whose `outbox_id` is None, those that wait count too, at the time when they
    are due; one that is about to go counts only those that went.
    """
    waits_until = case((OutboxRow.fate.is_(None), func.greatest(OutboxRow.written_at, OutboxRow.due_at)))
    turn = OutboxRow.sent_at if outbox_id else func.greatest(OutboxRow.sent_at, waits_until)
    statement = select(turn).where(
        *_questions(person), turn > now - caps.HOUR, func.coalesce(OutboxRow.fate, SENT) == SENT
    )
    others = statement.where(OutboxRow.id != outbox_id) if outbox_id else statement
    return tuple(session.scalars(others.order_by(turn.desc())))


def count_waiting_questions(session: Session, person: int) -> int:
    """How many questions to this person did not go yet; whoever asks too waits until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"questions to {person}", 0))))
    unwritten = (EventRow.kind == EventKind.MAIL_UNCONFIRMED, EventRow.person_number == person, EventRow.fate.is_(None))
    events = session.scalars(select(func.count()).select_from(EventRow).where(*unwritten)).one()
    mails = select(func.count()).select_from(OutboxRow).where(*_questions(person), OutboxRow.fate.is_(None))
    return events + session.scalars(mails).one()


def _questions(person: int) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.person_number == person, OutboxRow.kind == ReplyKind.CONFIRM
