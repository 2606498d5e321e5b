"""Packing: an outbox row becomes the bytes that go over the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy.orm import Session

from desk.gate import next_attempt
from mail.compose import File, InlineImage, Outgoing, compose
from models.blobs import content_of
from models.outbox import FileOut, OutboxRow, read_files
from worker.clock import now

Automatic = Literal["auto-generated", "auto-replied"]


@dataclass(frozen=True, slots=True)
class Packed:
    """A mail ready to be handed over; `next_attempt` is None where this attempt is the last."""

    sender: str
    recipient: str
    message: bytes
    next_attempt: datetime | None


def packed(session: Session, row: OutboxRow) -> Packed:
    """Compose a row's mail; the same row gives the same bytes each time."""
    files = read_files(session, row.id)
    outgoing = _outgoing(
        row,
        inline=tuple(_picture(session, file) for file in files if file.content_id),
        files=tuple(File(file.filename, content_of(session, file.sha256)) for file in files if not file.content_id),
    )
    when = next_attempt(row.attempts + 1, row.written_at, now())
    return Packed(row.sender, row.recipient, compose(outgoing), when)


def _picture(session: Session, file: FileOut) -> InlineImage:
    return InlineImage(file.content_id or "", file.filename, content_of(session, file.sha256))


def _outgoing(row: OutboxRow, inline: tuple[InlineImage, ...], files: tuple[File, ...]) -> Outgoing:
    return Outgoing(
        sender_name=row.sender_name,
        sender=row.sender,
        recipient_name=row.recipient_name,
        recipient=row.recipient,
        reply_to=row.reply_to,
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.message_id,
        date=row.dated,
        in_reply_to=row.in_reply_to,
        references=tuple(row.references),
        auto_submitted=cast("Automatic | None", row.auto_submitted),
        inline=inline,
        files=files,
        boundary_seed=row.message_id,
    )
