"""The rows that a report is made from, read in five statements that load no tickets of the far past."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Row, Text, any_, cast, func, literal_column, select, union
from sqlalchemy.orm import Session

from desk.reports.report import OPEN, Activity, ReportTicket, Rows, Totals, series_start
from desk.reports.schedule import Period
from desk.ticket import Status
from models.db.base import UtcMillis
from models.ledger.proof import refuted_opener
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import (
    HAS_UNKNOWN_STATUSES,
    STATUS_COLUMN,
    UNKNOWN_STATUS,
    Comment,
    Ticket,
    TicketActivity,
    User,
)

LATEST = 10
# So many of the newest activities are searched for the latest tickets; one ticket may have many of them.
LINES = 500

# The columns of a ticket in a report. Without a label, a union would give each its name in the table.
TICKET_COLUMNS = (
    Ticket.id.label("id"),
    Ticket.title.label("title"),
    STATUS_COLUMN,
    Ticket.priority.label("priority"),
    Ticket.category.label("category"),
    Ticket.assigned_to_id.label("assigned_to_id"),
    Ticket.created_at.label("created_at"),
    Ticket.resolved_at.label("resolved_at"),
    Ticket.closed_at.label("closed_at"),
)


def gather_figures(session: Session, period: Period, now: datetime) -> Rows:
    """Read what `desk.reports.report.figures` sums up: open tickets, those touched in the period, and totals.

    The first answer is the first comment by somebody other than the ticket's creator. The web app's dashboard takes
    the first comment of all, so there a customer's own "one more thing" counts as an answer; a report on how long
    customers wait must not count it.
    """
    first_answers = _read_first_answers(session, period)
    return Rows(
        _read_tickets(session, series_start(period, now), first_answers), _count_tickets(session), _read_latest(session)
    )


def _read_tickets(session: Session, since: datetime, first_answers: Mapping[str, datetime]) -> tuple[ReportTicket, ...]:
    # Number by number, for a join over some percent of the tickets would read all numbers.
    number = select(TicketAnchor.number).where(TicketAnchor.ticket_id == Ticket.id).scalar_subquery()
    columns = (number.label("number"), *TICKET_COLUMNS)
    finished_at = func.greatest(Ticket.resolved_at, Ticket.closed_at, type_=UtcMillis())
    # Each has an index of its own. One condition with OR would read all tickets: no index knows them all.
    odd = select(*columns).where(UNKNOWN_STATUS, finished_at.is_(None))
    touched = union(
        select(*columns).where(Ticket.status.in_(OPEN)),
        select(*columns).where(Ticket.created_at >= since),
        select(*columns).where(finished_at >= since),
        select(*columns).where(Ticket.id == any_(cast(list(first_answers), ARRAY(Text)))),
        *([odd] if session.scalar(HAS_UNKNOWN_STATUSES) else []),
    )
    rows = [row for row in session.execute(touched.order_by("number")) if row.number]
    names = _read_names(session, {row.assigned_to_id for row in rows} - {None})
    return tuple(_ticket(row, names, first_answers.get(row.id)) for row in rows)


def _ticket(
    row: Row[*tuple[Any, ...]], names: Mapping[str | None, str], first_answer_at: datetime | None
) -> ReportTicket:
    return ReportTicket(
        number=row.number,
        title=row.title,
        status=row.status,
        priority=row.priority,
        category=row.category,
        assignee=names.get(row.assigned_to_id),
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        first_answer_at=first_answer_at,
    )


def _read_first_answers(session: Session, period: Period) -> dict[str, datetime]:
    """When each ticket got its first answer, by ticket id, for those that got it in the period.

    Asked ticket by ticket, PostgreSQL walks all comments by time for each, minutes long where it has no statistics.
    """
    commented = select(Comment.ticket_id).where(Comment.created_at.between(period.start, period.end))
    first = func.min(Comment.created_at)
    rows = session.execute(
        select(Comment.ticket_id, first)
        .join(Ticket, Ticket.id == Comment.ticket_id)
        .where(Comment.ticket_id.in_(commented), Comment.user_id != Ticket.created_by_id)
        .group_by(Comment.ticket_id)
        .having(first.between(period.start, period.end))
    )
    return dict(rows.all())


def _read_names(session: Session, user_ids: Collection[str]) -> dict[str | None, str]:
    """The names of people by id, as the web app shows them; who has none or a namesake is shown with the address."""
    people = session.execute(select(User.id, User.name, User.email).where(User.id.in_(user_ids))).all()
    names = {person.id: (person.name or "").strip() or person.email for person in people}
    bearers = Counter(names.values())
    return {
        person.id: names[person.id] if bearers[names[person.id]] == 1 else f"{names[person.id]} <{person.email}>"
        for person in people
    }


def _count_tickets(session: Session) -> Totals:
    counts = Counter[Status]()
    # Several statuses that we do not know are read as the same neighbour.
    for status, count in session.execute(select(Ticket.status, func.count()).group_by(Ticket.status)):
        counts[status] += count
    finished = func.greatest(Ticket.resolved_at, Ticket.closed_at).is_not(None)
    odd = select(func.count()).select_from(Ticket).where(UNKNOWN_STATUS, finished)
    ended = (session.scalar(odd) or 0) if session.scalar(HAS_UNKNOWN_STATUSES) else 0
    total, still_open = counts.total(), sum(counts[status] for status in OPEN) - ended
    return Totals(total=total, open=still_open, closed=total - still_open)


def _read_latest(session: Session) -> tuple[Activity, ...]:
    """The tickets with the latest activities, each once, the latest first."""
    lines = select(TicketActivity.ticket_id, TicketActivity.created_at).order_by(TicketActivity.created_at.desc())
    newest = lines.limit(LINES).subquery()
    rows = session.execute(
        select(TicketAnchor.number, Ticket.title, STATUS_COLUMN, literal_column(refuted_opener("mail.ticket.number")))
        .join(Ticket, Ticket.id == TicketAnchor.ticket_id)
        .join(newest, newest.c.ticket_id == Ticket.id)
        .group_by(TicketAnchor.number, Ticket.id)
        .order_by(func.max(newest.c.created_at).desc(), TicketAnchor.number.desc())
        .limit(LATEST)
    )
    return tuple(Activity(*row) for row in rows)
