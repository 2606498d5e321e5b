"""Internal notes: texts on a ticket that only staff see, until one is accepted as its author's comment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, DateTime, ForeignKey, Index, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.intake.rule_names import RuleName
from mail.mime.addresses import Address
from models.db.base import SCHEMA, Base, Key, Now, String
from models.ledger.rows import LedgerRow
from models.people.rows import find_person
from models.tickets.attachments import AttachmentRow
from models.tickets.thread_index import Reading


class Note(Base):
    """A text on a ticket that only staff see; never a "Comment" row, which the web app shows to customers."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "ticket_number"), {"schema": SCHEMA})

    id: Mapped[Key]
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    ledger_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"))
    text: Mapped[String]
    reason: Mapped[String]
    written_at: Mapped[Now]
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


# The rules by which the words of staff become a note. A note by any other rule may be anybody's, in whoever's name.
_OF_STAFF = (RuleName.STAFF_ON_TICKET, RuleName.PASSED_ON, RuleName.MANY_TICKETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """A note to be kept: its ticket's number, its author's number, the mail that it came with, and why it is a note.

    Without `written_at` it is written now.
    """

    ticket: int
    author: int | None = None
    ledger_id: int | None = None
    text: str
    reason: str
    written_at: datetime | None = None


def add_note(session: Session, note: NewNote) -> int:
    """Keep an internal note; its id."""
    row = insert(Note).values(
        ticket_number=note.ticket,
        person_number=note.author,
        ledger_id=note.ledger_id,
        text=note.text,
        reason=note.reason,
        written_at=note.written_at or func.now(),
    )
    return session.scalars(row.returning(Note.id)).one()


def is_by_staff() -> ColumnElement[bool]:
    """The condition that a note is in the words of staff, which stay theirs when their author is staff no longer."""
    rule = select(LedgerRow.evidence["rule"].astext).where(LedgerRow.id == Note.ledger_id).scalar_subquery()
    # Without a mail a person's note was written at the command line, which takes staff alone.
    at_command_line = and_(Note.ledger_id.is_(None), Note.person_number.is_not(None))
    return or_(rule.in_(_OF_STAFF), at_command_line)


def accept_note(session: Session, note_id: int) -> bool:
    """Record that a note was accepted as a comment; False where it was before."""
    fresh = update(Note).where(Note.id == note_id, Note.accepted_at.is_(None))
    return session.scalar(fresh.values(accepted_at=func.now()).returning(Note.id)) is not None


def move_to_comment(session: Session, note_id: int, comment_id: str, author: int) -> None:
    """Move the files and the reading of a note's mail to the comment that it became, and give the mail its author."""
    mail = select(Note.ledger_id).where(Note.id == note_id).scalar_subquery()
    for table in (AttachmentRow, Reading):
        session.execute(update(table).where(table.ledger_id == mail).values(comment_id=comment_id))
    session.execute(update(LedgerRow).where(LedgerRow.id == mail).values(person_number=author))


def author_to_accept(session: Session, note: Note) -> Address | None:
    """Who wrote a note that `#accept` lets be a comment: not staff, and no program; None for all other notes."""
    ledger = session.get(LedgerRow, note.ledger_id) if note.ledger_id else None
    if note.accepted_at is not None or ledger is None or ledger.evidence.get("rule") != RuleName.ONLY_A_NOTE:
        return None
    person = find_person(session, ledger.sender or "")
    if person is not None:
        return None if person.is_staff else Address(person.name, person.email)
    return Address("", ledger.sender) if ledger.sender else None
