"""Lists of tickets for people: the newest first, page by page, each page at the cost of the first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from desk.ticket import Category, Priority, Status
from models.db.base import among
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import HAS_UNKNOWN_STATUSES, STATUS, STATUS_COLUMN, UNKNOWN_STATUS, Ticket, User

CUSTOMER, _OWNER = aliased(User), aliased(User)
# Each ticket as a line, by the names of its fields.
LINES = (
    select(
        TicketAnchor.number,
        STATUS_COLUMN,
        Ticket.priority,
        Ticket.category,
        CUSTOMER.email.label("customer"),
        func.coalesce(CUSTOMER.name, "").label("customer_name"),
        _OWNER.email.label("owner"),
        Ticket.title,
        Ticket.created_at.label("opened_at"),
        Ticket.updated_at.label("changed_at"),
    )
    .join(Ticket, Ticket.id == TicketAnchor.ticket_id)
    .join(CUSTOMER, CUSTOMER.id == Ticket.created_by_id)
    .outerjoin(_OWNER, _OWNER.id == Ticket.assigned_to_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets are wanted; what is empty or None chooses all.

    `customer` and `owner` are addresses in comparable form; `unassigned` wants those of nobody, `numbers` only these.
    """

    statuses: tuple[Status, ...] = ()
    priority: Priority | None = None
    category: Category | None = None
    customer: str = ""
    owner: str = ""
    unassigned: bool = False
    numbers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTicket:
    """One line of a list; `owner` is None for a ticket of nobody, times are UTC."""

    number: int
    status: str
    priority: str
    category: str
    customer: str
    customer_name: str
    owner: str | None
    title: str
    opened_at: datetime
    changed_at: datetime


def list_tickets(session: Session, wanted: TicketFilter, most: int, before: int | None = None) -> list[ListedTicket]:
    """So many tickets at most with numbers below `before` (None: from the newest on), in falling order."""
    statement = LINES.order_by(TicketAnchor.number.desc()).limit(most)
    if before is not None:
        statement = statement.where(TicketAnchor.number < before)
    rows = session.execute(statement.where(*_conditions(session, wanted)))
    return [ListedTicket(**row) for row in rows.mappings()]


def _conditions(session: Session, wanted: TicketFilter) -> list[ColumnElement[bool]]:
    conditions = has_status(session, wanted.statuses) if wanted.statuses else []
    if wanted.priority:
        conditions.append(Ticket.priority == wanted.priority)
    if wanted.category:
        conditions.append(Ticket.category == wanted.category)
    if wanted.customer:
        conditions.append(Ticket.created_by_id.in_(_ids_of(wanted.customer)))
    if wanted.owner:
        conditions.append(Ticket.assigned_to_id.in_(_ids_of(wanted.owner)))
    if wanted.unassigned:
        conditions.append(Ticket.assigned_to_id.is_(None))
    if wanted.numbers is not None:
        conditions.append(TicketAnchor.number == among(wanted.numbers))
    return conditions


def has_status(session: Session, statuses: tuple[Status, ...]) -> list[ColumnElement[bool]]:
    """What the index of the column finds, and of statuses that the web application added those that are read as one."""
    by_index: ColumnElement[bool] = Ticket.status.in_(statuses)
    if not session.scalar(HAS_UNKNOWN_STATUSES):
        return [by_index]
    return [
        or_(by_index, UNKNOWN_STATUS),
        literal_column(STATUS.format('"Ticket"')).in_([str(one) for one in statuses]),
    ]


def _ids_of(email: str) -> Select[str]:
    return select(User.id).where(func.lower(User.email.collate("C")) == email)
