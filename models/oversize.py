"""Mails that were too large: only their headers are here, and their bodies are on the server still."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.ledger import LedgerRow
from models.mailboxes import MailboxRow


@dataclass(frozen=True, slots=True)
class Partial:
    """A mail that was too large: its ledger row, where it lies, its size in bytes, and what became of it."""

    ledger_id: int
    mailbox: str
    folder: str
    uid: int
    size: int
    stored_at: datetime
    sender: str | None
    reason: str | None


def list_partial(session: Session, most: int = 1000) -> list[Partial]:
    """The newest mails that were too large, whose bodies are on the server still, newest first."""
    columns = (MailboxRow.name, LedgerRow)
    statement = select(*columns).join(MailboxRow, LedgerRow.mailbox_id == MailboxRow.id).where(LedgerRow.partial)
    rows = session.execute(statement.order_by(LedgerRow.id.desc()).limit(most))
    return [
        Partial(one.id, name, one.folder, one.uid, one.size, one.stored_at, one.sender, one.reason)
        for name, one in rows
    ]
