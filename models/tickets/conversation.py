"""A ticket as a conversation: what was asked, answered and noted, in the order in which it was written."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.ticket import STAFF_ROLES, THE_DESK, UNPROVEN_SENDERS
from models.events.ticket_waits import TicketWait
from models.ledger.rows import LedgerRow
from models.supportdesk.anchors import PersonAnchor, TicketAnchor
from models.supportdesk.tables import STATUS_COLUMN, Comment, Ticket, User
from models.tickets.attachments import AttachmentRow
from models.tickets.notes import Note

# Names of files: of a comment by its id, of a note by the number of its mail, of the request by None.
FileNames = Mapping[str | int | None, tuple[str, ...]]
# A note, the person who wrote it, and the sender of its mail.
WrittenNote = tuple[Note, User | None, str | None]


class EntryKind(StrEnum):
    """What an entry is: what opened the ticket, a comment that its customer sees, or a note for staff alone."""

    REQUEST = "request"
    COMMENT = "comment"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One text of a conversation.

    `author` is a name, or an address where there is none; `files` are names; `at` is UTC; `by_staff` is by the role.
    """

    kind: EntryKind
    author: str
    email: str
    by_staff: bool
    at: datetime
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketConversation:
    """A ticket with its entries, the request first; `owner` is empty for nobody, `merged_into` None for itself.

    `archived_at` is None for one that is not in the archive, `waits_until` for one that waits for no moment.
    """

    number: int
    title: str
    status: str
    priority: str
    category: str
    customer: str
    owner: str
    merged_into: int | None
    continues: int | None
    entries: tuple[Entry, ...]
    archived_at: datetime | None = None
    waits_until: datetime | None = None


def read_conversation(session: Session, number: int) -> TicketConversation | None:
    """The conversation of a ticket; None where there is no such ticket, or its row is gone."""
    anchor = session.get(TicketAnchor, number)
    ticket = session.get(Ticket, anchor.ticket_id) if anchor and anchor.ticket_id else None
    if anchor is None or ticket is None:
        return None
    customer = session.get_one(User, ticket.created_by_id)
    owner = session.get(User, ticket.assigned_to_id) if ticket.assigned_to_id else None
    files = _files(session, number)
    notes = [note_entry(*written, written[0].text, files) for written in read_notes(session, number)]
    later = [*_comments(session, ticket.id, files), *notes]
    return TicketConversation(
        number=number,
        title=ticket.title,
        status=session.scalars(select(STATUS_COLUMN).where(Ticket.id == ticket.id)).one(),
        priority=ticket.priority,
        category=ticket.category,
        customer=customer.email,
        owner=owner.email if owner else "",
        merged_into=anchor.merged_into,
        continues=anchor.continues,
        entries=(_request(session, number, ticket, customer, files), *sorted(later, key=lambda entry: entry.at)),
        waits_until=session.scalar(select(TicketWait.until).where(TicketWait.ticket_number == number)),
    )


def _request(session: Session, number: int, ticket: Ticket, customer: User, files: FileNames) -> Entry:
    email = customer.email
    if customer.id == UNPROVEN_SENDERS:
        opener = select(LedgerRow.sender).where(LedgerRow.ticket_number == number).order_by(LedgerRow.id).limit(1)
        email = session.scalar(opener) or ""
    return Entry(
        kind=EntryKind.REQUEST,
        author=customer.name or email,
        email=email,
        by_staff=customer.role in STAFF_ROLES,
        at=ticket.created_at,
        text=ticket.description,
        files=files.get(None, ()),
    )


def _comments(session: Session, ticket_id: str, files: FileNames) -> list[Entry]:
    written = select(Comment, User).join(User, User.id == Comment.user_id).where(Comment.ticket_id == ticket_id)
    return [
        Entry(
            kind=EntryKind.COMMENT,
            author=user.name or user.email,
            email=user.email,
            by_staff=user.role in STAFF_ROLES or user.id == THE_DESK,
            at=comment.created_at,
            text=comment.content,
            files=files.get(comment.id, ()),
        )
        for comment, user in session.execute(written.order_by(Comment.created_at, Comment.id))
    ]


def read_notes(session: Session, number: int) -> list[WrittenNote]:
    """The notes of a ticket that became no comment, each with its author and the sender of its mail."""
    written = (
        select(Note, User, LedgerRow.sender)
        .outerjoin(PersonAnchor, PersonAnchor.number == Note.person_number)
        .outerjoin(User, User.id == PersonAnchor.user_id)
        .outerjoin(LedgerRow, LedgerRow.id == Note.ledger_id)
        .where(Note.ticket_number == number, Note.accepted_at.is_(None))
        .order_by(Note.id)
    )
    return [(note, user, sender) for note, user, sender in session.execute(written)]


def note_entry(note: Note, user: User | None, sender: str | None, text: str, files: FileNames) -> Entry:
    """A note with its words; one without a person is by who stands in From of its mail."""
    return Entry(
        kind=EntryKind.NOTE,
        author=(user.name if user else "") or (user.email if user else sender) or "somebody unknown",
        email=(user.email if user else sender) or "",
        by_staff=user is not None and user.role in STAFF_ROLES,
        at=note.written_at,
        text=text,
        files=files.get(note.ledger_id, ()) if note.ledger_id else (),
    )


def _files(session: Session, number: int) -> dict[str | int | None, tuple[str, ...]]:
    """The names of a ticket's files: by the comment's id, for notes by the mail's number, by None for its request.

    What came with a mail that became neither, as one of commands alone, is left out; `mail show` has it.
    """
    noted = set(session.scalars(select(Note.ledger_id).where(Note.ticket_number == number, Note.accepted_at.is_(None))))
    opener = session.scalar(select(func.min(LedgerRow.id)).where(LedgerRow.ticket_number == number))
    rows = (
        select(AttachmentRow.ledger_id, AttachmentRow.comment_id, AttachmentRow.filename)
        .where(AttachmentRow.ticket_number == number, AttachmentRow.of_signature.is_(False))
        .order_by(AttachmentRow.ledger_id, AttachmentRow.position)
    )
    files = defaultdict[str | int | None, list[str]](list)
    for mail, comment, name in session.execute(rows):
        # The mail that staff passed on opened the ticket, and their words above it are a note.
        if comment or mail == opener:
            files[comment].append(name)
        elif mail in noted:
            files[mail].append(name)
    return {key: tuple(names) for key, names in files.items()}
