"""The heads of the latest mails: as much of the bytes of each as holds its header."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mail.headers import HEAD_BYTES
from models.ledger import LedgerRow, RawChunk
from models.mailboxes import MailboxRow


@dataclass(frozen=True, slots=True)
class Head:
    """The first 64 KB of a mail, and its row of the ledger."""

    row: int
    content: bytes


def latest_heads(session: Session, mailbox: str, most: int) -> list[Head]:
    """The heads of the latest mails of a mailbox, given by its name, the newest first; of a stub there is none."""
    content = func.substring(RawChunk.content, 1, HEAD_BYTES)
    statement = (
        select(LedgerRow.id, content)
        .join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id)
        .join(RawChunk, RawChunk.ledger_id == LedgerRow.id)
        .where(MailboxRow.name == mailbox, RawChunk.position == 0)
    )
    found = session.execute(statement.order_by(LedgerRow.id.desc()).limit(most))
    return [Head(row, bytes(content)) for row, content in found]
