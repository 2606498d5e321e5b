"""Tickets, comments and activities: read as values, written by the web app's conventions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.orm import Session

from desk import ticket as values
from desk.facts import KnownTicket
from desk.routing.route import Choice
from desk.ticket import Category, Person, Priority, Status, known
from models.db.base import utc_millis
from models.db.statement import Statement, any_of
from models.ledger.proof import refuted_opener
from models.people.rows import read_people
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.cuid import new_id
from models.supportdesk.tables import STATUS, Ticket

# Locks tickets in the order of their numbers, in which everybody locks them.
_LOCK = Statement(f"""
SELECT t.id FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number = {any_of("numbers")} ORDER BY n.number FOR NO KEY UPDATE OF t
""")
# Tickets with the numbers of their customers, of their assignees, of who else takes part and who watches, and guests.
_READ = Statement(f"""
SELECT n.number, t.id, t.title, t.description, {STATUS.format("t")} AS status, t.priority::text AS priority,
    t.category::text AS category, t."createdAt" AS created_at, creator.number AS creator, owner.number AS owner,
    ARRAY(SELECT p.person_number FROM mail.participant p WHERE p.ticket_number = n.number) AS participants,
    ARRAY(SELECT w.person_number FROM mail.watch w WHERE w.ticket_number = n.number) AS watchers,
    (SELECT jsonb_object_agg(g.address, g.name) FROM mail.guest g WHERE g.ticket_number = n.number) AS guests,
    {refuted_opener("n.number")} AS unproven
FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
JOIN mail.person creator ON creator.user_id = t."createdById"
LEFT JOIN mail.person owner ON owner.user_id = t."assignedToId"
WHERE n.number = {any_of("numbers")} ORDER BY n.number
""")
# When the next activity of a ticket is dated: a millisecond after its last one, so that its history reads in the order
# in which it came about, whatever one mail does, and where the clock of another program is ahead. That is followed up
# to a minute; else one date in years to come would draw all that follows there.
_NEXT = """greatest(CAST(:now AS timestamp(3)), (
    SELECT max(a."createdAt") + interval '1 millisecond' FROM public."TicketActivity" a
    WHERE a."ticketId" = :ticket AND a."createdAt" < CAST(:now AS timestamp(3)) + interval '1 minute'
))"""
# Inserts a ticket with the activities that the web app writes of its creation and its assignment; the latter is in the
# name of who got the ticket (docs/decisions/0019-who-gets-a-ticket-is-the-actor-of-its-assignment.md).
_ADD = Statement("""
WITH ticket AS (
    INSERT INTO public."Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId",
        "createdAt", "updatedAt")
    VALUES (:ticket, :title, :description, 'open', CAST(CAST(:priority AS text) AS public."TicketPriority"),
        CAST(CAST(:category AS text) AS public."TicketCategory"), :person, :owner, :now, :now)
)
INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
SELECT id, :ticket, actor, action, description, CAST(:now AS timestamp(3)) + later FROM (VALUES
    (:created, CAST(:opener AS text), 'created', 'Ticket created: ' || :title, interval '0'),
    (:assigned, CAST(:owner AS text), 'updated', 'Ticket assigned', interval '1 millisecond')
) AS activity(id, actor, action, description, later) WHERE actor IS NOT NULL
""")
# Inserts a comment with its activity, and touches the ticket, which an old comment that is brought along does not age.
_COMMENT = Statement(f"""
WITH comment AS (
    INSERT INTO public."Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
    VALUES (:id, :content, :ticket, :author, :now, :now)
), touched AS (
    UPDATE public."Ticket" SET "updatedAt" = greatest("updatedAt", CAST(:now AS timestamp(3))) WHERE id = :ticket
)
INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
VALUES (:activity, :ticket, :author, 'commented', 'Added a comment', {_NEXT})
""")
# Inserts one line of a ticket's history.
_ACTIVITY = Statement(f"""
INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
VALUES (:id, :ticket, :person, :action, :description, {_NEXT})
""")
# Inserts the assignment and the first participant of a new ticket, to which the trigger has given its number.
_ROUTE = Statement("""
WITH opened AS (
    SELECT number FROM mail.ticket WHERE ticket_id = :ticket
), routed AS (
    INSERT INTO mail.assignment (ticket_number, person_number, strategy, reason)
    SELECT number, :owner, :strategy, :reason FROM opened
)
INSERT INTO mail.participant (ticket_number, person_number) SELECT number, :person FROM opened RETURNING ticket_number
""")
# Gives the opening mail of a ticket its author, who takes part now for the row of unproven senders.
_GIVE = Statement("""
WITH opening AS (
    UPDATE mail.ledger SET person_number = :sender
    WHERE ticket_number = :ticket AND sender = :address AND person_number IS NULL
), gone AS (
    DELETE FROM mail.participant WHERE ticket_number = :ticket AND person_number = :nobody
)
INSERT INTO mail.participant (ticket_number, person_number) VALUES (:ticket, :sender) ON CONFLICT DO NOTHING
""")


class TicketRow(Protocol):
    """The row of a ticket, with the numbers of its customer, of its assignee and of who else takes part.

    `guests` are the names of its guests by their addresses, None where it has none; `watchers` are of staff.
    """

    number: int
    id: str
    title: str
    description: str
    status: str
    priority: str
    category: str
    created_at: datetime
    creator: int
    owner: int | None
    participants: Sequence[int]
    watchers: Sequence[int]
    guests: Mapping[str, str] | None
    unproven: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A ticket to be opened by `opener`, who is the customer or the member of staff that passed their mail on.

    `owner` is the person whom the `choice` of routing names, None where they are gone.
    """

    customer: Person
    opener: Person
    title: str
    description: str
    category: Category
    priority: Priority
    owner: Person | None
    choice: Choice


def read_tickets(session: Session, numbers: Sequence[int]) -> dict[int, values.Ticket]:
    """The tickets with these numbers that still exist."""
    rows = ticket_rows(session, numbers)
    people = read_people(session, people_of(rows))
    return {row.number: ticket_of(row, people) for row in rows}


def ticket_rows(session: Session, numbers: Sequence[int]) -> Sequence[TicketRow]:
    """The rows of those of these tickets that still exist."""
    return _READ.rows(session, {"numbers": list(numbers)}) if numbers else ()


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
        status=Status(row.status),
        priority=known(Priority, row.priority),
        category=known(Category, row.category),
        customer=people[row.creator],
        assignee=people.get(row.owner or 0),
        created_at=row.created_at.replace(tzinfo=UTC),
        unproven=row.unproven or "",
    )


def known_tickets(session: Session, numbers: Sequence[int]) -> dict[int, KnownTicket]:
    """The tickets with these numbers, locked in their order, with who takes part in them; the customer always does."""
    if not numbers:
        return {}
    # They are read after they are locked: whoever held the locks before may have changed them.
    _LOCK.write(session, {"numbers": list(numbers)})
    rows = ticket_rows(session, numbers)
    people = read_people(session, [*people_of(rows), *(number for row in rows for number in row.participants)])
    return {row.number: _known_ticket(row, people) for row in rows}


def _known_ticket(row: TicketRow, people: Mapping[int, Person]) -> KnownTicket:
    parts = frozenset({row.creator, *row.participants})
    addresses = {number: people[number].email for number in parts if number in people}
    return KnownTicket(ticket_of(row, people), parts, addresses=addresses, guests=frozenset(row.guests or ()))


def add_ticket(session: Session, new: NewTicket, now: datetime) -> values.Ticket:
    """Insert a ticket with its activities, its customer as a participant and the reason for its owner.

    The trigger gives the ticket its number.
    """
    ticket_id, created = new_id(), utc_millis(now)
    row = {
        "ticket": ticket_id,
        "title": new.title,
        "description": new.description,
        "category": new.category,
        "priority": new.priority,
        "person": new.customer.user_id,
        "opener": new.opener.user_id,
        "owner": new.owner.user_id if new.owner else None,
        "now": created,
        "created": new_id(),
        "assigned": new_id(),
    }
    _ADD.write(session, row)
    routed = {"owner": new.choice.number, "strategy": new.choice.strategy, "reason": new.choice.sentence}
    number = _ROUTE.one(session, {"ticket": ticket_id, "person": new.customer.number, **routed}).ticket_number
    return values.Ticket(
        number=number,
        ticket_id=ticket_id,
        title=new.title,
        description=new.description,
        status=Status.OPEN,
        priority=new.priority,
        category=new.category,
        customer=new.customer,
        assignee=new.owner,
        created_at=created.replace(tzinfo=UTC),
    )


def set_continues(session: Session, number: int, closed: int) -> None:
    """Link a ticket to the closed one that it goes on from."""
    session.execute(update(TicketAnchor).where(TicketAnchor.number == number).values(continues=closed))


def give_to_sender(session: Session, ticket: values.Ticket, sender: Person, actor: Person, now: datetime) -> None:
    """Let a ticket that stands in nobody's name be that of its sender, whom `actor` accepts."""
    whose = {"ticket": ticket.number, "nobody": ticket.customer.number, "sender": sender.number}
    _GIVE.write(session, whose | {"address": sender.email})
    _update(session, ticket, {"created_by_id": sender.user_id}, actor, "Sender accepted", now)


def add_comment(session: Session, ticket: values.Ticket, author: Person, text: str, now: datetime) -> str:
    """Insert a comment with its activity and touch the ticket; the comment's id."""
    comment, whose = new_id(), {"ticket": ticket.ticket_id, "author": author.user_id, "now": utc_millis(now)}
    _COMMENT.write(session, whose | {"id": comment, "content": text, "activity": new_id()})
    return comment


def add_activity(
    session: Session, ticket_id: str, person: Person, action: str, description: str, now: datetime
) -> None:
    """Insert one line of a ticket's history, as of this person."""
    whose = {"ticket": ticket_id, "person": person.user_id, "now": utc_millis(now)}
    _ACTIVITY.write(session, whose | {"id": new_id(), "action": action, "description": description})


def set_status(session: Session, ticket: values.Ticket, status: Status, actor: Person, now: datetime) -> None:
    """Change the status; `resolvedAt` and `closedAt` are set on the transition and cleared by reopening."""
    row: dict[str, Any] = {"status": status}
    if status is Status.RESOLVED:
        row["resolved_at"] = now
    elif status is Status.CLOSED:
        row["closed_at"] = now
    else:
        row |= {"resolved_at": None, "closed_at": None}
    _update(session, ticket, row, actor, f"Status changed from {ticket.status} to {status}", now)


def set_priority(session: Session, ticket: values.Ticket, priority: Priority, actor: Person, now: datetime) -> None:
    """Change the priority, with its activity."""
    description = f"Priority changed from {ticket.priority} to {priority}"
    _update(session, ticket, {"priority": priority}, actor, description, now)


def set_category(session: Session, ticket: values.Ticket, category: Category, actor: Person, now: datetime) -> None:
    """Change the category, with its activity."""
    description = f"Category changed from {ticket.category} to {category}"
    _update(session, ticket, {"category": category}, actor, description, now)


def set_assignee(session: Session, ticket: values.Ticket, owner: Person | None, actor: Person, now: datetime) -> None:
    """Give the ticket to a person, or with None to nobody, with its activity."""
    row = {"assigned_to_id": owner.user_id if owner else None}
    _update(session, ticket, row, actor, "Ticket assigned" if owner else "Ticket unassigned", now)


def _update(
    session: Session, ticket: values.Ticket, row: Mapping[str, Any], actor: Person, description: str, now: datetime
) -> None:
    session.execute(update(Ticket).where(Ticket.id == ticket.ticket_id).values(**row, updated_at=now))
    add_activity(session, ticket.ticket_id, actor, "updated", description, now)
