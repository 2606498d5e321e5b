"""The search for tickets by words, bounded in time."""

from dataclasses import replace
from typing import Final

from sqlalchemy import Engine

from models.reports.search.deadline import in_time
from models.reports.search.find import SearchFor, SearchPage, end_at, search_tickets
from worker.admin.search_index import index_changes
from worker.runtime.transaction import transaction

# Of one ticket or of several, by their tags.
NO_TICKET: Final = "There is no ticket {}. `supportdesk ticket list` shows which there are."


def find_tickets(engine: Engine, search: SearchFor, seconds: int, last: int | None = None) -> SearchPage:
    """What is found, the best first, and what was changed just now with it; with `last` what comes after that ticket.

    Raises models.reports.search.deadline.SearchTooLong where a statement takes longer than so many seconds.
    """
    index_changes(engine, seconds)
    with transaction(engine) as session, in_time(session, seconds):
        after = None if last is None else end_at(session, search, last)
        return search_tickets(session, replace(search, after=after))
