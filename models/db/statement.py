"""Statements on the path of every mail, run by the driver itself: by way of SQLAlchemy each costs four times as much.

They run in the session's own transaction, and their errors come as SQLAlchemy's own, so callers see no difference.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.errors import without_details

# A parameter as SQLAlchemy's text writes it; two colons are a cast.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")

# The key under which a session keeps its cursor.
_CURSOR = "supportdesk.cursor"


def any_of(name: str, kind: str = "bigint") -> str:
    """The right side of a comparison in SQL with any of the values of a parameter that holds a list.

    The planner estimates ten of them, however many there are; where it counts them, it makes a new plan each time.
    """
    return f"ANY(ARRAY(SELECT unnest(CAST(:{name} AS {kind}[]))))"


class Statement:
    """A statement with parameters such as `:name`, whose rows come as named tuples.

    What was added to the session and not flushed is not seen by it. Rows come as `binary` where long bytes are among
    them, which as text would be twice as long.
    """

    def __init__(self, statement: str, *, binary: bool = False) -> None:
        self.binary = binary
        self.statement = _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))
        self._names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
        places = {name: f"${place}" for place, name in enumerate(self._names, 1)}
        # As PostgreSQL takes it: of more than 4 KB the driver would look for the parameters anew each time.
        self._query = _PARAMETER.sub(lambda found: places[found[1]], statement).encode()

    def rows(self, session: Session, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row that the statement gives; none where it is one that gives no rows."""
        cursor = _cursor(session)
        try:
            cursor.execute(self._query, self._in_order(values or {}), binary=self.binary)
            # Whether there are rows at all is asked without making an object of each column.
            return [] if cursor.rownumber is None else cursor.fetchall()
        except psycopg.Error as error:
            raise self._translated(error) from error

    def one(self, session: Session, values: Mapping[str, Any] | None = None) -> Any:
        """The first row; None where there is none."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def each(self, session: Session, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values, in their order and without waiting for one before the next."""
        try:
            _cursor(session).executemany(self._query, [self._in_order(one) for one in values])
        except psycopg.Error as error:
            raise self._translated(error) from error

    def all_rows(self, session: Session, values: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """The rows of each run, as `each` runs it; the statement must be one that gives rows."""
        if not values:
            return []
        cursor = _cursor(session)
        try:
            cursor.executemany(self._query, [self._in_order(one) for one in values], returning=True)
            found = [cursor.fetchall()]
            while cursor.nextset():
                found.append(cursor.fetchall())
        except psycopg.Error as error:
            raise self._translated(error) from error
        return found

    def _in_order(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] for name in self._names]

    def _translated(self, error: psycopg.Error) -> Exception:
        # The values may be a mail's words, which no message repeats.
        without_details(error)
        translated = DBAPIError.instance(self.statement, None, error, psycopg.Error, hide_parameters=True)
        return translated if isinstance(translated, Exception) else error


def _cursor(session: Session) -> Any:
    """The driver's cursor of the session's transaction, made at its first statement.

    Asking SQLAlchemy for the connection each time costs as much as a short statement.
    """
    work, cursor = session.info.get(_CURSOR, (None, None))
    if cursor is None or work is not session.get_transaction():
        driver: Any = session.connection().connection.driver_connection
        cursor = psycopg.RawCursor(driver, row_factory=namedtuple_row)
        session.info[_CURSOR] = (session.get_transaction(), cursor)
    return cursor
