"""Texts and files of a ticket: its notes, its lines that read like commands, and the files of its comments."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.commands.parser import SIGNS, command_lines
from desk.facts import KnownTicket
from desk.notices.files import TicketFile
from models.supportdesk.tables import Comment, Ticket
from models.tickets.attachments import MAGIC_BYTES
from models.tickets.notes import Note


def with_texts(session: Session, known: KnownTicket, reply: str, *, staff: bool) -> KnownTicket:
    """The ticket with what a reply to it is held against: its lines that read like commands, and for staff its notes.

    A reply without any such line repeats none, so they are not read for it.
    """
    notes = session.scalars(select(Note.text).where(Note.ticket_number == known.ticket.number)) if staff else ()
    lines = _command_lines(session, known.ticket.ticket_id) if any(command_lines(reply)) else frozenset[str]()
    return replace(known, notes=tuple(notes), commands=lines)


def _command_lines(session: Session, ticket_id: str) -> frozenset[str]:
    description = select(Ticket.description).where(Ticket.id == ticket_id, _has_sign(Ticket.description))
    comments = select(Comment.content).where(Comment.ticket_id == ticket_id, _has_sign(Comment.content))
    texts = session.scalars(union_all(description, comments))
    return frozenset(line for text in texts for line in command_lines(text))


def _has_sign(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(sign) for sign in SIGNS))


# The files of the comments that events tell of, in the order of each mail.
_FILES = text(f"""
SELECT e.id, a.filename, a.content_type, b.size, b.sha256, substr(b.content, 1, {MAGIC_BYTES}) AS head
FROM mail.event e
JOIN mail.attachment a ON a.ticket_number = e.ticket_number AND a.comment_id = e.comment_id
JOIN mail.blob b ON b.sha256 = a.sha256
WHERE e.id = ANY(CAST(:events AS bigint[])) ORDER BY e.id, a.position
""")


def files_of_comments(session: Session, events: Sequence[int]) -> dict[int, list[TicketFile]]:
    """The files of the comments that these events tell of, each in the order of its mail; none where there are none."""
    found: dict[int, list[TicketFile]] = {}
    for row in session.execute(_FILES, {"events": list(events)}) if events else ():
        file = TicketFile(row.filename, row.content_type, row.size, row.sha256, bytes(row.head))
        found.setdefault(row.id, []).append(file)
    return found
