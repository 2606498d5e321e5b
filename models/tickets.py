"""Tickets, comments and activities: read as values, written by the web app's conventions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from desk import ticket as values
from desk.facts import KnownTicket
from desk.ticket import Category, Person, Priority, Status
from models.anchors import PersonAnchor, TicketAnchor
from models.asking import Ask
from models.base import table_of, utc_millis
from models.conversation import Participant
from models.cuid import new_id
from models.people import read_people
from models.supportdesk import Ticket

_TICKET = Ask("""
INSERT INTO public."Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId",
    "createdAt", "updatedAt")
VALUES (:id, :title, :description, 'open', CAST(:priority AS public."TicketPriority"),
    CAST(:category AS public."TicketCategory"), :creator, :owner, :now, :now)
""")
_COMMENT = Ask("""
INSERT INTO public."Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
VALUES (:id, :content, :ticket, :author, :now, :now)
""")
_ACTIVITY = Ask("""
INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
SELECT id, :ticket, :person, action, description, :now
FROM unnest(CAST(:ids AS text[]), CAST(:actions AS text[]), CAST(:descriptions AS text[]))
    AS told(id, action, description)
""")
_TOUCH = Ask('UPDATE public."Ticket" SET "updatedAt" = :now WHERE id = :ticket')
# The trigger has numbered the ticket by now.
_FIRST_PARTICIPANT = Ask("""
INSERT INTO mail.participant (ticket_number, person_number)
SELECT number, :person FROM mail.ticket WHERE ticket_id = :ticket RETURNING ticket_number
""")
TicketRow = Row[*tuple[Any, ...]]
_OVER = frozenset({Status.RESOLVED, Status.CLOSED})


def read_tickets(session: Session, numbers: Sequence[int], *, lock: bool = False) -> dict[int, values.Ticket]:
    """The tickets with these numbers that still exist; locked in the order of their numbers where asked."""
    rows = ticket_rows(session, numbers, lock=lock)
    people = read_people(session, people_of(rows))
    return {row.number: ticket_of(row, people) for row in rows}


def ticket_rows(session: Session, numbers: Sequence[int], *, lock: bool = False) -> Sequence[TicketRow]:
    """The rows of these tickets, with the numbers of their customers and assignees."""
    if not numbers:
        return ()
    creator, owner = table_of(PersonAnchor).alias("creator"), table_of(PersonAnchor).alias("owner")
    ticket = table_of(Ticket)
    statement = (
        select(ticket, TicketAnchor.number, creator.c.number.label("creator"), owner.c.number.label("owner"))
        .join(TicketAnchor, TicketAnchor.ticket_id == ticket.c.id)
        .join(creator, creator.c.user_id == ticket.c.createdById)
        .outerjoin(owner, owner.c.user_id == ticket.c.assignedToId)
        .where(TicketAnchor.number == any_(literal(list(numbers), ARRAY(BigInteger))))
        .order_by(TicketAnchor.number)
    )
    return session.execute(statement.with_for_update(of=ticket, key_share=True) if lock else statement).all()


def people_of(rows: Sequence[TicketRow]) -> list[int]:
    """The numbers of the customers and assignees of tickets."""
    return [number for row in rows for number in (row.creator, row.owner) if number]


def ticket_of(row: TicketRow, people: Mapping[int, Person]) -> values.Ticket:
    """A row as a value, with its people among those given."""
    return values.Ticket(
        number=row.number,
        ticket_id=row.id,
        title=row.title,
        description=row.description,
        status=row.status,
        priority=row.priority,
        category=row.category,
        customer=people[row.creator],
        assignee=people.get(row.owner),
        created_at=row.createdAt,
    )


def read_participants(session: Session, numbers: Sequence[int]) -> dict[int, list[int]]:
    """Who takes part in these tickets, by their numbers."""
    found: dict[int, list[int]] = {}
    if not numbers:
        return found
    columns = (Participant.ticket_number, Participant.person_number)
    for row in session.execute(
        select(*columns).where(Participant.ticket_number == any_(literal(list(numbers), ARRAY(BigInteger))))
    ):
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
    """Insert a ticket (title and description) with its activities; the trigger gives it its number."""
    ticket_id = new_id()
    row = {"id": ticket_id, "title": text[0], "description": text[1], "category": filing[0], "priority": filing[1]}
    people = {"creator": customer.user_id, "owner": owner.user_id if owner else None}
    _TICKET.rows(session, row | people | {"now": utc_millis(now)})
    number = _FIRST_PARTICIPANT.one(session, {"ticket": ticket_id, "person": customer.number}).ticket_number
    told = [("created", f"Ticket created: {text[0]}"), *([("updated", "Ticket assigned")] if owner else [])]
    _add_activities(session, ticket_id, customer, told, now)
    created = utc_millis(now).replace(tzinfo=UTC)
    return values.Ticket(
        number, ticket_id, text[0], text[1], Status.OPEN, filing[1], filing[0], customer, owner, created
    )


def _add_activities(
    session: Session, ticket_id: str, person: Person, told: Sequence[tuple[str, str]], now: datetime
) -> None:
    lines = {"actions": [action for action, _ in told], "descriptions": [description for _, description in told]}
    whose = {"ticket": ticket_id, "person": person.user_id, "now": utc_millis(now)}
    _ACTIVITY.rows(session, whose | lines | {"ids": [new_id() for _ in told]})


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
    row = {"id": comment, "content": text, "ticket": ticket.ticket_id, "author": author.user_id}
    _COMMENT.rows(session, row | {"now": utc_millis(now)})
    _TOUCH.rows(session, {"ticket": ticket.ticket_id, "now": utc_millis(now)})
    add_activity(session, ticket.ticket_id, author, "commented", "Added a comment", now)
    return comment


def add_activity(
    session: Session, ticket_id: str, person: Person, action: str, description: str, now: datetime
) -> None:
    """Insert one line of a ticket's history."""
    _add_activities(session, ticket_id, person, [(action, description)], now)


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
