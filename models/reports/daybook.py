"""The daybook that the demonstration compares with its story: all mails, their tickets, and all notices."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from desk.notices.events import EventKind
from desk.ticket import Category, Priority, Status
from mail.quoting.labels import DELIMITERS
from models.events.rows import EventRow
from models.ledger.folders import BASELINE
from models.ledger.rows import LedgerRow
from models.outbox.rows import OutboxRow
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import Comment, Ticket, User
from models.tickets.notes import Note


@dataclass(frozen=True, slots=True)
class DaybookMail:
    """A mail of the ledger; `fate` is None while it is undecided, and `sender` is empty until then.

    `changes` are the events that it caused, in order, as (kind of event, new value or empty).
    """

    id: int
    at: datetime
    message_id: str
    sender: str
    fate: str | None
    reason: str
    ticket: int | None
    changes: tuple[tuple[EventKind, str], ...]


@dataclass(frozen=True, slots=True)
class DaybookTicket:
    """A ticket that a mail is about, as it is now, with the numbers of its comments and notes.

    `quoting` counts the comments that hold a quoted line, which trimming should have removed.
    """

    number: int
    title: str
    status: Status
    priority: Priority
    category: Category
    owner: str | None
    owner_name: str
    comments: int
    notes: int
    quoting: int


@dataclass(frozen=True, slots=True)
class DaybookNotice:
    """A mail of the outbox; `fate` is None while it waits, and `reason` may be the error of its last attempt."""

    id: int
    at: datetime
    message_id: str
    template: str
    recipient: str
    subject: str
    fate: str | None
    reason: str
    ticket: int | None


@dataclass(frozen=True, slots=True)
class Daybook:
    """All mails, tickets and notices of the desk, each by number; `unannounced` counts the events without a fate."""

    mails: tuple[DaybookMail, ...]
    tickets: tuple[DaybookTicket, ...]
    notices: tuple[DaybookNotice, ...]
    unannounced: int

    def ticket(self, number: int | None) -> DaybookTicket | None:
        """The ticket with this number."""
        return next((ticket for ticket in self.tickets if ticket.number == number), None)


def read_daybook(session: Session) -> Daybook:
    """Read the whole desk, which must be a small one: everything is read from end to end."""
    mails = _read_mails(session)
    numbers = {mail.ticket for mail in mails if mail.ticket}
    unannounced = session.scalars(select(func.count()).select_from(EventRow).where(EventRow.fate.is_(None))).one()
    return Daybook(mails, _read_tickets(session, numbers), _read_notices(session), unannounced)


def _read_mails(session: Session) -> tuple[DaybookMail, ...]:
    changes: dict[int, list[tuple[EventKind, str]]] = defaultdict(list)
    events = select(EventRow.cause, EventRow.kind, EventRow.new).where(EventRow.cause.is_not(None))
    for event in session.execute(events.order_by(EventRow.id)):
        changes[event.cause or 0].append((EventKind(event.kind), event.new or ""))
    mails = select(LedgerRow).where(LedgerRow.fate.is_distinct_from(BASELINE)).order_by(LedgerRow.id)
    return tuple(
        DaybookMail(
            id=row.id,
            at=row.stored_at,
            message_id=row.message_id or "",
            sender=row.sender or "",
            fate=row.fate,
            reason=row.reason or "",
            ticket=row.ticket_number,
            changes=tuple(changes[row.id]),
        )
        for row in session.scalars(mails)
    )


def _read_tickets(session: Session, numbers: set[int]) -> tuple[DaybookTicket, ...]:
    owner = aliased(User)
    comments = select(func.count()).where(Comment.ticket_id == Ticket.id).correlate(Ticket)
    ours = (Comment.content.contains(line) for line in DELIMITERS.values())
    quoting = comments.where(or_(*ours, Comment.content.regexp_match("^>", flags="n")))
    notes = select(func.count()).where(Note.ticket_number == TicketAnchor.number).correlate(TicketAnchor)
    statement = (
        select(
            TicketAnchor.number,
            Ticket.title,
            Ticket.status,
            Ticket.priority,
            Ticket.category,
            owner.email.label("owner"),
            func.coalesce(owner.name, "").label("owner_name"),
            comments.scalar_subquery().label("comments"),
            notes.scalar_subquery().label("notes"),
            quoting.scalar_subquery().label("quoting"),
        )
        .join(Ticket, Ticket.id == TicketAnchor.ticket_id)
        .outerjoin(owner, owner.id == Ticket.assigned_to_id)
        .where(TicketAnchor.number.in_(numbers))
        .order_by(TicketAnchor.number)
    )
    return tuple(DaybookTicket(**row._asdict()) for row in session.execute(statement))


def _read_notices(session: Session) -> tuple[DaybookNotice, ...]:
    statement = select(
        OutboxRow.id,
        OutboxRow.written_at.label("at"),
        OutboxRow.message_id,
        OutboxRow.template,
        OutboxRow.recipient,
        OutboxRow.subject,
        OutboxRow.fate,
        func.coalesce(OutboxRow.reason, OutboxRow.error, "").label("reason"),
        OutboxRow.ticket_number.label("ticket"),
    )
    return tuple(DaybookNotice(**row._asdict()) for row in session.execute(statement.order_by(OutboxRow.id)))
