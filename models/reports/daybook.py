"""The desk's day as one reads it: what came in, what became of it, and what went out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from desk.notices.events import EventKind
from desk.ticket import Category, Priority, Status
from mail.quoting.labels import DELIMITER
from models.events.rows import EventRow
from models.ledger.folders import BASELINE
from models.ledger.rows import LedgerRow
from models.outbox.rows import OutboxRow
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import Comment, Ticket, User
from models.tickets.notes import Note


@dataclass(frozen=True, slots=True)
class Received:
    """A mail of the ledger; `fate` is None while undecided, `sender` is empty until then.

    `changes` are what it did to the ticket, as (kind of event, new value or empty), in order.
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
class Filed:
    """A ticket that mail opened, as it stands, with how much was written on it.

    `quoting` counts the comments that hold a quoted line, which trimming should have taken off.
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
class Posted:
    """A mail of the outbox; `fate` is None while it waits."""

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
    """All of it at one moment, each in the order it happened; `unannounced` counts the events nobody was told of."""

    received: tuple[Received, ...]
    filed: tuple[Filed, ...]
    posted: tuple[Posted, ...]
    unannounced: int

    def ticket(self, number: int | None) -> Filed | None:
        """The ticket of a number."""
        return next((ticket for ticket in self.filed if ticket.number == number), None)


def read_daybook(session: Session) -> Daybook:
    """Read the whole day; it is meant for a desk with a few hundred mails."""
    received = _received(session)
    opened = {mail.ticket for mail in received if mail.ticket}
    unannounced = session.scalars(select(func.count()).select_from(EventRow).where(EventRow.fate.is_(None))).one()
    return Daybook(received, _filed(session, opened), _posted(session), unannounced)


def _received(session: Session) -> tuple[Received, ...]:
    row = LedgerRow
    columns = (row.id, row.stored_at, row.message_id, row.sender, row.fate, row.reason, row.ticket_number)
    wanted = select(*columns).where(row.fate.is_distinct_from(BASELINE)).order_by(row.id)
    changes = _changes(session)
    return tuple(
        Received(id_, at, message_id or "", sender or "", fate, reason or "", ticket, tuple(changes[id_]))
        for id_, at, message_id, sender, fate, reason, ticket in session.execute(wanted)
    )


def _changes(session: Session) -> dict[int, list[tuple[EventKind, str]]]:
    """What each mail did, by its ledger id."""
    columns = (EventRow.cause, EventRow.kind, EventRow.new)
    found: dict[int, list[tuple[EventKind, str]]] = defaultdict(list)
    for cause, kind, new in session.execute(select(*columns).order_by(EventRow.id)):
        if cause:
            found[cause].append((EventKind(kind), new or ""))
    return found


def _filed(session: Session, numbers: set[int]) -> tuple[Filed, ...]:
    owner = aliased(User)
    comments = select(func.count()).where(Comment.ticket_id == Ticket.id).correlate(Ticket)
    quoting = comments.where(or_(Comment.content.contains(DELIMITER), Comment.content.regexp_match("^>", flags="n")))
    notes = select(func.count()).where(Note.ticket_number == TicketAnchor.number).correlate(TicketAnchor)
    columns = (TicketAnchor.number, Ticket.title, Ticket.status, Ticket.priority, Ticket.category, owner.email)
    statement = (
        select(
            *columns, func.coalesce(owner.name, ""), *(count.scalar_subquery() for count in (comments, notes, quoting))
        )
        .join(Ticket, Ticket.id == TicketAnchor.ticket_id)
        .outerjoin(owner, owner.id == Ticket.assigned_to_id)
        .where(TicketAnchor.number.in_(numbers))
        .order_by(TicketAnchor.number)
    )
    return tuple(Filed(*row) for row in session.execute(statement))


def _posted(session: Session) -> tuple[Posted, ...]:
    row = OutboxRow
    columns = (row.id, row.written_at, row.message_id, row.template, row.recipient, row.subject, row.fate)
    statement = select(*columns, func.coalesce(row.reason, row.error, ""), row.ticket_number).order_by(row.id)
    return tuple(Posted(*found) for found in session.execute(statement))
