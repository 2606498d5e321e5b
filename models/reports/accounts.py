"""What the database remembers of a mail, a ticket or a mail of ours, read as accounts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.notices.events import Field
from desk.reports.accounts import (
    AssignmentAccount,
    ChangeAccount,
    CommandAccount,
    MailAccount,
    NoteAccount,
    SentAccount,
    TicketAccount,
)
from mail.mime.message_ids import id_hash
from mail.outbound.catalogue import in_english
from models.db.statement import Statement
from models.events.outcomes import outcome_from_json
from models.events.rows import EventRow
from models.intake.bounces import BounceRow
from models.ledger.mailboxes import MailboxRow
from models.ledger.proof import refuted_opener
from models.ledger.rows import LedgerRow
from models.outbox.rows import OutboxRow
from models.reports.studio.moments import written_within
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.archived import ArchivedTicket
from models.supportdesk.tables import STATUS_COLUMN, Ticket, User
from models.tickets.notes import Note
from models.tickets.participants import AssignmentRow
from models.tickets.thread_index import Reading

# The fields whose change is told; words are in the mail itself.
_TOLD_FIELDS = frozenset({Field.STATUS, Field.PRIORITY, Field.CATEGORY, Field.ASSIGNEE})
# Who opened a ticket, given by number, where that was refuted, and neither proven nor accepted since.
_UNPROVEN = Statement(f"SELECT {refuted_opener('CAST(:number AS bigint)')} AS sender")


def read_mail(session: Session, number: int) -> MailAccount | None:
    """The account of a ledger row, with the mails of ours that it caused; None where there is none."""
    accounts = _mail_accounts(session, LedgerRow.id == number)
    return accounts[0] if accounts else None


def read_mails_by_id(session: Session, message_id: str) -> list[MailAccount]:
    """The accounts of all mails with this Message-ID, which stands without angle brackets."""
    return _mail_accounts(session, LedgerRow.message_id_hash == id_hash(message_id))


def read_sent(session: Session, number: int) -> SentAccount | None:
    """The account of a row of the outbox; None where there is none."""
    accounts = _sent_accounts(session, OutboxRow.id == number)
    return accounts[0] if accounts else None


def read_sent_by_id(session: Session, message_id: str) -> list[SentAccount]:
    """The account of our mail with this Message-ID, which stands without angle brackets."""
    return _sent_accounts(session, OutboxRow.message_id == message_id)


def read_ticket(session: Session, number: int) -> TicketAccount | None:
    """The account of a ticket, also of a deleted one; None where the number was never given."""
    anchor = session.get(TicketAnchor, number)
    if anchor is None:
        return None
    ticket = session.get(Ticket, anchor.ticket_id) if anchor.ticket_id else None
    status = session.scalar(select(STATUS_COLUMN).where(Ticket.id == ticket.id)) if ticket else None
    archived = None if ticket else session.get(ArchivedTicket, number)
    notes = select(Note).where(Note.ticket_number == number).order_by(Note.id)
    assignments = select(AssignmentRow).where(AssignmentRow.ticket_number == number).order_by(AssignmentRow.id)
    return TicketAccount(
        number=number,
        title=ticket.title if ticket else archived.title if archived else None,
        status=archived.status if archived else status,
        continues=anchor.continues,
        assignments=tuple(AssignmentAccount(row.reason, _utc(row.assigned_at)) for row in session.scalars(assignments)),
        notes=tuple(
            NoteAccount(row.id, row.ledger_id, row.reason, _utc(row.written_at), _utc_or_none(row.accepted_at))
            for row in session.scalars(notes)
        ),
        mails=tuple(_mail_accounts(session, LedgerRow.ticket_number == number, with_sent=False)),
        sent=tuple(_sent_accounts(session, OutboxRow.ticket_number == number)),
        merged_into=anchor.merged_into,
        unproven=_UNPROVEN.one(session, {"number": number}).sender,
        archived_at=_utc(archived.archived_at) if archived else None,
    )


def _mail_accounts(session: Session, which: ColumnElement[bool], *, with_sent: bool = True) -> list[MailAccount]:
    statement = select(LedgerRow, MailboxRow.name).join(MailboxRow, MailboxRow.id == LedgerRow.mailbox_id)
    rows = session.execute(statement.where(which).order_by(LedgerRow.id)).all()
    return [_mail_account(session, row, mailbox, with_sent=with_sent) for row, mailbox in rows]


def _mail_account(session: Session, row: LedgerRow, mailbox: str, *, with_sent: bool) -> MailAccount:
    reading = session.get(Reading, row.id)
    then = written_within(session, EventRow.id, EventRow.happened_at, row.stored_at, row.decided_at)
    events = session.scalars(select(EventRow).where(EventRow.cause == row.id, then).order_by(EventRow.id)).all()
    outcomes = (one for event in events for one in event.details.get("outcomes", ()))
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
        confirmed_at=_utc_or_none(row.confirmed_at),
        restored_at=_utc_or_none(row.restored_at),
        waited_at=_utc_or_none(row.waited_at),
        confidence=reading.confidence if reading else None,
        repairs=tuple(reading.repairs) if reading else (),
        removed=reading.removed if reading else "",
        sent=tuple(_sent_accounts(session, OutboxRow.event_id.in_([one.id for one in events]))) if with_sent else (),
        commands=tuple(map(_command_account, outcomes)),
        changed=tuple(_change_account(session, event) for event in events if event.field in _TOLD_FIELDS),
    )


def _command_account(stored: Mapping[str, Any]) -> CommandAccount:
    answer = outcome_from_json(stored)
    detail = "\n".join(map(in_english, answer.detail))
    return CommandAccount(answer.line, answer.done, in_english(answer.sentence), detail)


def _change_account(session: Session, event: EventRow) -> ChangeAccount:
    """What a mail changed; who has a ticket is kept by "User" row, and named by address."""
    if event.field != Field.ASSIGNEE:
        return ChangeAccount(str(event.field), event.old, event.new)
    old, new = (session.get(User, one) if one else None for one in (event.old, event.new))
    return ChangeAccount("owner", old.email if old else None, new.email if new else None)


def _sent_accounts(session: Session, which: ColumnElement[bool]) -> list[SentAccount]:
    statement = select(OutboxRow, EventRow.kind, EventRow.cause).outerjoin(EventRow, EventRow.id == OutboxRow.event_id)
    rows = session.execute(statement.where(which).order_by(OutboxRow.id)).all()
    bounces = _bounces_of(session, [row.id for row, _, _ in rows])
    return [_sent_account(row, kind, cause, bounces.get(row.id, ())) for row, kind, cause in rows]


def _bounces_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Sentences on the bounces of mails of ours, by outbox id, the oldest first."""
    bounces: dict[int, tuple[str, ...]] = {}
    for row in session.scalars(select(BounceRow).where(BounceRow.outbox_id.in_(ids)).order_by(BounceRow.ledger_id)):
        status = f" (status {row.status})" if row.status else ""
        sentence = f"{row.failure}{status}, reported by mail {row.ledger_id}"
        bounces[row.outbox_id] = (*bounces.get(row.outbox_id, ()), sentence)
    return bounces


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
        sent_at=_utc_or_none(row.sent_at),
        attempts=row.attempts,
        error=row.error,
        spent_at=_utc_or_none(row.spent_at),
        bounced=bounced,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _utc_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else _utc(moment)
