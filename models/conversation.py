"""What ties mails to tickets: known Message-IDs, participants, internal notes and how a mail was read."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, and_, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mail.identity import id_hash
from mail.message import InboundMail
from models.base import SCHEMA, Base, Bytes, Key, Now, String

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


_INSERT = insert(KnownMessageId)
# An id that was only referred to is a mail's own from then on.
_KNOW = _INSERT.on_conflict_do_update(
    index_elements=[KnownMessageId.hash, KnownMessageId.ticket_number],
    set_={"refers": and_(KnownMessageId.refers, _INSERT.excluded.refers)},
)


def know_ids(session: Session, number: int, mail: InboundMail) -> None:
    """Let a ticket be found by this mail's Message-ID and by those that it refers to."""
    ids = {id_hash(identifier): True for identifier in mail.refers[:MOST_REFERENCES]}
    ids |= {id_hash(mail.message_id): False} if mail.message_id else {}
    rows = [{"hash": hashed, "ticket_number": number, "refers": refers} for hashed, refers in sorted(ids.items())]
    if rows:
        session.execute(_KNOW, rows)


def know_our_id(session: Session, number: int, message_id: str) -> None:
    """Let a ticket be found by the Message-ID of a mail that we send about it."""
    session.execute(_KNOW, [{"hash": id_hash(message_id), "ticket_number": number, "refers": False}])


def add_note(session: Session, number: int, person: int | None, ledger_id: int | None, said: tuple[str, str]) -> int:
    """Keep an internal note, as (text, reason why it is one); the note's id."""
    row = insert(Note).values(ticket_number=number, person_number=person, ledger_id=ledger_id, text=said[0],
                              reason=said[1])  # fmt: skip
    return session.scalars(row.returning(Note.id)).one()


def keep_reading(session: Session, ledger_id: int, number: int, comment_id: str | None, mail: InboundMail) -> None:
    """Keep beside the comment what trimming removed from the mail, and what was repaired in it."""
    row = insert(Reading).values(
        ledger_id=ledger_id,
        ticket_number=number,
        comment_id=comment_id,
        removed=mail.removed,
        confidence=mail.confidence,
        repairs=list(mail.repairs),
    )
    session.execute(row)
