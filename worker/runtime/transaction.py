"""The unit of work: the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.db.statement import see_one_moment
from models.db.work import Work
from models.events.triggers import mark


@contextmanager
def transaction(
    engine: Engine, *, actor: int | None = None, cause: int | None = None, quiet: bool = False
) -> Iterator[Session]:
    """Give a session; commit when the block ends, roll back when it raises.

    The changes are recorded as those of `actor`, a person by number, and of `cause`, a mail by its ledger id.
    `quiet` records no events. Objects stay readable after the commit.
    """
    with engine.connect() as connection, _committed(Work(connection)) as work:
        if quiet or actor is not None or cause is not None:
            mark(work, actor=actor, cause=cause, quiet=quiet)
        yield work


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    """Give a session whose work is rolled back at the end, whatever was done in it."""
    with engine.connect() as connection, Work(connection) as work:
        try:
            yield work
        finally:
            work.rollback()


@contextmanager
def autocommit(engine: Engine) -> Iterator[Session]:
    """Give a session for one statement that commits itself, which saves the two round trips of BEGIN and COMMIT.

    Of two statements the first would stay where the second fails.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _committed(Work(connection)) as work:
            yield work


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """Give a session that only reads, and all of whose statements see the database as it is at the first of them."""
    with transaction(engine) as session:
        see_one_moment(session)
        yield session


@contextmanager
def _committed(work: Work) -> Iterator[Work]:
    with work:
        try:
            yield work
            work.flush()
            work.wire.commit()
            # What SQLAlchemy was asked is committed by now, too, and SQLAlchemy is told so.
            if work.in_transaction():
                work.commit()
        except BaseException:
            work.rollback()
            raise
