"""What a mail to a ticket is held against: staff's notes, and the sender's earlier lines that read like commands."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.commands.lines.parser import SIGNS, command_lines
from desk.facts import KnownTicket
from desk.ticket import Person
from models.supportdesk.tables import Comment
from models.tickets.notes import Note, is_by_staff
from models.tickets.rows import read_tickets


def with_merged_texts(
    session: Session, tickets: Mapping[int, KnownTicket], merged: Mapping[int, int], sender: Person, reply: str
) -> dict[int, KnownTicket]:
    """The tickets with their own texts and those of the tickets merged into them.

    `merged` gives the number of the ticket where the merges of each merged one end.
    """
    complete = {number: with_texts(session, known, sender, reply) for number, known in tickets.items()}
    for number, ticket in read_tickets(session, list(merged)).items():
        target = complete.get(merged[number])
        if target is not None:
            part = with_texts(session, KnownTicket(ticket, frozenset()), sender, reply)
            notes, commands = (*target.notes, *part.notes), target.commands | part.commands
            complete[merged[number]] = replace(target, notes=notes, commands=commands)
    return complete


def with_texts(session: Session, known: KnownTicket, sender: Person, reply: str) -> KnownTicket:
    """The ticket with the lines in the sender's earlier words that read like commands, and for staff with its notes.

    A reply without any such line repeats none, so they are not read for it. Lines of others are not read at all: else
    a stranger could keep an agent from every command by writing it first.
    """
    ticket = known.ticket
    notes: tuple[str, ...] = ()
    # For most mails neither is asked, and making a statement costs as much as asking it.
    if sender.is_staff:
        written = select(Note.text).where(Note.ticket_number == ticket.number, is_by_staff())
        notes = tuple(session.scalars(written))
    if not any(command_lines(reply)):
        return replace(known, notes=notes)
    # The text of a ticket is its customer's.
    own = [ticket.description] if ticket.customer.number == sender.number else []
    comments = select(Comment.content).where(
        Comment.ticket_id == ticket.ticket_id, Comment.user_id == sender.user_id, _has_sign(Comment.content)
    )
    texts = (*own, *session.scalars(comments))
    commands = frozenset(line for text in texts for line in command_lines(text))
    return replace(known, notes=notes, commands=commands)


def _has_sign(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(sign) for sign in SIGNS))
