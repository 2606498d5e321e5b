"""What staff do with a ticket at the command line: the same rows, activities and mails as by their mail."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.ticket import AFTER_STAFF, Person, Status, Ticket
from models.db.clock import read_now
from models.events.rows import add_note_event
from models.events.triggers import mark
from models.people.rows import find_person
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.archived import archived_since
from models.tickets import rows as tickets
from models.tickets.notes import NewNote, add_note
from worker.admin.find_tickets import NO_TICKET
from worker.runtime.transaction import transaction

AT_COMMAND_LINE = "Staff wrote it at the command line."
NO_STAFF = "{} is not staff. `supportdesk user staff list` shows who is."


class CannotChange(Exception):
    """Nothing was changed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class AddWords:
    """Words for a ticket: its customer gets them, or staff alone where they are a note."""

    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class ChangeOwner:
    """Give a ticket to who has this address, or to nobody."""

    to: str | None


Change = AddWords | ChangeOwner | Status


def change_ticket(engine: Engine, number: int, by: str, change: Change) -> str:
    """Change a ticket in the name of who has the address `by`; a sentence on what was done.

    Raises CannotChange.
    """
    with transaction(engine) as session:
        actor, ticket = _staff(session, by), _ticket(session, number)
        mark(session, actor=actor.number)
        match change:
            case AddWords():
                return _comment(session, ticket, actor, change)
            case ChangeOwner():
                return _assign(session, ticket, actor, change.to)
            case Status():
                return _set_status(session, ticket, actor, change)


def _comment(session: Session, ticket: Ticket, actor: Person, comment: AddWords) -> str:
    if not comment.text.strip():
        raise CannotChange("There are no words to write on the ticket. Nothing was changed.")
    if not is_storable(comment.text):
        raise CannotChange("The words hold bytes that are no text in UTF-8, or a NUL. Nothing was changed.")
    if comment.is_note:
        note = NewNote(ticket=ticket.number, author=actor.number, text=comment.text, reason=AT_COMMAND_LINE)
        add_note_event(session, ticket.number, add_note(session, note), actor.number, None)
        return f"The note stands on {ticket.tag}; its staff are told."
    if ticket.customer.is_nobody:
        raise CannotChange(
            f"Nobody is known to have written {ticket.tag}, so an answer reaches nobody. Write a note with --note; "
            "`#accept`, in answer to the mail about the ticket, says whose it is."
        )
    now = read_now(session)
    tickets.add_comment(session, ticket, actor, comment.text, now)
    if (status := AFTER_STAFF[ticket.status]) is not ticket.status:
        tickets.set_status(session, ticket, status, actor, now)
    return f"The answer stands on {ticket.tag}, and goes to {ticket.customer.email}."


def is_storable(text: str) -> bool:
    """Whether the database takes a text: no NUL, and no surrogate, as which Python keeps bytes that are no text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _assign(session: Session, ticket: Ticket, actor: Person, to: str | None) -> str:
    owner = _staff(session, to) if to else None
    if owner == ticket.assignee:
        return f"{ticket.tag} is {_whose(owner)} already; nothing was changed."
    tickets.set_assignee(session, ticket, owner, actor, read_now(session))
    return f"{ticket.tag} is {_whose(owner)} now."


def _whose(owner: Person | None) -> str:
    return f"{owner.email}'s" if owner else "nobody's"


def _set_status(session: Session, ticket: Ticket, actor: Person, status: Status) -> str:
    if status is ticket.status:
        return f"{ticket.tag} is {status} already; nothing was changed."
    tickets.set_status(session, ticket, status, actor, read_now(session))
    told = "" if ticket.customer.is_nobody else f"; {ticket.customer.email} is told"
    return f"{ticket.tag} was {ticket.status} and is {status} now{told}."


def _ticket(session: Session, number: int) -> Ticket:
    # Locked before it is asked whether it was merged: a mail may be doing that.
    known = tickets.known_tickets(session, [number]).get(number)
    anchor = session.get(TicketAnchor, number)
    if anchor and anchor.merged_into:
        raise CannotChange(f"SD-{number} is part of SD-{anchor.merged_into} now: change that one.")
    if known is None and (since := archived_since(session, number)):
        raise CannotChange(
            f"SD-{number} is in the archive since {since:%Y-%m-%d}. `supportdesk archive restore SD-{number}` brings "
            "it back; then say it again."
        )
    if known is None:
        raise CannotChange(NO_TICKET.format(f"SD-{number}"))
    return known.ticket


def _staff(session: Session, email: str) -> Person:
    person = find_person(session, email)
    if person is None or not person.is_staff:
        raise CannotChange(NO_STAFF.format(email))
    return person
