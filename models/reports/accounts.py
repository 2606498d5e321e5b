"""What the database remembers of a mail, a ticket or a mail of ours, read as accounts."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.explain import AssignmentAccount, MailAccount, NoteAccount, SentAccount, TicketAccount
from mail.mime.message_ids import id_hash
from models.events.rows import EventRow
from models.intake.bounces import BounceRow
from models.ledger.mailboxes import MailboxRow
from models.ledger.rows import LedgerRow
from models.outbox.rows import OutboxRow
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import Ticket
from models.tickets.notes import Note
from models.tickets.participants import AssignmentRow
from models.tickets.thread_index import Reading


def read_mail(session: Session, number: int) -> MailAccount | None:
    """The account of a ledger row, with the mails of ours that it brought about."""
    found = _mails(session, LedgerRow.id == number)
    return found[0] if found else None


def read_mails_by_id(session: Session, message_id: str) -> list[MailAccount]:
    """The accounts of all mails with this Message-ID, which stands without angle brackets."""
    return _mails(session, LedgerRow.message_id_hash == id_hash(message_id))


def read_sent(session: Session, number: int) -> SentAccount | None:
    """The account of a row of the outbox."""
    found = _sent(session, OutboxRow.id == number)
    return found[0] if found else None


def read_sent_by_id(session: Session, message_id: str) -> list[SentAccount]:
    """The account of our mail with this Message-ID, which stands without angle brackets."""
    return _sent(session, OutboxRow.message_id == message_id)


def read_ticket(session: Session, number: int) -> TicketAccount | None:
    """The account of a ticket, also of a deleted one; None where the number was never given."""
    anchor = session.get(TicketAnchor, number)
    if anchor is None:
        return None
    ticket = session.get(Ticket, anchor.ticket_id) if anchor.ticket_id else None
    notes = select(Note).where(Note.ticket_number == number).order_by(Note.id)
    given = select(AssignmentRow).where(AssignmentRow.ticket_number == number).order_by(AssignmentRow.id)
    return TicketAccount(
        number=number,
        title=ticket.title if ticket else None,
        status=ticket.status if ticket else None,
        continues=anchor.continues,
        assignments=tuple(AssignmentAccount(row.reason, _utc(row.assigned_at)) for row in session.scalars(given)),
        notes=tuple(_note_account(row) for row in session.scalars(notes)),
        mails=tuple(_mails(session, LedgerRow.ticket_number == number, with_sent=False)),
        sent=tuple(_sent(session, OutboxRow.ticket_number == number)),
        merged_into=anchor.merged_into,
    )


def _mails(session: Session, which: ColumnElement[bool], *, with_sent: bool = True) -> list[MailAccount]:
    statement = select(LedgerRow, MailboxRow.name).join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id)
    found = session.execute(statement.where(which).order_by(LedgerRow.id)).all()
    return [_mail_account(session, row, mailbox, with_sent=with_sent) for row, mailbox in found]


def _mail_account(session: Session, row: LedgerRow, mailbox: str, *, with_sent: bool) -> MailAccount:
    reading = session.get(Reading, row.id)
    caused = select(EventRow.id).where(EventRow.cause == row.id)
    return MailAccount(
        number=row.id,
        mailbox=mailbox,
        folder=row.folder,
        uid=row.uid,
        stored_at=_utc(row.stored_at),
        message_id=row.message_id,
        sender=row.sender,
        fate=row.fate,
        reason=row.reason,
        evidence=dict(row.evidence),
        ticket=row.ticket_number,
        tries=row.tries,
        error=row.error,
        confirmed_at=_utc(row.confirmed_at) if row.confirmed_at else None,
        confidence=reading.confidence if reading else None,
        repairs=tuple(reading.repairs) if reading else (),
        removed=reading.removed if reading else "",
        sent=tuple(_sent(session, OutboxRow.event_id.in_(caused))) if with_sent else (),
    )


def _sent(session: Session, which: ColumnElement[bool]) -> list[SentAccount]:
    statement = select(OutboxRow, EventRow.kind, EventRow.cause).outerjoin(EventRow, EventRow.id == OutboxRow.event_id)
    found = session.execute(statement.where(which).order_by(OutboxRow.id)).all()
    failures = _failures(session, [row.id for row, _, _ in found])
    return [_sent_account(row, kind, cause, failures.get(row.id, ())) for row, kind, cause in found]


def _failures(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for row in session.scalars(select(BounceRow).where(BounceRow.outbox_id.in_(ids)).order_by(BounceRow.ledger_id)):
        status = f" (status {row.status})" if row.status else ""
        sentence = f"{row.failure}{status}, reported by mail {row.ledger_id}"
        found[row.outbox_id] = (*found.get(row.outbox_id, ()), sentence)
    return found


def _sent_account(row: OutboxRow, event: str | None, cause: int | None, bounced: tuple[str, ...]) -> SentAccount:
    return SentAccount(
        number=row.id,
        template=row.template,
        recipient=row.recipient,
        subject=row.subject,
        message_id=row.message_id,
        ticket=row.ticket_number,
        event=event,
        cause=cause,
        written_at=_utc(row.written_at),
        fate=row.fate,
        reason=row.reason,
        due_at=_utc(row.due_at),
        sent_at=_utc(row.sent_at) if row.sent_at else None,
        attempts=row.attempts,
        error=row.error,
        spent_at=_utc(row.spent_at) if row.spent_at else None,
        bounced=bounced,
    )


def _note_account(row: Note) -> NoteAccount:
    accepted = _utc(row.accepted_at) if row.accepted_at else None
    return NoteAccount(row.id, row.ledger_id, row.reason, _utc(row.written_at), accepted)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
