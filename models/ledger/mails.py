"""Mails read back from the ledger: a claimed mail with its bytes, the latest headers, and mails that were too large."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from desk.facts import Imported
from mail.mime.headers import HEAD_BYTES
from models.db.claims import Claimed
from models.db.statement import Statement
from models.ledger.mailboxes import MailboxRow
from models.ledger.raw import raw_of
from models.ledger.rows import LedgerRow, RawChunk

# Locks a claimed mail and reads it with its first chunk, which holds nearly every mail.
_TAKE: Final = Statement(
    """
SELECT m.name AS mailbox, l.fingerprint, l.size, l.partial, l.confirmed_at IS NOT NULL AS confirmed,
    l.restored_at IS NOT NULL AS restored, l.waited_at IS NOT NULL AS waited, c.content,
    coalesce(l.internal_date, l.stored_at) AS arrived_at, now(),
    l.imported_at, l.import_vouched, l.import_open
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
LEFT JOIN mail.raw_chunk c ON c.ledger_id = l.id AND c.position = 0
WHERE l.id = :id AND l.claimed_by = :token AND l.fate IS NULL
FOR UPDATE OF l
""",
    binary=True,
)


@dataclass(frozen=True, slots=True)
class LedgerMail:
    """One mail of the ledger: its row, its mailbox's name, its size on the server in bytes, and the bytes stored.

    Of a `partial` mail only the headers are in `raw`; a `confirmed` one was held until its sender confirmed it,
    and a `restored` one dropped until an admin took it for a person's. One that has `waited` is an answer of staff that
    was let wait for a word of its author. It came to its server at `arrived_at`. The transaction that locked it began
    at `now` by the database's clock. `imported` is there for one that was brought along from files.
    """

    row: int
    mailbox: str
    fingerprint: bytes
    size: int
    partial: bool
    confirmed: bool
    restored: bool
    raw: bytes
    arrived_at: datetime
    now: datetime
    waited: bool = False
    imported: Imported | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The first 64 KB of a mail, the id of its ledger row, and when it was stored."""

    row: int
    content: bytes
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartialMail:
    """A mail that was too large: its ledger row, where it lies, its size in bytes, and why it ended as it did."""

    ledger_id: int
    mailbox: str
    folder: str
    uid: int
    size: int
    stored_at: datetime
    sender: str | None
    reason: str | None


def lock_mail(session: Session, claimed: Claimed, row: int) -> LedgerMail | None:
    """Lock a claimed row and read its mail; None where the claim no longer holds, and nothing may be written."""
    mail = _TAKE.one(session, {"id": row, "token": claimed.token})
    if mail is None:
        return None
    raw = bytes(mail.content or b"")
    if len(raw) < mail.size and not mail.partial:
        raw = raw_of(session, row, first=raw)
    return LedgerMail(
        row=row,
        mailbox=mail.mailbox,
        fingerprint=mail.fingerprint,
        size=mail.size,
        partial=mail.partial,
        confirmed=mail.confirmed,
        restored=mail.restored,
        raw=raw,
        arrived_at=mail.arrived_at,
        now=mail.now,
        waited=mail.waited,
        imported=imported_of(mail),
    )


def imported_of(row: Any) -> Imported | None:
    """What was chosen for a mail that was brought along, by the columns of its row; None for all others."""
    if row.imported_at is None:
        return None
    return Imported(row.arrived_at, vouched=row.import_vouched, stays_open=row.import_open)


def release(session: Session, rows: Sequence[int]) -> None:
    """Make held mails fresh work, which their sender has confirmed; nothing happens where one was confirmed before."""
    held = update(LedgerRow).where(
        LedgerRow.id.in_(rows), LedgerRow.fate == "not_applied", LedgerRow.confirmed_at.is_(None)
    )
    session.execute(held.values(fate=None, reason=None, decided_at=None, confirmed_at=func.now(), due_at=func.now()))


def is_known(session: Session, row: int) -> bool:
    """Whether there is a row of this number, with its bytes or without."""
    return session.scalar(select(LedgerRow.id).where(LedgerRow.id == row)) is not None


def latest_heads(session: Session, mailbox: str, most: int, within: timedelta) -> list[Head]:
    """The heads of the latest mails of a mailbox, given by its name, the newest first; of a stub there is none.

    Of those `most` the ones are left out that were stored longer ago than `within`.
    """
    content = func.substring(RawChunk.content, 1, HEAD_BYTES).label("content")
    statement = (
        select(LedgerRow.id, LedgerRow.stored_at, content)
        .join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id)
        .join(RawChunk, RawChunk.ledger_id == LedgerRow.id)
        .where(MailboxRow.name == mailbox, RawChunk.position == 0, LedgerRow.imported_at.is_(None))
    )
    latest = statement.order_by(LedgerRow.id.desc()).limit(most).subquery()
    recent = select(latest).where(latest.c.stored_at > func.now() - within).order_by(latest.c.id.desc())
    return [Head(row.id, bytes(row.content), row.stored_at) for row in session.execute(recent)]


def list_partial(session: Session, most: int = 1000, before: int | None = None) -> list[PartialMail]:
    """Up to `most` mails that were too large, whose bodies are still on the server, the newest first.

    Those with numbers below `before`; None: from the newest on.
    """
    columns = (MailboxRow.name, LedgerRow)
    statement = select(*columns).join(MailboxRow, LedgerRow.mailbox_id == MailboxRow.id).where(LedgerRow.partial)
    if before is not None:
        statement = statement.where(LedgerRow.id < before)
    rows = session.execute(statement.order_by(LedgerRow.id.desc()).limit(most))
    return [
        PartialMail(row.id, name, row.folder, row.uid, row.size, row.stored_at, row.sender, row.reason)
        for name, row in rows
    ]
