"""Statements on the path of every mail, which the driver itself runs: by way of SQLAlchemy each costs four times that.

They run in the session's own transaction, and their errors come as SQLAlchemy's own, so nobody else sees a difference.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

# A parameter as SQLAlchemy's text writes it; two colons are a cast.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


class Ask:
    """A statement with parameters such as `:name`, whose rows come as named tuples.

    What was added to the session and not flushed is not seen by it.
    """

    def __init__(self, statement: str) -> None:
        self.statement = _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))

    def rows(self, session: Session, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row that the statement gives; none where it is one that gives no rows."""
        cursor = self._cursor(session)
        try:
            cursor.execute(self.statement, values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise self._translated(error) from error

    def one(self, session: Session, values: Mapping[str, Any] | None = None) -> Any:
        """The first row; None where there is none."""
        found = self.rows(session, values)
        return found[0] if found else None

    def many(self, session: Session, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values, without asking for rows."""
        try:
            self._cursor(session).executemany(self.statement, values)
        except psycopg.Error as error:
            raise self._translated(error) from error

    def _cursor(self, session: Session) -> Any:
        driver: Any = session.connection().connection.driver_connection
        return driver.cursor(row_factory=namedtuple_row)

    def _translated(self, error: psycopg.Error) -> Exception:
        # The values may be a mail's words, which no message repeats.
        translated = DBAPIError.instance(self.statement, None, error, psycopg.Error, hide_parameters=True)
        return translated if isinstance(translated, Exception) else error
