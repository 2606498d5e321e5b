"""The cap of questions to staff whether a mail is theirs: how many wait, and when they went or are to go.

Intake asks it before it notes a question, the gate before it lets one go. Each class of `Question` has its own.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from desk.gate import caps
from desk.intake.rule_names import RuleName
from desk.notices.events import EventKind
from desk.notices.held import Question
from desk.notices.waiting import Waiting
from desk.tokens import ReplyKind
from models.db.statement import Statement
from models.events.rows import EventRow
from models.outbox.rows import SENT, OutboxRow

# Far more than ever wait: only so many are asked about in an hour.
MOST_READ: Final = 500
# The class of the question of an event, given by its alias.
QUESTION: Final = "coalesce({event}.details -> 'held' ->> 'question', '" + Question.CLAIMED + "')"

# For how long a held mail waits for its sender's word (docs/security.md#what-a-mail-may-do).
WAITS_FOR: Final = "interval '72 hours'"
# The mails that wait for a person's word, by the questions about them, which are written or about to be.
_WAITING = Statement(f"""
WITH asked AS (
    SELECT o.event_id AS event FROM mail.outbox o
    WHERE o.person_number = :person AND o.kind = '{ReplyKind.CONFIRM}' AND o.written_at > now() - {WAITS_FOR}
    UNION
    SELECT e.id FROM mail.event e
    -- Not `e.fate IS NULL`, by which the index of all that is undecided would be walked.
    WHERE coalesce(e.fate, '') = '' AND e.kind = '{EventKind.MAIL_UNCONFIRMED}' AND e.person_number = :person
)
SELECT e.id AS event, e.cause AS row, {QUESTION.format(event="e")} AS question,
    CASE WHEN e.details #>> '{{held,whole,text}}' IS NOT NULL THEN length(e.details #>> '{{held,whole}}') END AS size
FROM asked JOIN mail.event e ON e.id = asked.event JOIN mail.ledger l ON l.id = e.cause
WHERE l.id <> :row AND l.fate = 'not_applied' AND l.confirmed_at IS NULL AND l.evidence ->> 'rule' = :rule
    AND l.decided_at > now() - {WAITS_FOR}
ORDER BY e.id DESC LIMIT {MOST_READ}
""")


def read_question_times(
    session: Session, person: int, question: Question, outbox_id: int | None, now: datetime
) -> tuple[datetime, ...]:
    """When other questions of this class went to this person within an hour, the latest first.

    A refuted mail is asked about last, so its question waits for those of every class. For a question that is not yet
    written, whose `outbox_id` is None, those that wait count too, at the time when they are due; one that is about to
    go counts only those that went.
    """
    waits_until = case((OutboxRow.fate.is_(None), func.greatest(OutboxRow.written_at, OutboxRow.due_at)))
    turn = OutboxRow.sent_at if outbox_id else func.greatest(OutboxRow.sent_at, waits_until)
    rivals = _questions(person, None if question is Question.REFUTED else question)
    statement = select(turn).where(*rivals, turn > now - caps.HOUR, func.coalesce(OutboxRow.fate, SENT) == SENT)
    others = statement.where(OutboxRow.id != outbox_id) if outbox_id else statement
    return tuple(session.scalars(others.order_by(turn.desc())))


def count_waiting_questions(session: Session, person: int, question: Question) -> int:
    """How many questions of this class to this person wait; whoever asks too waits until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"questions to {person}", 0))))
    unwritten = (EventRow.kind == EventKind.MAIL_UNCONFIRMED, EventRow.person_number == person, EventRow.fate.is_(None))
    events = select(func.count()).select_from(EventRow).where(*unwritten, _is_of_class(question))
    mails = select(func.count()).select_from(OutboxRow).where(*_questions(person, question), OutboxRow.fate.is_(None))
    return session.scalars(events).one() + session.scalars(mails).one()


def read_waiting(session: Session, person: int, row: int) -> list[Waiting]:
    """The mails under this person's address that wait for their word, besides that of ledger row `row`, the latest."""
    values = {"person": person, "row": row, "rule": RuleName.STAFF_WITHOUT_POWER}
    rows = _WAITING.rows(session, values)
    # Of a mail that was asked about twice, the first question.
    return list({row.row: Waiting(row.event, row.row, Question(row.question), row.size) for row in rows}.values())


def _questions(person: int, question: Question | None) -> tuple[ColumnElement[bool], ...]:
    """What is true of the questions to a person, of one class or of all."""
    asked = (OutboxRow.person_number == person, OutboxRow.kind == ReplyKind.CONFIRM)
    return asked if question is None else (*asked, OutboxRow.event_id == EventRow.id, _is_of_class(question))


def _is_of_class(question: Question) -> ColumnElement[bool]:
    stored = EventRow.details["held"]["question"].astext
    return func.coalesce(stored, Question.CLAIMED.value) == question.value
