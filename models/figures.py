"""What a report is made from, read in four statements that load nothing of the desk's far past."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from desk.report import OPEN, Activity, Rows, TicketRow, Totals, series_start
from desk.schedule import Period
from models.anchors import TicketAnchor
from models.supportdesk import Comment, Ticket, TicketActivity, User

LATEST = 10
# The newest lines of history that are looked through for the latest tickets; one ticket may hold many of them.
LINES = 500


def gather_figures(session: Session, period: Period, now: datetime) -> Rows:
    """Read what `desk.report.figures` sums up: open tickets, those touched in the period or the series, and totals.

    The first answer is the first comment by somebody other than the ticket's creator. The web app's dashboard takes
    the first comment of all, so there a customer's own "one more thing" counts as an answer; a report on how long
    customers wait must not count it.
    """
    since = series_start(period, now)
    return Rows(_tickets(session, period, since), _totals(session), _latest(session))


def _tickets(session: Session, period: Period, since: datetime) -> tuple[TicketRow, ...]:
    answered = _answered(period)
    sorts = (Ticket.status, Ticket.priority, Ticket.category, Ticket.assigned_to_id)
    times = (Ticket.created_at, Ticket.resolved_at, Ticket.closed_at, answered.c.first_answer_at)
    numbered = select(TicketAnchor.number, Ticket.title, *sorts, *times)
    anchored = numbered.join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
    rows = anchored.outerjoin(answered, answered.c.ticket_id == Ticket.id).order_by(TicketAnchor.number)
    found = session.execute(rows.where(or_(_touched(since), answered.c.ticket_id.is_not(None)))).all()
    names = _names(session, {row.assigned_to_id for row in found} - {None})
    return tuple(_ticket(row, names) for row in found)


def _ticket(row: Row[*tuple[Any, ...]], names: Mapping[str | None, str]) -> TicketRow:
    return TicketRow(
        number=row.number,
        title=row.title,
        status=row.status,
        priority=row.priority,
        category=row.category,
        assignee=names.get(row.assigned_to_id),
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        first_answer_at=row.first_answer_at,
    )


def _touched(since: datetime) -> ColumnElement[bool]:
    lately = (moment >= since for moment in (Ticket.created_at, Ticket.resolved_at, Ticket.closed_at))
    return or_(Ticket.status.in_(OPEN), *lately)


def _answered(period: Period) -> CTE:
    """Select the tickets whose first answer was given in the period.

    Asked ticket by ticket, PostgreSQL walks all comments by time for each, minutes long where it has no statistics.
    """
    commented = select(Comment.ticket_id).where(Comment.created_at.between(period.start, period.end))
    first = func.min(Comment.created_at)
    return (
        select(Comment.ticket_id, first.label("first_answer_at"))
        .join(Ticket, Ticket.id == Comment.ticket_id)
        .where(Comment.ticket_id.in_(commented), Comment.user_id != Ticket.created_by_id)
        .group_by(Comment.ticket_id)
        .having(first.between(period.start, period.end))
        .cte("answered")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _names(session: Session, user_ids: Collection[str]) -> dict[str | None, str]:
    """Name people as the web app does, by address where they have no name; two of one name show their addresses."""
    people = session.execute(select(User.id, User.name, User.email).where(User.id.in_(user_ids))).all()
    shown = {person.id: (person.name or "").strip() or person.email for person in people}
    bearers = Counter(shown.values())
    return {
        person.id: shown[person.id] if bearers[shown[person.id]] == 1 else f"{shown[person.id]} <{person.email}>"
        for person in people
    }


def _totals(session: Session) -> Totals:
    counts = dict(session.execute(select(Ticket.status, func.count()).group_by(Ticket.status)).all())
    total, still_open = sum(counts.values()), sum(counts.get(status, 0) for status in OPEN)
    return Totals(total=total, open=still_open, closed=total - still_open)


def _latest(session: Session) -> tuple[Activity, ...]:
    """Read the tickets that something happened on last, each once."""
    lines = select(TicketActivity.ticket_id, TicketActivity.created_at).order_by(TicketActivity.created_at.desc())
    newest = lines.limit(LINES).subquery()
    found = session.execute(
        select(TicketAnchor.number, Ticket.title, Ticket.status)
        .join(Ticket, Ticket.id == TicketAnchor.ticket_id)
        .join(newest, newest.c.ticket_id == Ticket.id)
        .group_by(TicketAnchor.number, Ticket.id)
        .order_by(func.max(newest.c.created_at).desc(), TicketAnchor.number.desc())
        .limit(LATEST)
    )
    return tuple(Activity(*row) for row in found)
