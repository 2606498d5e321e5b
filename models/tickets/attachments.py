"""Blobs, stored once by content, and the attachments that refer to them."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Row, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.ticket import TicketFile
from mail.inbound.message import InboundMail
from mail.mime.encodings import LongContent
from models.db.base import SCHEMA, Base, Bytes, Key, Now, Number, String, among
from models.db.statement import Statement
from models.ledger.rows import LedgerRow
from models.tickets.long_blobs import store_long_blob

# So many of its first bytes tell whether a file is an encrypted archive.
MAGIC_BYTES = 16


class Blob(Base):
    """Bytes named by their SHA-256."""

    __tablename__ = "blob"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    size: Mapped[Number]
    content: Mapped[Bytes]
    stored_at: Mapped[Now]


class AttachmentRow(Base):
    """A file that came with a mail; `comment_id` is NULL where it came with the ticket's first mail.

    Pictures `of_signature`, or that came back in a quote of ours, are listed in no mail.
    """

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
    of_signature: Mapped[bool] = mapped_column(server_default=text("false"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary, ForeignKey("mail.blob.sha256"))


# Stores a blob, which may be there already.
_BLOB = Statement("""
INSERT INTO mail.blob (sha256, size, content) VALUES (:sha256, :size, :content) ON CONFLICT DO NOTHING
""")
# A small picture is also its sender's signature where they sent it on another ticket; only so many are looked at.
# One that we showed them among the words on this ticket came back in the quote.
_ATTACHMENT = Statement("""
INSERT INTO mail.attachment (ledger_id, ticket_number, comment_id, position, filename, content_type, inline, content_id,
    sha256, of_signature)
VALUES (:ledger, :ticket, :comment, :position, :filename, :content_type, :inline, :content_id, :sha256,
    :of_signature OR (:may_be_signatures AND EXISTS (
        SELECT FROM (SELECT ledger_id, ticket_number FROM mail.attachment WHERE sha256 = :sha256 LIMIT 200) AS earlier
        JOIN mail.ledger l ON l.id = earlier.ledger_id
        WHERE earlier.ticket_number <> :ticket AND l.sender = :sender
    )) OR (:is_shown AND EXISTS (
        SELECT FROM mail.outbox_file f JOIN mail.outbox o ON o.id = f.outbox_id
        WHERE f.sha256 = :sha256 AND f.content_id IS NOT NULL AND o.ticket_number = :ticket AND o.recipient = :sender
    ))
)
""")
_CONTENT = Statement("SELECT content FROM mail.blob WHERE sha256 = :sha256", binary=True)
# The files of the comments that events announce, in the order of each mail, with the first bytes of each file.
_FILES_OF_COMMENTS = text("""
SELECT e.id, a.filename, a.content_type, a.content_id, b.size, b.sha256, substr(b.content, 1, :magic_bytes) AS head
FROM mail.event e
JOIN mail.attachment a ON a.ticket_number = e.ticket_number AND a.comment_id = e.comment_id
JOIN mail.blob b ON b.sha256 = a.sha256
WHERE e.id = ANY(CAST(:events AS bigint[])) AND NOT a.of_signature ORDER BY e.id, a.position
""")


def store_blob(session: Session, content: bytes) -> bytes:
    """Store bytes once by content; their SHA-256."""
    sha256 = hashlib.sha256(content).digest()
    _BLOB.rows(session, _blob(sha256, content))
    return sha256


def attach(session: Session, ledger_id: int, number: int, comment_id: str | None, mail: InboundMail) -> None:
    """Store a mail's attachments with the ticket, or with the comment that they came with."""
    files, sender = mail.attachments, mail.senders[0].email if mail.senders else ""
    digests = [file.sha256 for file in files]
    blobs = {digest: file.content for digest, file in zip(digests, files, strict=True)}
    # In one order: two mails with the same files would otherwise wait for each other.
    for digest in sorted(blobs):
        content = blobs[digest]
        if isinstance(content, LongContent):
            store_long_blob(session, content)
        else:
            _BLOB.rows(session, _blob(digest, content))
    place = {"ledger": ledger_id, "ticket": number, "comment": comment_id, "sender": sender}
    for position, (file, digest) in enumerate(zip(files, digests, strict=True)):
        row = {"filename": file.filename, "content_type": file.content_type, "inline": file.inline}
        row |= {"content_id": file.content_id, "sha256": digest, "position": position}
        row |= {"of_signature": file.of_signature, "may_be_signatures": file.may_be_signature}
        row |= {"is_shown": file.content_id is not None}
        _ATTACHMENT.write(session, place | row)


def _blob(digest: bytes, content: bytes) -> dict[str, object]:
    return {"sha256": digest, "size": len(content), "content": content}


def files_of_mails(session: Session, ledger_ids: Sequence[int]) -> dict[int, list[TicketFile]]:
    """The listed files of each of these mails, by ledger id and in its order; mails without any are left out."""
    if not ledger_ids:
        return {}
    head = func.substr(Blob.content, 1, MAGIC_BYTES).label("head")
    of_file = (AttachmentRow.filename, AttachmentRow.content_type, AttachmentRow.content_id)
    columns = (*of_file, Blob.size, Blob.sha256, head)
    statement = (
        select(AttachmentRow.ledger_id.label("id"), *columns)
        .join(Blob)
        .where(AttachmentRow.ledger_id == among(ledger_ids), ~AttachmentRow.of_signature)
        .order_by(AttachmentRow.ledger_id, AttachmentRow.position)
    )
    return _files_by_id(session.execute(statement))


def files_of_comments(session: Session, events: Sequence[int]) -> dict[int, list[TicketFile]]:
    """The listed files of the comments that these events announce, by event id and in the order of each mail."""
    if not events:
        return {}
    return _files_by_id(session.execute(_FILES_OF_COMMENTS, {"events": list(events), "magic_bytes": MAGIC_BYTES}))


def _files_by_id(rows: Iterable[Row[Any]]) -> dict[int, list[TicketFile]]:
    files: dict[int, list[TicketFile]] = {}
    for row in rows:
        file = TicketFile(row.filename, row.content_type, row.size, row.sha256, bytes(row.head), row.content_id)
        files.setdefault(row.id, []).append(file)
    return files


def files_of_ticket(session: Session, number: int) -> list[TicketFile]:
    """The files that came with the mail which opened a ticket."""
    first = session.scalar(select(func.min(LedgerRow.id)).where(LedgerRow.ticket_number == number))
    return files_of_mails(session, [first]).get(first, []) if first else []


def content_of(session: Session, sha256: bytes) -> bytes:
    """The bytes of a blob that something refers to."""
    return bytes(_CONTENT.one(session, {"sha256": sha256}).content)
