"""Packing: an outbox row becomes the bytes that go over the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy.orm import Session

from desk.gate import next_attempt
from desk.tokens import envelope_address
from mail.compose import File, InlineImage, Outgoing, compose
from models.behind import grant_of
from models.blobs import content_of
from models.outbox import FileOut, OutboxRow, read_files
from worker.clock import now
from worker.office import Office

Automatic = Literal["auto-generated", "auto-replied"]


@dataclass(frozen=True, slots=True)
class Packed:
    """A mail ready to be handed over; `next_attempt` is None where this attempt is the last.

    `sender` is the envelope's, to which bounces go (RFC 5321, 4.4), and not the header's.
    """

    sender: str
    recipient: str
    message: bytes
    next_attempt: datetime | None


def packed(session: Session, office: Office, row: OutboxRow) -> Packed:
    """Compose a row's mail; the same row gives the same bytes each time."""
    files = read_files(session, row.id)
    outgoing = _outgoing(
        row,
        inline=tuple(_picture(session, file) for file in files if file.content_id),
        files=tuple(File(file.filename, content_of(session, file.sha256)) for file in files if not file.content_id),
    )
    when = next_attempt(row.attempts + 1, row.written_at, now())
    return Packed(_envelope_sender(office, row), row.recipient, compose(outgoing), when)


def _envelope_sender(office: Office, row: OutboxRow) -> str:
    """The signed address by which a bounce of this mail is known; the plain one where the mailbox takes no tags."""
    box = next((box for box in office.settings.mailbox if box.name == row.mailbox), None)
    if box is None or not box.plus_addressing:
        return row.sender
    return envelope_address(office.policy.keys, grant_of(row), box.address)


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
