"""The unit of work: the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.events.triggers import mark


@contextmanager
def transaction(
    engine: Engine, *, actor: int | None = None, cause: int | None = None, quiet: bool = False
) -> Iterator[Session]:
    """Give a session; commit when the block ends, roll back when it raises.

    The changes are recorded as those of `actor`, a person by number, and of `cause`, a mail by its ledger id.
    `quiet` records no events. Objects stay readable after the commit.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        if quiet or actor is not None or cause is not None:
            mark(session, actor=actor, cause=cause, quiet=quiet)
        yield session


@contextmanager
def autocommit(engine: Engine) -> Iterator[Session]:
    """Give a session for one statement that commits itself, which saves the two round trips of BEGIN and COMMIT.

    Of two statements the first would stay where the second fails.
    """
    with Session(engine, expire_on_commit=False) as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session
