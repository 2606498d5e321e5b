"""What the studio shows of tickets beside their conversation: which titles hold words, and what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.gate.hold import TAKEN_BACK
from models.db.statement import Statement
from models.events.rows import EventRow
from models.reports.studio.paging import RowPage, read_page
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import Ticket, TicketActivity, User

_OPEN: Final = Statement("""
SELECT count(*) FILTER (WHERE status = 'open') AS opened, count(*) FILTER (WHERE status = 'in_progress') AS begun,
    count(*) FILTER (WHERE "assignedToId" IS NULL) AS unowned
FROM public."Ticket" WHERE status IN ('open', 'in_progress')
""")
# Nobody keeps an index for what is held: so many of the latest mails of ours are looked at.
HELD_AMONG: Final = 100_000
# To read a title takes a look at another table, so a page looks at fewer.
TITLES_LOOKED_AT: Final = 20_000
_HELD: Final = Statement(f"""
SELECT count(*) AS held FROM mail.outbox
WHERE fate = 'held' AND coalesce(reason, '') NOT IN ('dropped', '{TAKEN_BACK}')
    AND id > (SELECT coalesce(max(id), 0) - {HELD_AMONG} FROM mail.outbox)
""")


@dataclass(frozen=True, slots=True)
class Workload:
    """How much work the desk has: tickets that are open, in progress and of nobody, and mails of ours on hold."""

    opened: int
    begun: int
    unowned: int
    held: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a ticket's history, as the web application shows it."""

    at: datetime
    who: str
    action: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event of a ticket: what changed and who was told, or why nobody was; `cause` is the mail that did it."""

    number: int
    at: datetime
    kind: str
    field: str
    old: str
    new: str
    fate: str
    reason: str
    cause: int | None


def read_workload(session: Session) -> Workload:
    """How much work there is."""
    tickets = _OPEN.one(session)
    return Workload(tickets.opened, tickets.begun, tickets.unowned, _HELD.one(session).held)


def find_titles(session: Session, words: str, most: int, before: int | None = None) -> tuple[list[int], RowPage]:
    """A page of the numbers of tickets whose titles hold these words in any case, the newest first."""
    holding = Ticket.title.icontains(words, autoescape=True)
    statement = select(TicketAnchor.number).join(Ticket, Ticket.id == TicketAnchor.ticket_id).where(holding)
    page = read_page(session, statement, TicketAnchor.number, most, before, TITLES_LOOKED_AT)
    return [row.number for row in page.rows], page


def read_history(session: Session, number: int, most: int) -> list[HistoryLine]:
    """The latest lines of a ticket's history, the newest first."""
    lines = (
        select(TicketActivity, User.email)
        .join(TicketAnchor, TicketAnchor.ticket_id == TicketActivity.ticket_id)
        .join(User, User.id == TicketActivity.user_id)
        .where(TicketAnchor.number == number)
        .order_by(TicketActivity.created_at.desc(), TicketActivity.id.desc())
    )
    rows = session.execute(lines.limit(most))
    return [HistoryLine(row.created_at, who, row.action, row.description) for row, who in rows]


def read_events(session: Session, number: int, most: int) -> list[EventLine]:
    """The latest events of a ticket, the newest first; owners are named by address."""
    rows = list(
        session.scalars(
            select(EventRow).where(EventRow.ticket_number == number).order_by(EventRow.id.desc()).limit(most)
        )
    )
    ids = {one for row in rows if row.field == "assignee" for one in (row.old, row.new) if one}
    names = {user.id: user.email for user in session.execute(select(User.id, User.email).where(User.id.in_(ids)))}
    return [
        EventLine(
            number=row.id,
            at=row.happened_at,
            kind=row.kind,
            field=row.field or "",
            old=names.get(row.old or "", row.old or ""),
            new=names.get(row.new or "", row.new or ""),
            fate=row.fate or "",
            reason=row.reason or "",
            cause=row.cause,
        )
        for row in rows
    ]
