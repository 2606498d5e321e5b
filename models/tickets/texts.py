"""What a mail to a ticket is held against: the notes that it may quote and the lines that read like commands."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.commands.parser import SIGNS, command_lines
from desk.facts import KnownTicket
from desk.ticket import Person
from models.supportdesk.tables import Comment, Ticket
from models.tickets.notes import Note
from models.tickets.rows import read_tickets


def with_merged_texts(
    session: Session, tickets: Mapping[int, KnownTicket], merged: Mapping[int, int], sender: Person, reply: str
) -> dict[int, KnownTicket]:
    """The tickets with their own texts and those of the tickets merged into them.

    `merged` gives the number of the ticket where the merges of each merged one end.
    """
    staff = sender.is_staff
    complete = {number: with_texts(session, known, reply, staff=staff) for number, known in tickets.items()}
    for number, ticket in read_tickets(session, list(merged)).items():
        target = complete.get(merged[number])
        if target is not None:
            part = with_texts(session, KnownTicket(ticket, frozenset()), reply, staff=staff)
            notes, commands = (*target.notes, *part.notes), target.commands | part.commands
            complete[merged[number]] = replace(target, notes=notes, commands=commands)
    return complete


def with_texts(session: Session, known: KnownTicket, reply: str, *, staff: bool) -> KnownTicket:
    """The ticket with its lines that read like commands, and for staff with its notes.

    A reply without any such line repeats none, so they are not read for it.
    """
    notes = session.scalars(select(Note.text).where(Note.ticket_number == known.ticket.number)) if staff else ()
    if not any(command_lines(reply)):
        return replace(known, notes=tuple(notes))
    ticket = known.ticket.ticket_id
    description = select(Ticket.description).where(Ticket.id == ticket, _has_sign(Ticket.description))
    comments = select(Comment.content).where(Comment.ticket_id == ticket, _has_sign(Comment.content))
    texts = session.scalars(union_all(description, comments))
    commands = frozenset(line for text in texts for line in command_lines(text))
    return replace(known, notes=tuple(notes), commands=commands)


def _has_sign(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(sign) for sign in SIGNS))
