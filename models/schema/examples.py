"""Example people and tickets, which are put into a database once, each under an id of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Session

from desk.ticket import STAFF_ROLES, Category, Priority, Role, Status
from models.people.staff import StaffRow
from models.supportdesk.anchors import PersonAnchor, TicketAnchor
from models.supportdesk.tables import Comment, Ticket, TicketActivity, User
from models.tickets.participants import Participant


@dataclass(frozen=True, slots=True)
class ExamplePerson:
    """A person; an agent or admin goes into the staff list too."""

    id: str
    email: str
    name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExampleComment:
    """What somebody wrote on a ticket."""

    id: str
    user_id: str
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExampleActivity:
    """One line of a ticket's history."""

    id: str
    user_id: str
    action: str
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExampleTicket:
    """A ticket as it stands, with its comments and its history."""

    id: str
    title: str
    description: str
    status: Status
    priority: Priority
    category: Category
    created_by_id: str
    assigned_to_id: str | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    comments: tuple[ExampleComment, ...]
    activities: tuple[ExampleActivity, ...]


@dataclass(frozen=True, slots=True)
class PlantResult:
    """How many people and tickets were new; nothing was planted where others have the addresses in `conflicts`."""

    people: int
    tickets: int
    conflicts: tuple[str, ...]


def plant(session: Session, people: Sequence[ExamplePerson], tickets: Sequence[ExampleTicket]) -> PlantResult:
    """Insert the people and tickets that are not there yet; rows that are there stay as they are."""
    ids = {person.email: person.id for person in people}
    known = session.execute(select(User.email, User.id).where(User.email.in_(ids)).order_by(User.email))
    conflicts = tuple(email for email, user_id in known if ids[email] != user_id)
    if conflicts:
        return PlantResult(0, 0, conflicts)
    new_people = sum(_plant_person(session, person) for person in people)
    return PlantResult(new_people, sum(_plant_ticket(session, ticket) for ticket in tickets), ())


def _plant_person(session: Session, person: ExamplePerson) -> bool:
    columns = {"email": person.email, "name": person.name, "role": person.role}
    times = {"created_at": person.created_at, "updated_at": person.created_at}
    if not _insert(session, User, id=person.id, **columns, **times):
        return False
    if person.role in STAFF_ROLES:
        number = _person_number(session, person.id)
        _insert(session, StaffRow, person_number=number, email=person.email, role=person.role, since=person.created_at)
    return True


def _plant_ticket(session: Session, ticket: ExampleTicket) -> bool:
    if not _insert(session, Ticket, **_columns(ticket)):
        return False
    for comment in ticket.comments:
        _insert(session, Comment, ticket_id=ticket.id, updated_at=comment.created_at, **_columns(comment))
    for activity in ticket.activities:
        _insert(session, TicketActivity, ticket_id=ticket.id, **_columns(activity))
    number = session.scalars(select(TicketAnchor.number).where(TicketAnchor.ticket_id == ticket.id)).one()
    customer = _person_number(session, ticket.created_by_id)
    _insert(session, Participant, ticket_number=number, person_number=customer, since=ticket.created_at)
    return True


def _columns(value: ExampleTicket | ExampleComment | ExampleActivity) -> dict[str, object]:
    names = [name for name in value.__slots__ if name not in {"comments", "activities"}]
    return {name: getattr(value, name) for name in names}


def _person_number(session: Session, user_id: str) -> int:
    return session.scalars(select(PersonAnchor.number).where(PersonAnchor.user_id == user_id)).one()


def _insert(session: Session, table: type[DeclarativeBase], **values: object) -> bool:
    """Insert a row; False where there is one with the same key."""
    inserted = session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(1))
    return inserted.scalar() is not None
