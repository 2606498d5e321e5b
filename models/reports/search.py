"""Tickets by the words that stand in them: the newest first, each with a place where one of the words stands."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from desk.ticket import number_in
from models.db.statement import Statement
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.tables import Comment, Ticket
from models.tickets.listing import CUSTOMER, LINES, ListedTicket
from models.tickets.notes import Note

# Among so many of the newest tickets each is looked into by itself, which finds common words at once. For the others
# PostgreSQL reads all comments, and knows then of each ticket whether a word stands in one of them.
NEAR: Final = 2_000
_QUERY_CANCELED = "57014"


class Place(StrEnum):
    """Where in a ticket a word stands."""

    TITLE = "title"
    DESCRIPTION = "description"
    CUSTOMER = "customer"
    COMMENT = "comment"
    NOTE = "note"
    NUMBER = "number"


class SearchTooLong(Exception):
    """The database ended the search, for it took longer than this transaction lets a statement take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTicket(ListedTicket):
    """A ticket with the place where most of the words stand, and what stands there around the first of them."""

    place: Place
    excerpt: str


@dataclass(frozen=True, slots=True)
class Span:
    """The tickets with numbers from `first` on and below `end`."""

    first: int
    end: int


def spans(session: Session, before: int | None = None) -> tuple[Span, Span]:
    """The tickets below a number (None: all), as two spans: the newest, and all others."""
    end = before if before is not None else (session.scalar(select(func.max(TicketAnchor.number))) or 0) + 1
    return Span(max(0, end - NEAR), end), Span(0, max(0, end - NEAR))


def search_tickets(session: Session, words: Sequence[str], most: int, span: Span) -> list[FoundTicket]:
    """So many tickets of a span at most in which each word stands, the newest first; raises SearchTooLong.

    Letters are compared as ILIKE does, and those that are signs of its patterns are letters like others.
    """
    wanted = (
        LINES.where(TicketAnchor.number >= span.first, TicketAnchor.number < span.end)
        .where(*(_stands(word) for word in words))
        .order_by(TicketAnchor.number.desc())
        .limit(most)
    )
    try:
        found = [ListedTicket(**row) for row in session.execute(wanted).mappings()]
        places = _places(session, [one.number for one in found], words)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED:
            raise
        raise SearchTooLong from error
    return [_found(one, *places.get(one.number, (Place.NUMBER, f"SD-{one.number}"))) for one in found]


def _found(line: ListedTicket, place: Place, excerpt: str) -> FoundTicket:
    return FoundTicket(**asdict(line), place=place, excerpt=excerpt)


def _stands(word: str) -> ColumnElement[bool]:
    """Whether a word stands in one of the texts of a ticket."""
    pattern = "%" + word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    number = number_in(word)
    return or_(
        TicketAnchor.number == number if number is not None else ~true(),
        *(one.ilike(pattern) for one in _COLUMNS),
        exists().where(Comment.ticket_id == Ticket.id, Comment.content.ilike(pattern)),
        exists().where(Note.ticket_number == TicketAnchor.number, *_IS_NOTE, Note.text.ilike(pattern)),
    )


_COLUMNS: tuple[SQLCoreOperations[Any], ...] = (Ticket.title, Ticket.description, CUSTOMER.email, CUSTOMER.name)
# One that was accepted is a comment now.
_IS_NOTE = (Note.accepted_at.is_(None),)


# ILIKE compares what lower() makes of two texts, so the place of a word is found in that. An excerpt begins some
# letters before the word, and is marked where the text has more.
_PLACES = Statement("""
WITH hit AS (
    SELECT n.number, t.id, t.title, t.description, u.email, u.name
    FROM mail.ticket n JOIN "Ticket" t ON t.id = n.ticket_id JOIN "User" u ON u.id = t."createdById"
    WHERE n.number = ANY(CAST(:numbers AS bigint[]))
), body AS (
    SELECT number, 1 AS turn, 0::bigint AS later, 'title' AS place, title AS words FROM hit
    UNION ALL SELECT number, 2, 0, 'description', description FROM hit
    UNION ALL SELECT number, 3, 0, 'customer', concat_ws(' ', name, '<' || email || '>') FROM hit
    UNION ALL SELECT number, 4, row_number() OVER (ORDER BY c."createdAt"), 'comment', c.content
        FROM hit JOIN "Comment" c ON c."ticketId" = hit.id
    UNION ALL SELECT number, 5, c.id, 'note', c.text
        FROM hit JOIN mail.note c ON c.ticket_number = hit.number AND c.accepted_at IS NULL
)
SELECT DISTINCT ON (number) number, place,
    CASE WHEN at > 41 THEN '…' ELSE '' END || substring(words, greatest(1, at - 40), 120)
        || CASE WHEN length(words) > greatest(1, at - 40) + 119 THEN '…' ELSE '' END AS excerpt
FROM body CROSS JOIN LATERAL (
    SELECT count(*) AS times, min(place_of)::integer AS at
    FROM (SELECT strpos(lower(words), lower(word)) AS place_of FROM unnest(CAST(:words AS text[])) AS word) AS found
    WHERE place_of > 0
) AS standing
WHERE times > 0
ORDER BY number, times DESC, turn, later
""")


def _places(session: Session, numbers: Sequence[int], words: Sequence[str]) -> dict[int, tuple[Place, str]]:
    """The place and its excerpt by the number of the ticket; without those of which the number alone is named."""
    if not numbers:
        return {}
    rows = _PLACES.rows(session, {"numbers": list(numbers), "words": list(words)})
    return {row.number: (Place(row.place), " ".join(row.excerpt.split())) for row in rows}
