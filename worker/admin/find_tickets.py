"""The search for tickets by words, bounded in time."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Engine

from models.db.statement import only_read
from models.reports.search import FoundTicket, SearchTooLong, search_tickets, spans
from worker.runtime.transaction import transaction

# Of one ticket or of several, by their tags.
NO_TICKET: Final = "There is no ticket {}. `supportdesk ticket list` shows which there are."


def find_tickets(
    engine: Engine, words: Sequence[str], most: int, before: int | None, seconds: int
) -> tuple[list[FoundTicket], bool]:
    """So many tickets below a number at most in which each word stands, the newest first, and whether that is all.

    It is not where the search among the older tickets took longer than so many seconds.
    """
    with transaction(engine) as session:
        near_and_far = spans(session, before)
    found: list[FoundTicket] = []
    for span in near_and_far:
        if len(found) == most or span.first == span.end:
            break
        try:
            with transaction(engine) as session:
                only_read(session, seconds)
                found += search_tickets(session, words, most - len(found), span)
        except SearchTooLong:
            return found, False
    return found, True
