"""The one place that speaks to the driver: statements are prepared once a connection and cross the wire together.

psycopg's cursors cost three times as much (docs/decisions/0028-statements-cross-the-wire-together.md), so its own
interface to PostgreSQL's client library is used here: `psycopg.pq`, and `psycopg.adapt.Transformer` for the rows.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from select import POLLIN, POLLOUT, poll
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models.db.errors import as_sqlalchemys


@dataclass(frozen=True, slots=True)
class Query:
    """A statement as PostgreSQL takes it, with `$1` for its first value; `text` is how an error quotes it."""

    sql: bytes
    text: str
    format: Format = Format.TEXT


# One run of a statement: its values in order, and how each is written.
Run = tuple[Query, Sequence[bytes | None], Sequence[Format]]

_BEGIN: Run = Query(b"BEGIN", "BEGIN"), (), ()
_COMMIT: Run = Query(b"COMMIT", "COMMIT"), (), ()
_ROLLBACK: Run = Query(b"ROLLBACK", "ROLLBACK"), (), ()

# Under these names a connection of the pool keeps its wire, and an engine says by False that nothing may be prepared.
_WIRE = "supportdesk.wire"
PREPARES = "supportdesk.prepares"

# Where PostgreSQL finds that the rows of a prepared statement are of other types since a table was changed: the name of
# its own function, which no language translates. And the codes of one that is not there, and of one that is already,
# as behind a pooler.
_OVERTAKEN = "RevalidateCachedQuery"
_NOT_OURS = ("26000", "42P05")
_CANCEL_SECONDS = 2.0


class Wire:
    """A connection of the pool; whoever has the connection has it alone.

    Where it does not prepare, as poolers cannot that know nothing of prepared statements, each text is sent each time.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", *, prepares: bool = True) -> None:
        self._connection = connection
        self._prepares = prepares
        self._library = connection.pgconn
        self._transformer = Transformer(connection)
        # By the statement's text.
        self._names: dict[bytes, bytes] = {}
        self._waiting: list[Run] = []
        self._answer, self._room = poll(), poll()
        self._answer.register(connection.fileno(), POLLIN)
        self._room.register(connection.fileno(), POLLIN | POLLOUT)

    @property
    def is_lost(self) -> bool:
        """True where the connection is no longer of use."""
        return self._connection.closed

    def put(self, runs: Iterable[Run]) -> None:
        """Let runs whose rows nobody reads wait for the next that is asked or the commit, which raises their errors."""
        self._waiting.extend(runs)

    def ask(self, runs: Sequence[Run]) -> list[list[Any]]:
        """The rows of each run, none where it is one that gives no rows; a transaction begins where there is none.

        What waits is run before. Raises the first error as SQLAlchemy's own; then none of the runs after it was made.
        """
        results = self._cross([*self._begin(), *self._waiting, *runs])
        return [self._rows(result) for result in results[len(results) - len(runs) :]]

    def settle(self) -> None:
        """Run what waits."""
        if self._waiting:
            self.ask(())

    def commit(self) -> None:
        """Run what waits, and commit; where anything fails, nothing is committed.

        Raises InternalError as well where an earlier error was passed over: PostgreSQL would roll back without a word.
        """
        if self._connection.autocommit:
            self.settle()
        elif self._waiting or self._is_in_transaction():
            results = self._cross([*self._begin(), *self._waiting, _COMMIT])
            if results[-1].command_status != b"COMMIT":
                self._fail(_COMMIT[0], psycopg.InternalError("an earlier statement of the transaction failed"))

    def rollback(self) -> None:
        """Forget what waits, and roll back; where the connection is lost, the server does."""
        self._waiting.clear()
        if not self.is_lost and self._is_in_transaction():
            with suppress(DBAPIError):
                self._cross([_ROLLBACK])

    def _is_in_transaction(self) -> bool:
        return self._library.transaction_status != TransactionStatus.IDLE

    def _begin(self) -> Sequence[Run]:
        return () if self._connection.autocommit or self._is_in_transaction() else (_BEGIN,)

    def _cross(self, runs: Sequence[Run]) -> list[PGresult]:
        """The result of each run, in one round trip: all are sent before any is read (libpq's pipeline mode)."""
        commands: list[tuple[Query, bytes]] = []
        results: list[PGresult] = []
        lost = None
        self._waiting = []
        try:
            self._library.enter_pipeline_mode()
            commands.extend(self._send(runs))
            self._receive(len(commands), results)
            self._library.exit_pipeline_mode()
            self._keep_names(commands, results)
        except BaseException as error:
            self._leave(cancel=not isinstance(error, psycopg.Error))
            if not isinstance(error, psycopg.Error):
                raise
            lost = error
        for (query, _), result in zip(commands, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR:
                self._fail(query, error_from_result(result))
        if lost:
            self._fail(runs[0][0], lost)
        return [result for (_, name), result in zip(commands, results, strict=True) if not name]

    def _leave(self, *, cancel: bool) -> None:
        """Close the connection: what is still on its way would be taken for the answer to the next statement.

        The server would go on with what it is at, and keep its locks.
        """
        try:
            if cancel:
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
        finally:
            self._connection.close()

    def _send(self, runs: Sequence[Run]) -> Iterable[tuple[Query, bytes]]:
        """Send all runs, each statement's text before its first; gives each command, with the name that it prepares."""
        names: dict[bytes, bytes] = {}
        for query, values, formats in runs:
            if not self._prepares:
                self._library.send_query_params(query.sql, values, None, formats, query.format)
                yield query, b""
                continue
            name = self._names.get(query.sql) or names.get(query.sql)
            if name is None:
                name = names[query.sql] = _name(query.sql)
                self._library.send_prepare(name, query.sql)
                yield query, name
            self._library.send_query_prepared(name, values, formats, query.format)
            yield query, b""
        self._library.pipeline_sync()
        while self._library.flush():
            self._room.poll()
            self._library.consume_input()

    def _receive(self, commands: int, results: list[PGresult]) -> None:
        """Read the result of each command, behind which the library gives None, and the end of the pipeline."""
        for _ in range(commands):
            results.append(self._next())
            self._await()
            self._library.get_result()
        self._next()

    def _keep_names(self, commands: Sequence[tuple[Query, bytes]], results: Sequence[PGresult]) -> None:
        for (query, name), result in zip(commands, results, strict=True):
            if name and result.status == ExecStatus.COMMAND_OK:
                self._names[query.sql] = name

    def _next(self) -> PGresult:
        self._await()
        result = self._library.get_result()
        if result is None:
            raise psycopg.OperationalError("the connection is lost")
        return result

    def _await(self) -> None:
        """Wait until a result can be taken; handlers of signals and other threads run meanwhile."""
        while self._library.is_busy():
            self._answer.poll()
            self._library.consume_input()

    def _rows(self, result: PGresult) -> list[Any]:
        if result.status != ExecStatus.TUPLES_OK:
            return []
        names = tuple([result.fname(place) for place in range(result.nfields)])
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(0, result.ntuples, _maker(names))
        # Else the rows' bytes, which may be a large mail, would be kept until the next statement.
        self._transformer.set_pgresult(None)
        return rows

    def _fail(self, query: Query, error: psycopg.Error) -> None:
        """Raise an error as SQLAlchemy's own.

        A connection whose prepared statements no longer hold is closed: that is no mail's fault, and the next works.
        """
        if error.sqlstate in _NOT_OURS or error.diag.source_function == _OVERTAKEN:
            self._connection.close()
        raise as_sqlalchemys(query.text, error, lost=self._connection.closed) from error


def _name(sql: bytes) -> bytes:
    """The name under which a statement is prepared, which follows from its text alone.

    A pooler that knows nothing of prepared statements hands a connection on with those of another client: a name that
    both had counted would run the other's statement.
    """
    return b"desk_" + sha256(sql).hexdigest()[:32].encode()


@cache
def _maker(names: tuple[bytes | None, ...]) -> Callable[[Iterable[Any]], Any]:
    """What makes a named tuple of a row with columns of these names."""
    fields = [name.decode() if name else "" for name in names]
    kind: Any = namedtuple("Row", fields, rename=True)  # type: ignore[misc]  # noqa: PYI024
    make: Callable[[Iterable[Any]], Any] = kind._make
    return make


def wire_of(connection: Connection) -> Wire:
    """The wire of a connection, made at its first use and kept for as long as it is in the pool."""
    wire = connection.info.get(_WIRE)
    if not isinstance(wire, Wire):
        driver: Any = connection.connection.driver_connection
        prepares = connection.get_execution_options().get(PREPARES, True)
        wire = connection.info[_WIRE] = Wire(driver, prepares=prepares)
    return wire
