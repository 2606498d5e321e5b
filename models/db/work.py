"""A unit of work whose statements go straight to their connection, and a Session for whoever asks SQLAlchemy."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from models.db.wire import wire_of


class Work(Session):
    """A session on a connection of its own, which a Statement reaches without asking SQLAlchemy.

    Statements that nobody waits for are sent with the next one that is waited for, or with the commit. SQLAlchemy's
    own transaction begins only where something else is asked: it is of the same transaction of the database.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, expire_on_commit=False)
        self._connection = connection
        self.wire = wire_of(connection)
        # Whoever had the connection before may have been interrupted where they let go of what waits.
        self.wire.rollback()

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """The connection, on which all that waits is sent before anything that SQLAlchemy does."""
        self.wire.settle()
        return self._connection

    def rollback(self) -> None:
        """Forget what waits, and roll back; a connection that is lost leaves the pool."""
        self.wire.rollback()
        if self.wire.is_lost:
            self._connection.invalidate()
        super().rollback()

    def close(self) -> None:
        """End the work. A statement given to it later is a mistake: others have the connection by then."""
        super().close()
        self.__dict__.pop("wire", None)
