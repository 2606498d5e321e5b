"""Mails that came and mails of ours, as lines of a list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.gate.caps import fold
from mail.mime.headers import HEAD_BYTES
from models.ledger.mailboxes import MailboxRow
from models.ledger.rows import LedgerRow, RawChunk
from models.outbox.rows import OutboxRow
from models.reports.studio.paging import SPAN, RowPage, read_page
from models.supportdesk.archived import ArchivedTicket

# In place of a fate: what has none yet.
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWanted:
    """Which mails are wanted; what is empty or None chooses all.

    `fate` may be UNDECIDED; `address` is that of the sender, of a mail of ours that of the recipient, and finds each
    spelling of it that usually reaches the same person.
    """

    fate: str = ""
    address: str = ""
    ticket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """A mail that came; `head` is its first 64 KB, None where nothing is stored of it, or its ticket is `archived`."""

    number: int
    mailbox: str
    fate: str | None
    reason: str
    sender: str
    ticket: int | None
    stored_at: datetime
    head: bytes | None
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A mail of ours; one without `fate` and with an `error` waits after it."""

    number: int
    template: str
    recipient: str
    subject: str
    fate: str | None
    reason: str
    error: str
    ticket: int | None
    written_at: datetime


def list_mails(
    session: Session, wanted: MailWanted, most: int, before: int | None = None
) -> tuple[list[MailLine], RowPage]:
    """A page of mails that came, the newest first, and how it goes on."""
    head = func.substr(RawChunk.content, 1, HEAD_BYTES).label("head")
    first = and_(RawChunk.ledger_id == LedgerRow.id, RawChunk.position == 0)
    archived = exists().where(ArchivedTicket.number == LedgerRow.ticket_number).label("archived")
    columns = select(LedgerRow, MailboxRow.name.label("mailbox"), head, archived)
    joined = columns.join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id).outerjoin(RawChunk, first)
    # The mark of a folder is no mail.
    chosen = joined.where(func.coalesce(LedgerRow.fate, "") != "baseline")
    chosen = _chosen(chosen, wanted, (LedgerRow.fate, LedgerRow.correspondent, LedgerRow.ticket_number))
    page = read_page(session, chosen, LedgerRow.id, most, before, _span(wanted))
    return [_mail(row) for row in page.rows], page


def list_sent(
    session: Session, wanted: MailWanted, most: int, before: int | None = None
) -> tuple[list[SentLine], RowPage]:
    """A page of mails of ours, the newest first, and how it goes on."""
    # The texts stay where they are.
    names = ("template", "recipient", "subject", "fate", "reason", "error", "written_at", "ticket_number")
    columns = select(OutboxRow.id, *(getattr(OutboxRow, name) for name in names))
    chosen = _chosen(columns, wanted, (OutboxRow.fate, OutboxRow.correspondent, OutboxRow.ticket_number))
    page = read_page(session, chosen, OutboxRow.id, most, before, _span(wanted))
    return [_sent(row) for row in page.rows], page


def read_text(session: Session, number: int) -> str:
    """The text of a mail of ours, empty where there is none."""
    return session.scalar(select(OutboxRow.text).where(OutboxRow.id == number)) or ""


def read_head(session: Session, number: int) -> bytes:
    """The first 64 KB of a mail that came; empty where nothing is stored of it."""
    head = select(func.substr(RawChunk.content, 1, HEAD_BYTES)).where(RawChunk.ledger_id == number)
    return bytes(session.scalar(head.where(RawChunk.position == 0)) or b"")


def _span(wanted: MailWanted) -> int | None:
    # The mails of one ticket have an index, and are few.
    return None if wanted.ticket is not None else SPAN


Columns = tuple[InstrumentedAttribute[str | None], InstrumentedAttribute[str | None], InstrumentedAttribute[int | None]]


def _chosen(statement: Select[Any], wanted: MailWanted, columns: Columns) -> Select[Any]:
    fate, correspondent, ticket = columns
    if wanted.fate:
        statement = statement.where(fate.is_(None) if wanted.fate == UNDECIDED else fate == wanted.fate)
    if wanted.address:
        statement = statement.where(correspondent == fold(wanted.address))
    if wanted.ticket is not None:
        statement = statement.where(ticket == wanted.ticket)
    return statement


def _mail(row: Any) -> MailLine:
    one = row.LedgerRow
    return MailLine(
        number=one.id,
        mailbox=row.mailbox,
        fate=one.fate,
        reason=one.reason or one.error or "",
        sender=one.sender or "",
        ticket=one.ticket_number,
        stored_at=one.stored_at,
        head=None if row.head is None else bytes(row.head),
        archived=row.archived,
    )


def _sent(row: Any) -> SentLine:
    return SentLine(
        number=row.id,
        template=row.template,
        recipient=row.recipient,
        subject=row.subject,
        fate=row.fate,
        reason=row.reason or "",
        error=row.error or "",
        ticket=row.ticket_number,
        written_at=row.written_at,
    )
