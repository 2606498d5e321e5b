"""How long a search may take, and what is raised where it takes longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.statement import Statement

_QUERY_CANCELED: Final = "57014"
# The planner takes these statements for large ones, and compiling one would take longer than to run it.
_BOUND = Statement("SELECT set_config('statement_timeout', :most, true), set_config('jit', 'off', true)")


class SearchTooLong(Exception):
    """The database ended the search, for one of its statements took longer than it may."""


@contextmanager
def in_time(session: Session, seconds: float) -> Iterator[None]:
    """Let each statement of this transaction take so many seconds at most; raises SearchTooLong for one that does."""
    try:
        _BOUND.write(session, {"most": f"{seconds * 1000:.0f}"})
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED:
            raise
        raise SearchTooLong from error
