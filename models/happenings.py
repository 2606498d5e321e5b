"""Events read back as happenings: one transaction on one ticket, with the people around it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.commands import Outcome
from desk.events import (
    Alert,
    Cause,
    DueReport,
    Event,
    EventKind,
    Field,
    Happening,
    HeldMail,
    Quarantined,
    Said,
    TooLarge,
)
from desk.ticket import Person, Role, Ticket
from models.anchors import PersonAnchor
from models.conversation import Note
from models.events import EventRow
from models.ledger import LedgerRow
from models.people import read_people, read_staff
from models.supportdesk import Comment, TicketActivity
from models.tickets import read_participants, read_tickets

# Another program writes its activity row, which names the actor, at about the time of its change.
AROUND = timedelta(seconds=3)


def read_happening(session: Session, ids: Sequence[int]) -> Happening:
    """Read the events of one group together with the ticket as it is now."""
    rows = list(session.scalars(select(EventRow).where(EventRow.id.in_(ids)).order_by(EventRow.id)))
    first = rows[0]
    ticket = read_tickets(session, [first.ticket_number]).get(first.ticket_number) if first.ticket_number else None
    return Happening(
        ticket=ticket,
        events=tuple(_event(session, row) for row in rows),
        happened_at=first.happened_at,
        actor=_actor(session, first, ticket),
        cause=_cause(session, first.cause),
        participants=_participants(session, ticket),
        admins=read_staff(session, Role.ADMIN),
    )


def _event(session: Session, row: EventRow) -> Event:
    return Event(
        id=row.id,
        kind=EventKind(row.kind),
        field=Field(row.field) if row.field else None,
        old=row.old,
        new=row.new,
        said=_comment(session, row.comment_id) or _note(session, row.note_id),
        person=_person(session, row.person_number),
        outcomes=tuple(Outcome(**outcome) for outcome in row.details.get("outcomes", ())),
        held=HeldMail(**row.details["held"]) if "held" in row.details else None,
        report=_report(row.details.get("report")),
        too_large=TooLarge(**row.details["too_large"]) if "too_large" in row.details else None,
        quarantined=tuple(Quarantined(**mail) for mail in row.details.get("quarantined", ())),
        alert=Alert(**row.details["alert"]) if "alert" in row.details else None,
    )


def _report(details: dict[str, Any] | None) -> DueReport | None:
    return DueReport(details["name"], datetime.fromisoformat(details["due_at"])) if details else None


def _person(session: Session, number: int | None) -> Person | None:
    return read_people(session, [number]).get(number) if number else None


def _comment(session: Session, comment_id: str | None) -> Said | None:
    statement = select(Comment.content, PersonAnchor.number).join(PersonAnchor, PersonAnchor.user_id == Comment.user_id)
    row = session.execute(statement.where(Comment.id == comment_id)).one_or_none() if comment_id else None
    author = _person(session, row.number) if row else None
    return Said(author, author.name, row.content) if row and author else None


def _note(session: Session, note_id: int | None) -> Said | None:
    note = session.get(Note, note_id) if note_id else None
    if note is None:
        return None
    author = _person(session, note.person_number)
    ledger = session.get(LedgerRow, note.ledger_id) if note.ledger_id and author is None else None
    return Said(author, author.name if author else str(ledger.sender if ledger else "somebody"), note.text)


def _actor(session: Session, row: EventRow, ticket: Ticket | None) -> Person | None:
    if row.actor or ticket is None:
        return _person(session, row.actor)
    statement = (
        select(PersonAnchor.number)
        .join(TicketActivity, TicketActivity.user_id == PersonAnchor.user_id)
        .where(
            TicketActivity.ticket_id == ticket.ticket_id,
            TicketActivity.description == _described(row),
            TicketActivity.created_at.between(row.happened_at - AROUND, row.happened_at + AROUND),
        )
        .order_by(TicketActivity.created_at.desc())
        .limit(1)
    )
    return _person(session, session.scalar(statement))


def _described(row: EventRow) -> str:
    """What the web app's activity says of such a change."""
    if row.kind == EventKind.COMMENT_ADDED:
        return "Added a comment"
    if row.field == Field.ASSIGNEE:
        return "Ticket assigned" if row.new else "Ticket unassigned"
    if row.field in {Field.TITLE, Field.DESCRIPTION}:
        return f"{str(row.field).title()} updated"
    return f"{str(row.field).title()} changed from {row.old} to {row.new}"


def _cause(session: Session, ledger_id: int | None) -> Cause | None:
    row = session.get(LedgerRow, ledger_id) if ledger_id else None
    if row is None:
        return None
    return Cause(row.id, row.message_id, row.sender or "", frozenset(row.recipients), row.automatic is not None)


def _participants(session: Session, ticket: Ticket | None) -> tuple[Person, ...]:
    if ticket is None:
        return ()
    numbers = {ticket.customer.number, *read_participants(session, [ticket.number]).get(ticket.number, ())}
    return tuple(person for _, person in sorted(read_people(session, sorted(numbers)).items()))
