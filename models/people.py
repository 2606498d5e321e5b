"""People as SupportDesk's "User" rows, our numbers and our staff list know them together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, collate, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.routing import Candidate
from desk.ticket import STAFF_ROLES, Person, Role, Status
from mail.message import Address
from models.anchors import PersonAnchor, TicketAnchor
from models.assignments import AssignmentRow
from models.cuid import new_id
from models.staff import StaffRow
from models.supportdesk import Ticket, User

UNFINISHED = (Status.OPEN, Status.IN_PROGRESS)

# Where two rows fold to one address, the lesser power counts (SECURITY, section Who is who).
_POWER = case((User.role == Role.CUSTOMER, 0), (User.role == Role.AGENT, 1), else_=2)


def folded(column: Any) -> ColumnElement[str]:
    """An address in comparable form: only ASCII is lowered, whatever the database's locale is."""
    return func.lower(collate(column, "C"))


def _selected() -> Select[*tuple[Any, ...]]:
    agrees = and_(StaffRow.person_number == PersonAnchor.number, StaffRow.email == folded(User.email))
    return (
        select(PersonAnchor.number, User.id, User.email, User.name, User.role, StaffRow.role.label("staff_role"))
        .join(User, User.id == PersonAnchor.user_id)
        .outerjoin(StaffRow, agrees)
    )


def person_of(row: Row[*tuple[Any, ...]]) -> Person:
    """A selected row as a value; staff only where the role in both places is the same."""
    staff = Role(row.staff_role) if row.staff_role == row.role and row.role in STAFF_ROLES else None
    name = row.name or row.email.partition("@")[0]
    return Person(row.number, row.id, row.email.lower() if row.email.isascii() else row.email, name, row.role, staff)


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, which is in comparable form already."""
    statement = _selected().where(folded(User.email) == email).order_by(_POWER, User.created_at).limit(1)
    row = session.execute(statement).one_or_none()
    return person_of(row) if row else None


def read_people(session: Session, numbers: Sequence[int]) -> dict[int, Person]:
    """The people with these numbers that still exist."""
    if not numbers:
        return {}
    rows = session.execute(_selected().where(PersonAnchor.number.in_(numbers)))
    return {row.number: person_of(row) for row in rows}


def read_staff(session: Session, role: Role | None = None) -> tuple[Person, ...]:
    """Everybody who is staff now, oldest first; of one role where it is given."""
    people = (person_of(row) for row in session.execute(_selected().order_by(PersonAnchor.number)))
    return tuple(one for one in people if one.is_staff and role in {None, one.role})


def ensure_person(session: Session, address: Address, now: datetime) -> Person:
    """The person with this address, made as a customer where there is none."""
    found = find_person(session, address.email)
    if found:
        return found
    made = insert(User).values(
        id=new_id(),
        name=address.name or None,
        email=address.email,
        role=Role.CUSTOMER,
        created_at=now,
        updated_at=now,
    )
    # Two first mails of one sender may meet here; the second takes the row of the first.
    session.execute(made.on_conflict_do_nothing(index_elements=[User.email]))
    found = find_person(session, address.email)
    assert found, "a row that was just written is there to be read"
    return found


def candidates(session: Session) -> tuple[Candidate, ...]:
    """All staff as routing sees them: their load and when they were given a ticket last."""
    load = (
        select(Ticket.assigned_to_id, func.count().label("open"))
        .where(Ticket.status.in_(UNFINISHED), Ticket.assigned_to_id.is_not(None))
        .group_by(Ticket.assigned_to_id)
        .subquery()
    )
    given = (
        select(AssignmentRow.person_number, func.max(AssignmentRow.assigned_at).label("last"))
        .group_by(AssignmentRow.person_number)
        .subquery()
    )
    statement = (
        _selected()
        .add_columns(func.coalesce(load.c.open, 0).label("open"), given.c.last)
        .outerjoin(load, load.c.assigned_to_id == User.id)
        .outerjoin(given, given.c.person_number == PersonAnchor.number)
        .where(StaffRow.role.is_not(None))
        .order_by(PersonAnchor.number)
    )
    rows = [(person_of(row), row) for row in session.execute(statement)]
    return tuple(
        Candidate(one.number, one.email, one.name, one.role, row.open, row.last, away=False)
        for one, row in rows
        if one.is_staff
    )


def served_before(session: Session, person: int) -> int | None:
    """Who has, or last had, a ticket of this customer."""
    agent = PersonAnchor.__table__.alias("agent")
    statement = (
        select(agent.c.number)
        .join(Ticket, Ticket.assigned_to_id == agent.c.user_id)
        .join(PersonAnchor, PersonAnchor.user_id == Ticket.created_by_id)
        .join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
        .where(PersonAnchor.number == person)
        .order_by(Ticket.created_at.desc())
        .limit(1)
    )
    return session.scalar(statement)
