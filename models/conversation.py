"""What ties mails to tickets: known Message-IDs, participants, internal notes and how a mail was read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mail.identity import id_hash
from mail.message import InboundMail
from models.asking import Ask
from models.base import SCHEMA, Base, Bytes, Key, Now, String
from models.blobs import AttachmentRow
from models.ledger import LedgerRow

MOST_REFERENCES = 50


class KnownMessageId(Base):
    """A Message-ID that belongs to a ticket, by hash; `refers` where a mail of the ticket only named it."""

    __tablename__ = "message_id"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    hash: Mapped[Bytes] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    refers: Mapped[bool]
    known_at: Mapped[Now]


class Participant(Base):
    """Somebody who takes part in a ticket besides its assignee: its customer, and who was added."""

    __tablename__ = "participant"
    __table_args__ = (Index(None, "person_number"), {"schema": SCHEMA})

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    since: Mapped[Now]


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


class Reading(Base):
    """How a mail's text became a comment: what trimming removed, how sure it was, what was repaired."""

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        Index(None, "ticket_number"),
        {"schema": SCHEMA},
    )

    ledger_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"), primary_key=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    comment_id: Mapped[str | None] = mapped_column(Text)
    removed: Mapped[String]
    confidence: Mapped[float]
    repairs: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


# An id that was only referred to is a mail's own from then on. In one order, or two mails might wait for each other.
_KNOW = """
ORDER BY 1, 2 ON CONFLICT (hash, ticket_number) DO UPDATE SET refers = message_id.refers AND excluded.refers
"""
_KEEP = Ask(f"""
WITH kept AS (
    INSERT INTO mail.reading (ledger_id, ticket_number, comment_id, removed, confidence, repairs)
    VALUES (:ledger, :ticket, :comment, :removed, :confidence, CAST(:repairs AS text[]))
)
INSERT INTO mail.message_id (hash, ticket_number, refers)
SELECT hash, CAST(:ticket AS bigint), hash <> :own FROM unnest(CAST(:hashes AS bytea[])) AS known(hash) {_KNOW}
""")
_KNOW_OURS = Ask(f"""
INSERT INTO mail.message_id (hash, ticket_number, refers)
SELECT hash, ticket, false FROM unnest(CAST(:hashes AS bytea[]), CAST(:tickets AS bigint[])) AS sent(hash, ticket)
{_KNOW}
""")


def keep_reading_and_ids(
    session: Session, ledger_id: int, number: int, comment_id: str | None, mail: InboundMail
) -> None:
    """Keep beside the comment what trimming removed from the mail and what was repaired in it.

    The ticket is found from then on by the mail's Message-ID, and by those that the mail refers to.
    """
    own = [mail.message_id] if mail.message_id else []
    row = {
        "ledger": ledger_id,
        "ticket": number,
        "comment": comment_id,
        "removed": mail.removed,
        "confidence": mail.confidence,
        "repairs": list(mail.repairs),
        "own": id_hash(mail.message_id) if mail.message_id else b"",
        "hashes": list({id_hash(identifier) for identifier in (*own, *mail.refers[:MOST_REFERENCES])}),
    }
    _KEEP.rows(session, row)


def know_our_ids(session: Session, sent: Sequence[tuple[int, str]]) -> None:
    """Let tickets be found by the Message-IDs of mails that we send about them, given as (ticket, Message-ID)."""
    if sent:
        tickets, ids = zip(*sent, strict=True)
        _KNOW_OURS.rows(session, {"hashes": [id_hash(one) for one in ids], "tickets": list(tickets)})


def add_note(session: Session, number: int, person: int | None, ledger_id: int | None, said: tuple[str, str]) -> int:
    """Keep an internal note, as (text, reason why it is one); the note's id."""
    row = insert(Note).values(ticket_number=number, person_number=person, ledger_id=ledger_id, text=said[0],
                              reason=said[1])  # fmt: skip
    return session.scalars(row.returning(Note.id)).one()


def accept_note(session: Session, note_id: int) -> bool:
    """Record that a note is a comment now; False where it was one already."""
    fresh = update(Note).where(Note.id == note_id, Note.accepted_at.is_(None))
    return session.scalar(fresh.values(accepted_at=func.now()).returning(Note.id)) is not None


def let_be_comment(session: Session, note_id: int, comment_id: str, author: int) -> None:
    """Let all that came with a note's mail belong to the comment that it became, and the mail to its author."""
    mail = select(Note.ledger_id).where(Note.id == note_id).scalar_subquery()
    for table in (AttachmentRow, Reading):
        session.execute(update(table).where(table.ledger_id == mail).values(comment_id=comment_id))
    session.execute(update(LedgerRow).where(LedgerRow.id == mail).values(person_number=author))


def leave_ticket(session: Session, number: int, person: int) -> None:
    """Let somebody take part in a ticket no longer."""
    mine = (Participant.ticket_number == number, Participant.person_number == person)
    session.execute(delete(Participant).where(*mine))
