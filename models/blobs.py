"""Blobs, stored once by content, and the attachments that refer to them."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.files import TicketFile
from mail.message import Attachment
from models.base import SCHEMA, Base, Bytes, Key, Now, Number, String
from models.ledger import LedgerRow


class Blob(Base):
    """Bytes named by their SHA-256."""

    __tablename__ = "blob"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    size: Mapped[Number]
    content: Mapped[Bytes]
    stored_at: Mapped[Now]


class AttachmentRow(Base):
    """A file that came with a mail; `comment_id` is NULL where it came with the ticket's first mail."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "ticket_number"), Index(None, "ledger_id"), Index(None, "sha256"), {"schema": SCHEMA})

    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"))
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    comment_id: Mapped[str | None] = mapped_column(Text)
    position: Mapped[int]
    filename: Mapped[String]
    content_type: Mapped[String]
    inline: Mapped[bool]
    content_id: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary, ForeignKey("mail.blob.sha256"))


def store_blob(session: Session, content: bytes) -> bytes:
    """Store bytes once by content; their SHA-256."""
    sha256 = hashlib.sha256(content).digest()
    row = insert(Blob).values(sha256=sha256, size=len(content), content=content)
    session.execute(row.on_conflict_do_nothing())
    return sha256


def attach(session: Session, ledger_id: int, number: int, comment_id: str | None, files: Sequence[Attachment]) -> None:
    """Store a mail's attachments with the ticket, or with the comment that they came with."""
    for position, file in enumerate(files):
        row = insert(AttachmentRow).values(
            ledger_id=ledger_id,
            ticket_number=number,
            comment_id=comment_id,
            position=position,
            filename=file.filename,
            content_type=file.content_type,
            inline=file.inline,
            content_id=file.content_id,
            sha256=store_blob(session, file.content),
        )
        session.execute(row)


def files_of_mail(session: Session, ledger_id: int) -> list[TicketFile]:
    """The files that came with a mail, in its order."""
    columns = (AttachmentRow.filename, AttachmentRow.content_type, Blob.size, Blob.sha256)
    statement = select(*columns).join(Blob).where(AttachmentRow.ledger_id == ledger_id)
    return [TicketFile(*row) for row in session.execute(statement.order_by(AttachmentRow.position))]


def files_of_ticket(session: Session, number: int) -> list[TicketFile]:
    """The files that came with the mail which opened a ticket."""
    first = session.scalar(select(func.min(LedgerRow.id)).where(LedgerRow.ticket_number == number))
    return files_of_mail(session, first) if first else []


def content_of(session: Session, sha256: bytes) -> bytes:
    """The bytes of a blob."""
    return session.scalars(select(Blob.content).where(Blob.sha256 == sha256)).one()
