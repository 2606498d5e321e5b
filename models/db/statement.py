"""Statements on the path of every mail, run by the driver itself: by way of SQLAlchemy each costs ten times as much.

They run in the session's own transaction, and their errors come as SQLAlchemy's own, so callers see no difference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import Format
from sqlalchemy.orm import Session

from models.db.errors import as_sqlalchemys
from models.db.values import encoded
from models.db.wire import Query, Run, Wire, wire_of
from models.db.work import Work

# A parameter as SQLAlchemy's text writes it; two colons are a cast.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")

# The key under which a session of SQLAlchemy keeps the wire of its transaction.
_WIRE = "supportdesk.wire"


def only_read(session: Session, seconds: float) -> None:
    """Let this transaction write nothing, and end each of its statements that takes longer than so many seconds."""
    _ONLY_READ.write(session, {"most": f"{seconds * 1000:.0f}"})


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Let nothing stay of what the block does: what it wrote or set, or that a statement of it failed."""
    # Asked at once, so that what was written before and fails is no error of the block.
    _MARK.rows(session)
    try:
        yield
    finally:
        _BACK.write(session)
        _UNMARK.write(session)


def see_one_moment(session: Session) -> None:
    """Let this transaction, of which nothing was asked yet, only read, and see the database as it is at one moment."""
    _ONE_MOMENT.write(session)


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
        self.statement = _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))
        self._names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
        places = {name: f"${place}" for place, name in enumerate(self._names, 1)}
        sql = _PARAMETER.sub(lambda found: places[found[1]], statement).encode()
        self.query = Query(sql, self.statement, Format.BINARY if binary else Format.TEXT)

    def rows(self, session: Session, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row that the statement gives; none where it is one that gives no rows."""
        return _wire(session).ask([self._run(values or {})])[0]

    def one(self, session: Session, values: Mapping[str, Any] | None = None) -> Any:
        """The first row; None where there is none."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def write(self, session: Session, values: Mapping[str, Any] | None = None) -> None:
        """Run it and read no rows. It is sent with the next statement that is read, or with the commit.

        That one raises its error: in the same transaction, of which then nothing stays.
        """
        self.each(session, [values or {}])

    def each(self, session: Session, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values, in their order, as `write` does."""
        wire = _wire(session)
        wire.put([self._run(one) for one in values])
        if not isinstance(session, Work):
            wire.settle()

    def all_rows(self, session: Session, values: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """The rows of each run, all in one round trip."""
        return _wire(session).ask([self._run(one) for one in values]) if values else []

    def _run(self, values: Mapping[str, Any]) -> Run:
        try:
            return self.query, *encoded([values[name] for name in self._names])
        except psycopg.Error as error:
            raise as_sqlalchemys(self.statement, error, lost=False) from error


# A statement of its own is needed: what is set for a session would last as long as its connection is in the pool.
_ONLY_READ = Statement(
    "SELECT set_config('statement_timeout', :most, true), set_config('transaction_read_only', 'on', true)"
)
_MARK, _BACK, _UNMARK = map(Statement, ("SAVEPOINT undone", "ROLLBACK TO SAVEPOINT undone", "RELEASE SAVEPOINT undone"))
_ONE_MOMENT = Statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _wire(session: Session) -> Wire:
    """The wire of the session's transaction, kept with a session of SQLAlchemy's own at its first statement.

    Asking SQLAlchemy for the connection each time costs as much as a short statement.
    """
    if isinstance(session, Work):
        return session.wire
    work, wire = session.info.get(_WIRE, (None, None))
    if not isinstance(wire, Wire) or work is not session.get_transaction():
        wire = wire_of(session.connection())
        session.info[_WIRE] = (session.get_transaction(), wire)
    return wire
