"""Tickets by the words that stand in them: the best first, page by page, each page at the cost of the first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy.orm import Session

from desk.reports.search.terms import Wanted
from desk.ticket import Person
from models.db.base import among
from models.db.statement import Statement
from models.reports.search.places import Place, find_places
from models.reports.search.query import ranked_queries
from models.reports.search.reach import is_waiting, read_reach
from models.reports.search.tables import BLOCK
from models.supportdesk.anchors import TicketAnchor
from models.tickets.listing import LINES, ListedTicket
from models.tickets.visible import visible_to

# The newest of what a query finds. The tickets are gone through in blocks of numbers, from the highest on, until there
# are enough: the sign of a block is one more word that has to stand there, so of a word that stands everywhere no more
# is read than a block, and of one that stands nowhere each block costs a look at two leaves of the index.
_WALK: Final = """
SELECT found.number FROM generate_series(CAST(:below AS bigint) / {block}, 0, -1) AS place
CROSS JOIN LATERAL (
    WITH hit AS MATERIALIZED ({hits})
    SELECT hit.number FROM hit WHERE hit.number < :below ORDER BY hit.number DESC LIMIT :most
) AS found
LIMIT :most
"""
_HITS: Final = """
SELECT s.number FROM mail.search s
WHERE s.{column} @@ CAST(format('(%s) & ''/%s''', CAST(:query AS text), place) AS tsquery){further}
"""
_WALK_OPEN = Statement(_WALK.format(block=BLOCK, hits=_HITS.format(column="words", further="")))
_WALK_ALL = Statement(
    _WALK.format(
        block=BLOCK,
        hits=_HITS.format(column="words", further=" AND s.words_for_staff IS NULL")
        + " UNION ALL "
        + _HITS.format(column="words_for_staff", further=""),
    )
)
_HIGHEST = Statement("SELECT coalesce(max(number), 0) AS number FROM mail.search")
_FITS = Statement("""
SELECT coalesce(s.words_for_staff, s.words) @@ CAST(:query AS tsquery) AS fits FROM mail.search s
WHERE s.number = :number
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTicket(ListedTicket):
    """A ticket with the place where most of the words stand, and what stands there around the first of them."""

    place: Place
    excerpt: str


@dataclass(frozen=True, slots=True)
class SearchEnd:
    """Where a page ended: behind the ticket of a number among those of a level, 0 being the best."""

    level: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFor:
    """What is looked for, and for whom: `viewer` None is an operator, who sees all.

    With `notes` the notes of staff count and are shown, which only staff may see. `most` tickets come at most, those
    after `after`.
    """

    wanted: Wanted
    viewer: Person | None = None
    notes: bool = False
    most: int = 20
    after: SearchEnd | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Tickets found, the best first, and where the page ended; None where there are no more.

    Of tickets with a number below `tickets_from` the index does not know yet, so that one may be missing; 0 for none.
    With `is_behind` the index lacks some changes of the last moments.
    """

    tickets: list[FoundTicket]
    end: SearchEnd | None
    tickets_from: int
    is_behind: bool


def search_tickets(session: Session, search: SearchFor) -> SearchPage:
    """The tickets in which all stands that is looked for; call it within models.reports.search.deadline.in_time.

    First those whose title, number or customer it is, then those where it stands as it was written, then those where
    stems of words do; of each the newest first.
    """
    reach = read_reach(session)
    queries = ranked_queries(session, search.wanted, reach.languages, search.viewer)
    lines, end = _collect(session, search, queries)
    numbers = [one.number for one in lines]
    places = find_places(session, search.wanted, numbers, reach.languages, notes=search.notes)
    found = [FoundTicket(**asdict(one), **asdict(places[one.number])) for one in lines]
    return SearchPage(found, end, reach.tickets_from, is_waiting(session))


def end_at(session: Session, search: SearchFor, number: int) -> SearchEnd:
    """Where a page ended whose last ticket has this number; one that is not found stands behind all."""
    queries = ranked_queries(session, search.wanted, read_reach(session).languages, search.viewer)
    for level, query in enumerate(queries):
        row = _FITS.one(session, {"query": query, "number": number})
        if row and row.fits:
            return SearchEnd(level, number)
    return SearchEnd(max(0, len(queries) - 1), number)


def _collect(
    session: Session, search: SearchFor, queries: Sequence[str]
) -> tuple[list[ListedTicket], SearchEnd | None]:
    """The lines of a page in their order, and where it ended."""
    found: list[ListedTicket] = []
    top = _HIGHEST.one(session).number + 1
    level, below = (search.after.level, min(search.after.number, top)) if search.after else (0, top)
    while level < len(queries):
        missing = search.most - len(found)
        if not missing:
            return found, SearchEnd(level, below)
        walk = _WALK_ALL if search.notes else _WALK_OPEN
        rows = walk.rows(session, {"query": queries[level], "below": below, "most": missing})
        numbers = [row.number for row in rows]
        found += _visible(session, search.viewer, numbers)
        below = numbers[-1] if numbers else below
        if len(numbers) < missing:
            level, below = level + 1, top
    return found, None


def _visible(session: Session, viewer: Person | None, numbers: Sequence[int]) -> list[ListedTicket]:
    """The lines of these tickets that somebody may see, in falling order; the index may know it as it was before."""
    if not numbers:
        return []
    wanted = LINES.where(TicketAnchor.number == among(numbers), visible_to(viewer))
    rows = session.execute(wanted.order_by(TicketAnchor.number.desc())).mappings()
    return [ListedTicket(**row) for row in rows]
