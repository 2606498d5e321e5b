"""The index of the search is kept: what was changed soon after, and what is not indexed yet a little at a time."""

import time
from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.reports.search.deadline import in_time
from models.reports.search.fill import TooMuchText
from models.reports.search.languages import stemmed_languages
from models.reports.search.reach import (
    Reach,
    begin_anew,
    count_missing,
    hold_index,
    index_due,
    index_further,
    read_reach,
)
from worker.runtime.transaction import transaction

# What is read of each of a hundred tickets where one of them has more than PostgreSQL takes.
_FEWER_CHARACTERS: Final = 10_000
# So many turns of a hundred changes are indexed before somebody searches.
_TURNS_BEFORE_SEARCH: Final = 5


def keep_index(engine: Engine, codes: Collection[str], seconds: float) -> None:
    """Index what was changed, then tickets that are not indexed yet, for about so many seconds.

    `codes` are the languages of the desk; where one of them is new all is indexed anew. One that another process of the
    desk does not know stays until `rebuild_index`. Two at a time do the same work once.
    """
    ends = time.monotonic() + seconds
    with transaction(engine) as session:
        known = set(read_reach(session).languages)
        languages = known.union(stemmed_languages(session, codes))
        if languages != known and hold_index(session, wait=False):
            begin_anew(session, sorted(languages))
    for work in (_index_changes, _index_further):
        while time.monotonic() < ends and _in_turn(engine, work):
            pass


def index_changes(engine: Engine, seconds: float) -> None:
    """Index what was changed just now, so that a search finds it; where very much was, not all of it.

    Raises models.reports.search.deadline.SearchTooLong where a statement takes longer than so many seconds.
    """

    def in_time_too(session: Session, reach: Reach, most: int) -> bool:
        with in_time(session, seconds):
            return index_due(session, reach, most) > 0

    for _ in range(_TURNS_BEFORE_SEARCH):
        if not _in_turn(engine, in_time_too):
            return


def rebuild_index(engine: Engine, codes: Collection[str] | None, report: Callable[[int, int], None]) -> int:
    """Index all tickets and people anew, telling `report` after each transaction how many tickets of how many are done.

    One that was broken off goes on, unless the languages are others by now; with None they stay as they are. Returns
    the number of tickets.
    """
    with transaction(engine) as session:
        reach = hold_index(session)
        known = list(reach.languages) if reach else []
        languages = known if codes is None else stemmed_languages(session, codes)
        if reach is None or reach.is_whole or known != languages:
            begin_anew(session, languages)
        tickets = missing = count_missing(session)
    report(0, tickets)
    while missing or not _is_whole(engine):
        _in_turn(engine, _index_further, wait=True)
        with transaction(engine) as session:
            missing = count_missing(session)
        report(tickets - missing, tickets)
    return tickets


def _is_whole(engine: Engine) -> bool:
    with transaction(engine) as session:
        return read_reach(session).is_whole


def _index_changes(session: Session, reach: Reach, most: int) -> bool:
    return index_due(session, reach, most) > 0


def _index_further(session: Session, reach: Reach, most: int) -> bool:
    return not reach.is_whole and not index_further(session, reach, most).is_whole


def _in_turn(engine: Engine, work: Callable[[Session, Reach, int], bool], *, wait: bool = False) -> bool:
    """Do one turn of a work on the index in a transaction of its own.

    False where there is no more of it, or where somebody else writes the index and we do not `wait`.
    """
    try:
        return _one_turn(engine, work, 0, wait=wait)
    except TooMuchText:
        return _one_turn(engine, work, _FEWER_CHARACTERS, wait=wait)


def _one_turn(engine: Engine, work: Callable[[Session, Reach, int], bool], most: int, *, wait: bool) -> bool:
    with transaction(engine, quiet=True) as session:
        reach = hold_index(session, wait=wait)
        return work(session, reach, most) if reach else False
