"""The outbox: every mail that goes out, rendered, with what became of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import SCHEMA, Base, Claimable, Key, Moment, Now, String, folded_address, table_of
from models.claims import Queue
from models.events import EventRow


class OutboxRow(Claimable, Base):
    """One mail to one recipient; `kind` says what an answer to its signed address becomes.

    Boundary, Date and Message-ID are fixed when the row is written, so sending it again repeats the bytes.
    `to_stranger` is an answer of a program to an address that is only claimed and was never written to before.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("fate IN ('sent', 'failed', 'held')", name="fate"),
        CheckConstraint("kind IN ('public', 'note', 'none', 'confirm')", name="kind"),
        Index("outbox_due_idx", "due_at", postgresql_where=sql("fate IS NULL")),
        Index(None, "correspondent", "written_at"),
        Index("outbox_to_stranger_idx", "written_at", postgresql_where=sql("to_stranger")),
        Index(None, "ticket_number"),
        Index(None, "person_number"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    template: Mapped[String]
    kind: Mapped[String]
    mailbox: Mapped[String]
    event_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.event.id"))
    ticket_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    role: Mapped[String]
    recipient: Mapped[String]
    recipient_name: Mapped[String]
    sender: Mapped[String]
    sender_name: Mapped[String]
    reply_to: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[String]
    text: Mapped[String]
    html: Mapped[String]
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    in_reply_to: Mapped[str | None] = mapped_column(Text)
    references: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    auto_submitted: Mapped[str | None] = mapped_column(Text)
    dated: Mapped[Moment]
    token_expires_at: Mapped[Moment]
    spent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    correspondent: Mapped[str | None] = mapped_column(Text, folded_address("recipient"))
    to_stranger: Mapped[bool] = mapped_column(server_default=sql("false"))
    written_at: Mapped[Now]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OutboxFile(Base):
    """A file or inline image of an outgoing mail, by reference to its blob."""

    __tablename__ = "outbox_file"
    __table_args__ = (Index(None, "sha256"), {"schema": SCHEMA})

    outbox_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mail.outbox.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[String]
    content_id: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary, ForeignKey("mail.blob.sha256"))


_FILE = insert(table_of(OutboxFile))
OUTBOX = Queue("mail.outbox", order="q.due_at, q.id")

_ROW = table_of(OutboxRow)
_SETTLE = (
    update(_ROW)
    .where(_ROW.c.id == bindparam("row"))
    .values(
        fate=bindparam("word"),
        reason=bindparam("why"),
        decided_at=func.now(),
        sent_at=case((bindparam("was_sent", type_=Boolean), func.now()), else_=_ROW.c.sent_at),
        claimed_by=None,
        claimed_until=None,
    )
)
FAILED = "failed"
HELD = "held"
SENT = "sent"


@dataclass(frozen=True, slots=True)
class FileOut:
    """A file of an outgoing mail; one with a Content-ID stands inside the HTML."""

    filename: str
    sha256: bytes
    content_id: str | None = None


def write(session: Session, mails: Sequence[tuple[OutboxRow, Sequence[FileOut]]]) -> None:
    """Put mails into the outbox with their files."""
    session.add_all(row for row, _ in mails)
    session.flush()
    files = [
        {"outbox_id": row.id, "position": position, **asdict(file)}
        for row, files in mails
        for position, file in enumerate(files)
    ]
    if files:
        session.execute(_FILE, files)


def read_files(session: Session, outbox_id: int) -> list[FileOut]:
    """The files of an outgoing mail, in order."""
    statement = select(OutboxFile).where(OutboxFile.outbox_id == outbox_id).order_by(OutboxFile.position)
    return [FileOut(file.filename, file.sha256, file.content_id) for file in session.scalars(statement)]


def spend(session: Session, ids: Sequence[int]) -> None:
    """Record that others than us have seen the signatures of these mails."""
    if ids:
        seen = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.spent_at.is_(None))
        session.execute(seen.values(spent_at=func.now()))


def cause_of(session: Session, row: OutboxRow) -> int | None:
    """The ledger id of the mail that an outgoing mail goes back to."""
    return session.scalar(select(EventRow.cause).where(EventRow.id == row.event_id))


def count_attempt(session: Session, outbox_id: int, due_at: datetime) -> None:
    """Record an attempt before it is made, and when the next would be."""
    row = update(OutboxRow).where(OutboxRow.id == outbox_id)
    session.execute(row.values(attempts=OutboxRow.attempts + 1, due_at=due_at))


def settle_outbox(session: Session, outbox_id: int, fate: str, reason: str | None = None) -> None:
    """Write the fate of an outgoing mail; the claim ends with it."""
    session.execute(_SETTLE, {"row": outbox_id, "word": fate, "why": reason, "was_sent": fate == SENT})


def postpone(session: Session, outbox_id: int, until: datetime, reason: str) -> None:
    """Give a mail back that waits for its turn; nothing is counted."""
    values = {"due_at": until, "reason": reason, "claimed_by": None, "claimed_at": None, "claimed_until": None}
    row = update(OutboxRow).where(OutboxRow.id == outbox_id, OutboxRow.fate.is_(None))
    session.execute(row.values(**values, claimed_alone=False))


def defer(session: Session, outbox_id: int, error: str) -> None:
    """Give a mail back whose attempt failed for now; it is due at the time that its attempt recorded."""
    values = {"error": error, "claimed_by": None, "claimed_at": None, "claimed_until": None, "claimed_alone": False}
    session.execute(update(OutboxRow).where(OutboxRow.id == outbox_id, OutboxRow.fate.is_(None)).values(**values))
