"""A connection of its own on which PostgreSQL notifies of each event that was recorded (LISTEN)."""

from collections.abc import Iterator
from contextlib import contextmanager
from select import POLLIN, poll

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.failures import TemporaryFailure
from models.events.triggers import CHANNEL

# So often an idle connection is tested, as one may break without any sign.
CHECK_SECONDS = 60.0


class Listener:
    """A connection that receives notifications; its methods raise TemporaryFailure where it is lost."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._connection = connection

    def wait(self, seconds: float, wake: int) -> int:
        """Wait for notifications and return how many came; 0 after `seconds` or where `wake` can be read."""
        waiting = poll()
        waiting.register(wake, POLLIN)
        with _translated():
            waiting.register(self._connection.fileno(), POLLIN)
            if not waiting.poll(min(seconds, CHECK_SECONDS) * 1000) and seconds >= CHECK_SECONDS:
                self._connection.execute("SELECT 1")
            return len(list(self._connection.notifies(timeout=0)))


@contextmanager
def listening(engine: Engine) -> Iterator[Listener]:
    """Listen for as long as the block lasts, on a connection that does not go back to the pool.

    Raises TemporaryFailure where the database cannot be reached or the connection is lost.
    """
    with _translated():
        borrowed = engine.raw_connection()
    connection = borrowed.driver_connection
    assert isinstance(connection, psycopg.Connection), "the engine's driver is psycopg"
    borrowed.detach()
    try:
        with _translated():
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}".encode())
        yield Listener(connection)
    finally:
        borrowed.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        lines = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise TemporaryFailure(f"the database cannot be listened to: {lines[0] if lines else error!r}") from error
