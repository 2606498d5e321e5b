"""The quarantine: mails of the ledger that wait for an admin, who gives them back to intake or drops them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, update
from sqlalchemy.orm import Session

from mail.mime.headers import HEAD_BYTES
from models.db.base import among
from models.ledger.mailboxes import MailboxRow
from models.ledger.rows import LedgerRow, RawChunk

QUARANTINED = "quarantined"

# The columns of a fresh row, so that a second run of intake finds what the first one found.
AS_NEW: dict[str, Any] = {
    "fate": None,
    "reason": None,
    "error": None,
    "evidence": {},
    "ticket_number": None,
    "person_number": None,
    "sender": None,
    "recipients": [],
    "automatic": None,
    "decided_at": None,
    "reported_at": None,
    "tries": 0,
    "due_at": func.now(),
    "claimed_by": None,
    "claimed_at": None,
    "claimed_until": None,
    "claimed_alone": False,
}


@dataclass(frozen=True, slots=True)
class QuarantinedMail:
    """A mail in quarantine; `head` is its first 64 KB, None where its bytes are still on the server.

    `is_whole` is false too where only the headers were stored. `is_read` says that a rule put it here, so that it could
    be read.
    """

    number: int
    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    size: int
    stored_at: datetime
    quarantined_at: datetime | None
    reported_at: datetime | None
    tries: int
    sender: str | None
    reason: str
    error: str | None
    is_whole: bool
    is_read: bool
    head: bytes | None


def read_quarantined(
    session: Session, numbers: Sequence[int] | None = None, *, most: int | None = None, after: int = 0
) -> Iterator[QuarantinedMail]:
    """The mails in quarantine, or those among these numbers, the oldest first; 50 at a time are in memory.

    So many at most (None: all), with numbers above `after`.
    """
    statement = _select_quarantined().where(LedgerRow.id > after).limit(most)
    if numbers is not None:
        statement = statement.where(LedgerRow.id == among(numbers))
    rows = session.execute(statement.execution_options(yield_per=50))
    return (_quarantined_mail(row.LedgerRow, row.mailbox, row.head) for row in rows)


def take_unreported(session: Session, most: int) -> list[QuarantinedMail]:
    """The oldest mails that no admin was told of, locked; those that another transaction has taken are left out."""
    statement = _select_quarantined().where(LedgerRow.reported_at.is_(None)).limit(most)
    rows = session.execute(statement.with_for_update(of=LedgerRow, skip_locked=True))
    return [_quarantined_mail(row.LedgerRow, row.mailbox, row.head) for row in rows]


def set_reported(session: Session, numbers: Sequence[int]) -> None:
    """Record that the admins are told of these mails."""
    session.execute(update(LedgerRow).where(LedgerRow.id == among(numbers)).values(reported_at=func.now()))


def give_back(session: Session, numbers: Sequence[int]) -> list[int]:
    """Make those of the mails that are in quarantine and have bytes fresh work; their numbers.

    Of a mail that was too large the headers are enough: a first run would have had no more.
    """
    has_bytes = select(RawChunk.ledger_id).where(RawChunk.ledger_id == LedgerRow.id).exists()
    mine = and_(LedgerRow.id == among(numbers), LedgerRow.fate == QUARANTINED, has_bytes)
    return sorted(session.scalars(update(LedgerRow).where(mine).values(**AS_NEW).returning(LedgerRow.id)))


def drop(session: Session, number: int) -> bool:
    """Decide that a mail in quarantine will have no effect; its bytes stay. False where it is not in quarantine."""
    reason = func.concat("It was dropped by command. It had been put into quarantine: ", LedgerRow.reason)
    mine = and_(LedgerRow.id == number, LedgerRow.fate == QUARANTINED)
    values = {"fate": "dropped", "reason": reason, "decided_at": func.now()}
    return session.scalar(update(LedgerRow).where(mine).values(**values).returning(LedgerRow.id)) is not None


def _select_quarantined() -> Select[Any]:
    head = func.substr(RawChunk.content, 1, HEAD_BYTES).label("head")
    first = and_(RawChunk.ledger_id == LedgerRow.id, RawChunk.position == 0)
    columns = (LedgerRow, MailboxRow.name.label("mailbox"), head)
    joined = select(*columns).join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id).outerjoin(RawChunk, first)
    return joined.where(LedgerRow.fate == QUARANTINED).order_by(LedgerRow.id)


def _quarantined_mail(row: LedgerRow, mailbox: str, head: bytes | None) -> QuarantinedMail:
    return QuarantinedMail(
        number=row.id,
        mailbox=mailbox,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        size=row.size,
        stored_at=row.stored_at,
        quarantined_at=row.decided_at,
        reported_at=row.reported_at,
        tries=row.tries,
        sender=row.sender,
        reason=row.reason or "",
        error=row.error,
        is_whole=head is not None and not row.partial,
        is_read="rule" in row.evidence,
        head=head,
    )
