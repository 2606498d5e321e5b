"""Tickets by the words that stand in them: the best first, page by page, each page at the cost of the first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

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

# The newest of what a query finds, block by block of numbers from the highest on, until there are enough. The sign of a
# block is one more word that has to stand there, so of a word that stands everywhere no more is read than a block.
_WALK: Final = """
SELECT found.number FROM generate_series(
    CAST(:below AS bigint) / {block}, greatest(0, CAST(:below AS bigint) / {block} + 1 - CAST(:blocks AS bigint)), -1
) AS place
CROSS JOIN LATERAL (
    WITH hit AS MATERIALIZED ({hits})
    SELECT hit.number FROM hit WHERE hit.number < :below ORDER BY hit.number DESC LIMIT :most
) AS found
LIMIT :most
"""
# The same at once, for words that stand so seldom that a look into each block costs more. What is found is counted up
# to one more than a bound; above it nobody knows which are the newest.
_AT_ONCE: Final = """
WITH hit AS MATERIALIZED (SELECT number FROM ({hits}) AS found LIMIT CAST(:bound AS bigint) + 1)
SELECT (SELECT count(*) FROM hit) AS hits, ARRAY(
    SELECT hit.number FROM hit WHERE hit.number < :below ORDER BY hit.number DESC LIMIT :most
) AS numbers
"""
_QUERY: Final = "CAST(:query AS tsquery)"
_IN_BLOCK: Final = "CAST(format('(%s) & ''/%s''', CAST(:query AS text), place) AS tsquery)"
_OPEN: Final = "SELECT s.number FROM mail.search s WHERE s.words @@ {0}"
_ALL: Final = f"""{_OPEN} AND s.words_for_staff IS NULL
UNION ALL SELECT s.number FROM mail.search s WHERE s.words_for_staff @@ {{0}}"""
# By whether notes count.
_WALKS: Final = {
    notes: Statement(_WALK.format(block=BLOCK, hits=hits.format(_IN_BLOCK)))
    for notes, hits in ((False, _OPEN), (True, _ALL))
}
_AT_ONCES: Final = {
    notes: Statement(_AT_ONCE.format(hits=hits.format(_QUERY))) for notes, hits in ((False, _OPEN), (True, _ALL))
}
# What stands often is found in the newest blocks; what stands oftener than the bound, but elsewhere, block by block.
_NEAR: Final = 8
_ALL_BLOCKS: Final = 1 << 40
_BOUND: Final = 2000
# The planner takes these statements for large ones: compiling one would take longer than to run it, and where it thinks
# that much is found it would read the table from its beginning, where there may be nothing for long.
_PLAN = Statement("SELECT set_config('jit', :on, true), set_config('enable_seqscan', :on, true)")
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
    """The tickets in which all stands that is looked for; models.reports.search.deadline.in_time bounds it.

    First those whose title, number or customer it is, then those where it stands as it was written, then those where
    stems of words do; of each the newest first.
    """
    reach = read_reach(session)
    queries = ranked_queries(session, search.wanted, reach.languages, search.viewer)
    _PLAN.write(session, {"on": "off"})
    lines, end = _collect(session, search, queries)
    _PLAN.write(session, {"on": "on"})
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
        numbers = _newest(session, search.notes, {"query": queries[level], "below": below, "most": missing})
        found += _visible(session, search.viewer, numbers)
        below = numbers[-1] if numbers else below
        if len(numbers) < missing:
            level, below = level + 1, top
    return found, None


def _newest(session: Session, notes: bool, asked: dict[str, Any]) -> list[int]:
    """The highest `most` numbers below `below` of tickets that a query finds, in falling order."""
    near = [row.number for row in _WALKS[notes].rows(session, asked | {"blocks": _NEAR})]
    if len(near) == asked["most"] or asked["below"] // BLOCK < _NEAR:
        return near
    row = _AT_ONCES[notes].one(session, asked | {"bound": _BOUND})
    if row.hits <= _BOUND:
        return list(row.numbers)
    return [row.number for row in _WALKS[notes].rows(session, asked | {"blocks": _ALL_BLOCKS})]


def _visible(session: Session, viewer: Person | None, numbers: Sequence[int]) -> list[ListedTicket]:
    """The lines of these tickets that somebody may see, in falling order; the index may know it as it was before."""
    if not numbers:
        return []
    wanted = LINES.where(TicketAnchor.number == among(numbers), visible_to(viewer))
    rows = session.execute(wanted.order_by(TicketAnchor.number.desc())).mappings()
    return [ListedTicket(**row) for row in rows]
