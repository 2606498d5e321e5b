"""Events in quarantine: changes that could not be announced, and wait for an admin who has them tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, and_, case, func, select, text, update
from sqlalchemy.orm import Session

from desk.notices.events import EventKind
from models.db.base import among
from models.events.rows import EventRow

QUARANTINED = "quarantined"

# What is older than `announce_within` is parked. That is a day at least, so what is given back counts as fresh news.
_FRESH = func.now() - text("interval '12 hours'")
# What tells the admins of trouble is no news itself: it would be reported by the next of its kind without an end.
_TELLS_OF_TROUBLE = (EventKind.ALERT, EventKind.QUARANTINE_DIGEST)


@dataclass(frozen=True, slots=True)
class QuarantinedEvent:
    """A change that could not be announced; `reported_at` is when the admins were told that it waits here."""

    number: int
    kind: EventKind
    ticket: int | None
    field: str | None
    tries: int
    reason: str
    error: str | None
    happened_at: datetime
    quarantined_at: datetime | None
    reported_at: datetime | None


def read_quarantined_events(
    session: Session, numbers: Sequence[int] | None = None, *, most: int | None = None, after: int = 0
) -> list[QuarantinedEvent]:
    """The events in quarantine, or those among these numbers, the oldest first: `most` of them, above `after`."""
    statement = _select().where(EventRow.id > after).limit(most)
    if numbers is not None:
        statement = statement.where(EventRow.id == among(numbers))
    return [_event(row) for row in session.execute(statement)]


def take_unreported_events(session: Session, most: int) -> list[QuarantinedEvent]:
    """The oldest events that no admin was told of, locked; those that another transaction has taken are left out."""
    statement = _select().where(EventRow.announced_at.is_(None), EventRow.kind.not_in(_TELLS_OF_TROUBLE)).limit(most)
    return [_event(row) for row in session.execute(statement.with_for_update(skip_locked=True))]


def set_events_reported(session: Session, numbers: Sequence[int]) -> None:
    """Record that the admins are told of these events, which is all that will be announced of them."""
    session.execute(update(EventRow).where(EventRow.id == among(numbers)).values(announced_at=func.now()))


def give_back_events(session: Session, numbers: Sequence[int]) -> list[int]:
    """Make events in quarantine fresh work, with all others of their transactions on their tickets; their ids."""
    groups = select(EventRow.transaction, EventRow.ticket_number).where(EventRow.id == among(numbers)).subquery()
    together = (
        select(EventRow.id)
        .join(
            groups,
            and_(
                EventRow.transaction == groups.c.transaction,
                EventRow.ticket_number.is_not_distinct_from(groups.c.ticket_number),
            ),
        )
        .where(EventRow.fate == QUARANTINED)
    )
    fresh = {
        "fate": None,
        "reason": None,
        "error": None,
        "decided_at": None,
        "announced_at": None,
        "tries": 0,
        "due_at": func.now(),
        "happened_at": case((EventRow.happened_at < _FRESH, func.now()), else_=EventRow.happened_at),
    }
    given = update(EventRow).where(EventRow.id.in_(together)).values(**fresh).returning(EventRow.id)
    return sorted(session.scalars(given))


def drop_event(session: Session, number: int) -> bool:
    """Decide that nobody is told of an event in quarantine; False where it is not in quarantine."""
    mine = update(EventRow).where(EventRow.id == number, EventRow.fate == QUARANTINED)
    reason = func.concat("It was dropped by command. It had been put into quarantine: ", EventRow.reason)
    dropped = mine.values(fate="dropped", reason=reason, decided_at=func.now()).returning(EventRow.id)
    return session.scalar(dropped) is not None


def _select() -> Select[*tuple[EventRow]]:
    return select(EventRow).where(EventRow.fate == QUARANTINED).order_by(EventRow.id)


def _event(found: Row[*tuple[EventRow]]) -> QuarantinedEvent:
    row = found[0]
    return QuarantinedEvent(
        number=row.id,
        kind=EventKind(row.kind),
        ticket=row.ticket_number,
        field=row.field,
        tries=row.tries,
        reason=row.reason or "",
        error=row.error,
        happened_at=row.happened_at,
        quarantined_at=row.decided_at,
        reported_at=row.announced_at,
    )
