"""The texts that the leak check compares: a ticket's internal notes, and what a person could read of it already."""

from datetime import UTC, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from desk.gate.leaks import TicketText
from desk.ticket import Role
from models.outbox.rows import HELD, OutboxRow
from models.supportdesk.anchors import PersonAnchor, TicketAnchor
from models.supportdesk.tables import Comment, Ticket
from models.tickets.notes import Note, is_by_staff

# The time of what somebody wrote themselves, which they know whenever a note repeated it.
ALWAYS = datetime.min.replace(tzinfo=UTC)


def _with_merged(number: int) -> Select[int]:
    """Select the numbers of a ticket and of all that were merged into it, in steps: their people are its people now."""
    family = select(TicketAnchor.number).where(TicketAnchor.number == number).cte("family", recursive=True)
    merged = select(TicketAnchor.number).join(family, TicketAnchor.merged_into == family.c.number)
    return select(family.union(merged).c.number)


def secret_notes(session: Session, number: int, person: int) -> list[TicketText]:
    """The notes of staff on a ticket that are not for this person: neither their own, nor comments by now.

    Those of what was merged into it are among them. What others wrote is no secret: else a stranger could veto answers
    with a note of common words.
    """
    notes = select(Note.text, Note.written_at).where(
        Note.ticket_number.in_(_with_merged(number)), Note.accepted_at.is_(None), is_by_staff()
    )
    others = notes.where(or_(Note.person_number.is_(None), Note.person_number != person))
    return [TicketText(*row) for row in session.execute(others)]


def public_texts(session: Session, number: int, person: int, before: int) -> list[TicketText]:
    """The texts of a ticket that this person could read before mail `before` of the outbox, each with its time."""
    return [
        *_title_and_description(session, number),
        *_comments(session, number, person),
        *_mails_to_customers(session, number, before),
    ]


def _title_and_description(session: Session, number: int) -> list[TicketText]:
    statement = select(Ticket.title, Ticket.description).join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
    rows = session.execute(statement.where(TicketAnchor.number.in_(_with_merged(number))))
    return [TicketText(f"{row.title}\n{row.description}", ALWAYS) for row in rows]


def _comments(session: Session, number: int, person: int) -> list[TicketText]:
    statement = (
        select(Comment.content, Comment.created_at, PersonAnchor.number)
        .join(TicketAnchor, TicketAnchor.ticket_id == Comment.ticket_id)
        .outerjoin(PersonAnchor, PersonAnchor.user_id == Comment.user_id)
    )
    rows = session.execute(statement.where(TicketAnchor.number.in_(_with_merged(number))))
    return [TicketText(row.content, ALWAYS if row.number == person else row.created_at) for row in rows]


def _mails_to_customers(session: Session, number: int, before: int) -> list[TicketText]:
    statement = select(OutboxRow.text, OutboxRow.written_at).where(
        OutboxRow.ticket_number.in_(_with_merged(number)),
        OutboxRow.role == Role.CUSTOMER,
        OutboxRow.fate.is_distinct_from(HELD),
    )
    return [TicketText(*row) for row in session.execute(statement.where(OutboxRow.id < before))]
