"""Blobs, stored once by content, and the attachments that refer to them."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.files import TicketFile
from mail.message import Attachment
from models.base import SCHEMA, Base, Bytes, Key, Now, Number, String, table_of
from models.ledger import LedgerRow

# What tells an encrypted archive.
HEAD_BYTES = 16


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


_BLOB = insert(table_of(Blob)).on_conflict_do_nothing()
_ATTACHMENT = insert(table_of(AttachmentRow))


def store_blob(session: Session, content: bytes) -> bytes:
    """Store bytes once by content; their SHA-256."""
    sha256 = hashlib.sha256(content).digest()
    session.execute(_BLOB, [_blob(sha256, content)])
    return sha256


def attach(session: Session, ledger_id: int, number: int, comment_id: str | None, files: Sequence[Attachment]) -> None:
    """Store a mail's attachments with the ticket, or with the comment that they came with."""
    if not files:
        return
    digests = [hashlib.sha256(file.content).digest() for file in files]
    blobs = {digest: file.content for digest, file in zip(digests, files, strict=True)}
    # In one order, for two mails with the same files would else wait for each other.
    session.execute(_BLOB, [_blob(digest, blobs[digest]) for digest in sorted(blobs)])
    rows = [
        {
            "ledger_id": ledger_id,
            "ticket_number": number,
            "comment_id": comment_id,
            "position": position,
            "filename": file.filename,
            "content_type": file.content_type,
            "inline": file.inline,
            "content_id": file.content_id,
            "sha256": digest,
        }
        for position, (file, digest) in enumerate(zip(files, digests, strict=True))
    ]
    session.execute(_ATTACHMENT, rows)


def _blob(digest: bytes, content: bytes) -> dict[str, object]:
    return {"sha256": digest, "size": len(content), "content": content}


def files_of_mails(session: Session, ledger_ids: Sequence[int]) -> dict[int, list[TicketFile]]:
    """The files that came with each of these mails, in its order; mails without any are left out."""
    head = func.substr(Blob.content, 1, HEAD_BYTES).label("head")
    file = (AttachmentRow.filename, AttachmentRow.content_type, Blob.size, Blob.sha256, head)
    among = AttachmentRow.ledger_id == any_(literal(list(ledger_ids), ARRAY(BigInteger)))
    statement = (
        select(AttachmentRow.ledger_id, *file)
        .join(Blob)
        .where(among)
        .order_by(AttachmentRow.ledger_id, AttachmentRow.position)
    )
    found: dict[int, list[TicketFile]] = {}
    for row in session.execute(statement) if ledger_ids else ():
        one = TicketFile(row.filename, row.content_type, row.size, row.sha256, bytes(row.head))
        found.setdefault(row.ledger_id, []).append(one)
    return found


def files_of_ticket(session: Session, number: int) -> list[TicketFile]:
    """The files that came with the mail which opened a ticket."""
    first = session.scalar(select(func.min(LedgerRow.id)).where(LedgerRow.ticket_number == number))
    return files_of_mails(session, [first]).get(first, []) if first else []


def content_of(session: Session, sha256: bytes) -> bytes:
    """The bytes of a blob."""
    return session.scalars(select(Blob.content).where(Blob.sha256 == sha256)).one()
