"""What somebody asked to read by mail: tickets as rows, a conversation, or a history, of what they may see alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import Session, aliased

from desk.commands.reading.ask import ROWS, Ask, Scope, View
from desk.commands.reading.found import HistoryStep, ListRow, ReadAnswer, ShownTicket, ShownWords, page_of
from desk.reports.search.terms import read_line
from desk.ticket import STAFF_ROLES, Category, Person, Priority, Status, known, noun_for
from mail.outbound.catalogue import Said, said
from models.db.base import among
from models.db.statement import undone
from models.reports.search.deadline import SearchTooLong, in_time
from models.reports.search.find import SearchEnd, SearchFor, search_tickets
from models.supportdesk.anchors import PersonAnchor, TicketAnchor
from models.supportdesk.tables import STATUS_COLUMN, Ticket, TicketActivity, User
from models.tickets.conversation import Entry, EntryKind, TicketConversation, read_conversation
from models.tickets.listing import has_status
from models.tickets.participants import UntoldTicket
from models.tickets.visible import visible_to

UNFINISHED: Final = (Status.OPEN, Status.IN_PROGRESS)
_CUSTOMER, _OWNER = aliased(User), aliased(User)
# A search is ended that takes longer; it finds in a tenth of a second among a million tickets.
SEARCH_SECONDS: Final = 5
# Who wrote the last word on a ticket is not of staff; its customer did where nobody wrote at all.
_STAFF: Final = ", ".join(f"'{role}'" for role in sorted(STAFF_ROLES))
_WAITS: Final[ColumnElement[bool]] = literal_column(f"""
coalesce((SELECT u.role::text FROM "Comment" c JOIN "User" u ON u.id = c."userId"
    WHERE c."ticketId" = "Ticket".id ORDER BY c."createdAt" DESC, c.id DESC LIMIT 1), 'customer') NOT IN ({_STAFF})
""")


# The conversation of a ticket in the archive; None where it is not there.
ReadArchived = Callable[[Session, int], TicketConversation | None]


def find(session: Session, reader: Person, ask: Ask, read_archived: ReadArchived) -> ReadAnswer:
    """The answer to what a person asks, of what they may see at this moment."""
    match ask.view:
        case View.LIST:
            return _list(session, reader, ask)
        case View.SEARCH:
            return _search(session, reader, ask)
        case View.SHOW:
            return _show(session, reader, ask, read_archived)
        case View.HISTORY:
            return _history(session, reader, ask)
        case View.QUARANTINE | View.QUARANTINED:
            raise ValueError("The quarantine is no matter of tickets; its mails are read by the worker.")


def _list(session: Session, reader: Person, ask: Ask) -> ReadAnswer:
    statement = list_statement(session, reader, ask)
    if statement is None:
        return _nothing(reader, ask)
    found = [_row(dict(row)) for row in session.execute(statement).mappings()]
    more = _goes_on(ask, str(found[ROWS - 1].number)) if len(found) > ROWS else None
    return ReadAnswer(rows=tuple(found[:ROWS]), more=more) if found else _nothing(reader, ask)


def _goes_on(ask: Ask, after: str) -> Ask:
    return replace(ask, after=after)


def _nothing(reader: Person, ask: Ask) -> ReadAnswer:
    if ask.after:
        return ReadAnswer(sentence=said("lists.nothing_behind"))
    return ReadAnswer(sentence=said("lists.none", noun=noun_for(reader)))


def list_statement(session: Session, reader: Person, ask: Ask) -> Any:
    """The statement of one page and a row more; None where nobody has the number of the owner.

    Those that fit are found by the indexes of who may see them, and put into order afterwards, so that the last page
    reads what the first one does.
    """
    conditions: list[ColumnElement[bool]] = [visible_to(reader)]
    if ask.scope is not Scope.ALL:
        conditions += has_status(session, UNFINISHED)
    if ask.scope is Scope.MINE:
        conditions.append(Ticket.assigned_to_id == reader.user_id)
    if ask.scope is Scope.UNASSIGNED:
        conditions.append(Ticket.assigned_to_id.is_(None))
    if ask.scope is Scope.OWNED:
        owner = session.scalar(select(PersonAnchor.user_id).where(PersonAnchor.number == ask.person))
        if owner is None:
            return None
        conditions.append(Ticket.assigned_to_id == owner)
    fitting = select(Ticket.id).where(*conditions).cte("fitting").prefix_with("MATERIALIZED")
    ordered = (
        select(TicketAnchor.number)
        .join(fitting, fitting.c.id == TicketAnchor.ticket_id)
        .where(TicketAnchor.merged_into.is_(None))
        .order_by(TicketAnchor.number.desc())
    )
    ordered = ordered.where(_is_told(reader))
    if ask.after:
        ordered = ordered.where(TicketAnchor.number < int(ask.after))
    # Whether one waits is asked of one after the other, until there are enough.
    page = (ordered if ask.scope is Scope.WAITING else ordered.limit(ROWS + 1)).subquery("page")
    statement = _lines().join(page, page.c.number == TicketAnchor.number)
    statement = statement.order_by(page.c.number.desc()).limit(ROWS + 1)
    return statement.where(_WAITS) if ask.scope is Scope.WAITING else statement


def _lines() -> Any:
    columns = (
        TicketAnchor.number,
        STATUS_COLUMN,
        Ticket.title,
        func.coalesce(func.nullif(_CUSTOMER.name, ""), _CUSTOMER.email).label("customer"),
        func.coalesce(func.nullif(_OWNER.name, ""), _OWNER.email, "").label("owner"),
        Ticket.created_at.label("opened_at"),
    )
    joined = select(*columns).select_from(Ticket).join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
    return joined.join(_CUSTOMER, _CUSTOMER.id == Ticket.created_by_id).outerjoin(
        _OWNER, _OWNER.id == Ticket.assigned_to_id
    )


def _row(row: Mapping[str, Any], place: Said | None = None, excerpt: str = "") -> ListRow:
    return ListRow(
        number=row["number"],
        title=row["title"],
        status=known(Status, row["status"]),
        customer=row["customer"],
        owner=row["owner"],
        opened_at=row["opened_at"],
        place=place,
        excerpt=excerpt,
    )


def _search(session: Session, reader: Person, ask: Ask) -> ReadAnswer:
    """The tickets in which all that stands that is looked for, the best first, with the notes for staff alone."""
    level, _, number = ask.after.partition(":")
    after = SearchEnd(int(level), int(number)) if ask.after else None
    wanted = read_line(ask.words)
    if wanted.is_empty:
        return ReadAnswer(done=False, sentence=said("lists.how_to_search"))
    search = SearchFor(wanted=wanted, viewer=reader, notes=reader.is_staff, most=ROWS, after=after)
    # Nothing that it sets for its statements, and no statement that took too long, touches what is written after it.
    try:
        with undone(session), in_time(session, SEARCH_SECONDS):
            page = search_tickets(session, search)
    except SearchTooLong:
        return ReadAnswer(done=False, sentence=said("lists.took_too_long"))
    missing = said("lists.not_indexed", tag=f"SD-{page.tickets_from}") if page.tickets_from else None
    if not page.tickets:
        nothing = said("lists.nothing_behind" if ask.after else "lists.nothing_found")
        return ReadAnswer(sentence=nothing, missing=missing)
    names = _names(session, [one.number for one in page.tickets])
    rows = tuple(_row(names[one.number], said(f"lists.place_{one.place}"), one.excerpt) for one in page.tickets)
    more = _goes_on(ask, f"{page.end.level}:{page.end.number}") if page.end else None
    return ReadAnswer(rows=rows, more=more, missing=missing)


def _names(session: Session, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """These tickets as rows; the search has seen that their reader may see them."""
    rows = session.execute(_lines().where(TicketAnchor.number == among(numbers))).mappings()
    return {row["number"]: dict(row) for row in rows}


def _show(session: Session, reader: Person, ask: Ask, read_archived: ReadArchived) -> ReadAnswer:
    number = ask.ticket or 0
    if session.scalar(_seen(reader, number)) is not None:
        conversation = read_conversation(session, number)
    else:
        conversation = _if_shown(reader, read_archived(session, number))
        if conversation is not None and not reader.is_staff:
            return ReadAnswer(done=False, sentence=said("lists.archived_of_customer"))
    if conversation is None:
        return _no_such(reader, number)
    page, after = page_of(_words(conversation, reader), ask.after)
    return ReadAnswer(
        ticket=ShownTicket(
            number=number,
            title=conversation.title,
            status=known(Status, conversation.status),
            priority=known(Priority, conversation.priority),
            category=known(Category, conversation.category),
            customer=conversation.customer,
            owner=conversation.owner,
            words=page,
            remarks=tuple(_remarks(conversation, reader)),
            merged_into=conversation.merged_into,
        ),
        more=_goes_on(ask, after) if after else None,
    )


def _no_such(reader: Person, number: int) -> ReadAnswer:
    """One sentence for what is not there and for what its reader may not see."""
    sentence = said("lists.no_such_ticket", tag=f"SD-{number}", noun=noun_for(reader))
    return ReadAnswer(done=False, sentence=sentence)


def _seen(reader: Person, number: int) -> Any:
    joined = select(TicketAnchor.number).join(Ticket, Ticket.id == TicketAnchor.ticket_id)
    return joined.where(TicketAnchor.number == number, visible_to(reader), _is_told(reader))


def _is_told(reader: Person) -> ColumnElement[bool]:
    """False for the customer of a ticket that staff opened, who is told nothing of it yet."""
    if reader.is_staff:
        return true()
    return ~exists().where(UntoldTicket.ticket_number == TicketAnchor.number)


def _if_shown(reader: Person, found: TicketConversation | None) -> TicketConversation | None:
    """A ticket in the archive, where its reader saw it before; its people are there by their addresses."""
    if found is None or reader.is_nobody:
        return None
    if reader.is_admin or reader.email == found.customer:
        return found
    return found if reader.is_staff and found.owner in {"", reader.email} else None


def _words(conversation: TicketConversation, reader: Person) -> list[ShownWords]:
    return [
        ShownWords(
            author=_author(entry, reader),
            at=entry.at,
            text=entry.text,
            is_note=entry.kind is EntryKind.NOTE,
            files=entry.files,
        )
        for entry in conversation.entries
        if reader.is_staff or _is_for_customer(entry, conversation)
    ]


def _author(entry: Entry, reader: Person) -> str:
    """The name of who wrote; an address of staff, by which somebody without a name logs in, is for no customer."""
    if reader.is_staff or not entry.by_staff or entry.author != entry.email:
        return entry.author
    return entry.email.partition("@")[0]


def _is_for_customer(entry: Entry, conversation: TicketConversation) -> bool:
    """True for what staff wrote in public and for the customer's own words: no note, and nothing of anybody else."""
    return entry.kind is not EntryKind.NOTE and (entry.by_staff or entry.email == conversation.customer)


def _remarks(conversation: TicketConversation, reader: Person) -> list[Said]:
    tag, remarks = f"SD-{conversation.number}", list[Said]()
    if conversation.merged_into:
        remarks.append(said("lists.merged", tag=tag, target=f"SD-{conversation.merged_into}", noun=noun_for(reader)))
    if conversation.continues:
        remarks.append(said("lists.continued", tag=f"SD-{conversation.continues}"))
    if conversation.archived_at:
        remarks.append(said("lists.archived", day=f"{conversation.archived_at:%Y-%m-%d}"))
    return remarks


def _history(session: Session, reader: Person, ask: Ask) -> ReadAnswer:
    number = ask.ticket or 0
    if not reader.is_staff or session.scalar(_seen(reader, number)) is None:
        return _no_such(reader, number)
    statement = (
        select(TicketActivity.id, TicketActivity.created_at, TicketActivity.description, User.name, User.email)
        .join(Ticket, Ticket.id == TicketActivity.ticket_id)
        .join(TicketAnchor, TicketAnchor.ticket_id == Ticket.id)
        .join(User, User.id == TicketActivity.user_id)
        .where(TicketAnchor.number == number)
        .order_by(TicketActivity.created_at.desc(), TicketActivity.id.desc())
        .limit(ROWS + 1)
    )
    if ask.after:
        at, _, id_ = ask.after.partition("|")
        moment = datetime.fromisoformat(at).astimezone(UTC)
        statement = statement.where(
            or_(TicketActivity.created_at < moment, and_(TicketActivity.created_at == moment, TicketActivity.id < id_))
        )
    rows = session.execute(statement).all()
    steps = tuple(HistoryStep(row.created_at, row.name or row.email, row.description) for row in rows[:ROWS])
    if not steps:
        missing = said("lists.nothing_behind") if ask.after else said("lists.no_history", tag=f"SD-{number}")
        return ReadAnswer(sentence=missing)
    last = rows[len(steps) - 1]
    more = _goes_on(ask, f"{last.created_at.isoformat()}|{last.id}") if len(rows) > ROWS else None
    return ReadAnswer(steps=steps, more=more)
