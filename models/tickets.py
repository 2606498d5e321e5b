"""Tickets, comments and activities: read as values, written by the web app's conventions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk import ticket as values
from desk.facts import KnownTicket
from desk.ticket import Category, Person, Priority, Status
from models.anchors import PersonAnchor, TicketAnchor
from models.conversation import Participant
from models.cuid import new_id
from models.people import read_people
from models.supportdesk import Comment, Ticket, TicketActivity

_OVER = frozenset({Status.RESOLVED, Status.CLOSED})


def read_tickets(session: Session, numbers: Sequence[int], *, lock: bool = False) -> dict[int, values.Ticket]:
    """The tickets with these numbers that still exist; locked in the order of their numbers where asked."""
    if not numbers:
        return {}
    creator, owner = PersonAnchor.__table__.alias("creator"), PersonAnchor.__table__.alias("owner")
    statement = (
        select(Ticket, TicketAnchor.number, creator.c.number.label("creator"), owner.c.number.label("owner"))
        .join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
        .join(creator, creator.c.user_id == Ticket.created_by_id)
        .outerjoin(owner, owner.c.user_id == Ticket.assigned_to_id)
        .where(TicketAnchor.number.in_(numbers))
        .order_by(TicketAnchor.number)
        .execution_options(populate_existing=True)
    )
    if lock:
        statement = statement.with_for_update(of=Ticket, key_share=True)
    rows = session.execute(statement).all()
    people = read_people(session, [number for row in rows for number in (row.creator, row.owner) if number])
    return {row.number: _value(row, people) for row in rows}


def _value(row: Row[*tuple[Any, ...]], people: dict[int, Person]) -> values.Ticket:
    found: Ticket = row.Ticket
    return values.Ticket(
        number=row.number,
        ticket_id=found.id,
        title=found.title,
        description=found.description,
        status=found.status,
        priority=found.priority,
        category=found.category,
        customer=people[row.creator],
        assignee=people.get(row.owner),
        created_at=found.created_at,
    )


def read_participants(session: Session, numbers: Sequence[int]) -> dict[int, list[int]]:
    """Who takes part in these tickets, by their numbers."""
    rows = session.execute(select(Participant).where(Participant.ticket_number.in_(numbers))).scalars()
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.ticket_number, []).append(row.person_number)
    return found


def known_tickets(session: Session, numbers: Sequence[int]) -> dict[int, KnownTicket]:
    """The tickets with these numbers, locked, with who takes part in them; the customer always does."""
    tickets = read_tickets(session, numbers, lock=True)
    participants = read_participants(session, list(tickets))
    return {
        number: KnownTicket(ticket, frozenset({ticket.customer.number, *participants.get(number, ())}))
        for number, ticket in tickets.items()
    }


def add_ticket(
    session: Session,
    customer: Person,
    text: tuple[str, str],
    filing: tuple[Category, Priority],
    owner: Person | None,
    now: datetime,
) -> values.Ticket:
    """Insert a ticket (title and description) with its activity; the trigger gives it its number."""
    ticket_id = new_id()
    row = {"id": ticket_id, "title": text[0], "description": text[1], "category": filing[0], "priority": filing[1]}
    people = {"created_by_id": customer.user_id, "assigned_to_id": owner.user_id if owner else None}
    session.execute(insert(Ticket).values(**row, **people, created_at=now, updated_at=now))
    anchor = select(TicketAnchor.number).where(TicketAnchor.ticket_id == ticket_id)
    number = session.scalars(anchor).one()
    add_participant(session, number, customer.number)
    add_activity(session, ticket_id, customer, "created", f"Ticket created: {text[0]}", now)
    return read_tickets(session, [number])[number]


def set_continues(session: Session, number: int, closed: int) -> None:
    """Link a ticket to the closed one that it goes on from."""
    session.execute(update(TicketAnchor).where(TicketAnchor.number == number).values(continues=closed))


def add_participant(session: Session, number: int, person: int) -> None:
    """Let somebody take part in a ticket."""
    row = insert(Participant).values(ticket_number=number, person_number=person)
    session.execute(row.on_conflict_do_nothing())


def add_comment(session: Session, ticket: values.Ticket, author: Person, text: str, now: datetime) -> str:
    """Insert a comment with its activity and touch the ticket; the comment's id."""
    comment = new_id()
    row = {"id": comment, "content": text, "ticket_id": ticket.ticket_id, "user_id": author.user_id}
    session.execute(insert(Comment).values(**row, created_at=now, updated_at=now))
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(updated_at=now))
    add_activity(session, ticket.ticket_id, author, "commented", "Added a comment", now)
    return comment


def add_activity(
    session: Session, ticket_id: str, person: Person, action: str, description: str, now: datetime
) -> None:
    """Insert one line of a ticket's history."""
    row = {"id": new_id(), "ticket_id": ticket_id, "user_id": person.user_id, "action": action}
    session.execute(insert(TicketActivity).values(**row, description=description, created_at=now))


def set_status(session: Session, ticket: values.Ticket, status: Status, actor: Person, now: datetime) -> None:
    """Change the status; `resolvedAt` and `closedAt` are set on the transition and cleared by reopening."""
    row: dict[str, Any] = {"status": status, "updated_at": now}
    row |= {"resolved_at": now} if status is Status.RESOLVED else {}
    row |= {"closed_at": now} if status is Status.CLOSED else {}
    row |= {"resolved_at": None, "closed_at": None} if status not in _OVER else {}
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(**row))
    _updated(session, ticket, actor, f"Status changed from {ticket.status} to {status}", now)


def set_priority(session: Session, ticket: values.Ticket, priority: Priority, actor: Person, now: datetime) -> None:
    """Change the priority."""
    row = {"priority": priority, "updated_at": now}
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(**row))
    _updated(session, ticket, actor, f"Priority changed from {ticket.priority} to {priority}", now)


def set_category(session: Session, ticket: values.Ticket, category: Category, actor: Person, now: datetime) -> None:
    """Change the category."""
    row = {"category": category, "updated_at": now}
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(**row))
    _updated(session, ticket, actor, f"Category changed from {ticket.category} to {category}", now)


def set_assignee(session: Session, ticket: values.Ticket, owner: Person | None, actor: Person, now: datetime) -> None:
    """Give the ticket to somebody, or to nobody."""
    row = {"assigned_to_id": owner.user_id if owner else None, "updated_at": now}
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(**row))
    _updated(session, ticket, actor, "Ticket assigned" if owner else "Ticket unassigned", now)


def _updated(session: Session, ticket: values.Ticket, actor: Person, description: str, now: datetime) -> None:
    add_activity(session, ticket.ticket_id, actor, "updated", description, now)
