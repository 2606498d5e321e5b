"""The unit of work: it commits once, rolls back as a whole and carries nothing over to the next."""

import pytest
from sqlalchemy import Engine, make_url, text

from models.db.engine import UrlRefused, host_and_port, make_engine
from worker.runtime.transaction import autocommit, transaction

SETTINGS = """
SELECT current_setting('supportdesk.actor', true), current_setting('supportdesk.cause', true),
       current_setting('supportdesk.quiet', true)
"""
ADD_USER = "INSERT INTO \"User\" (id, email, \"updatedAt\") VALUES ('u', 'u@x.example', now())"


def fail_after_a_write(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(text(ADD_USER))
        raise RuntimeError


def fail_after_a_statement_at_once(engine: Engine) -> None:
    with autocommit(engine) as session:
        session.execute(text(ADD_USER))
        raise RuntimeError


def test_a_block_that_ends_is_committed(fresh_engine: Engine) -> None:
    with transaction(fresh_engine) as session:
        session.execute(text(ADD_USER))

    with fresh_engine.connect() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "User"')) == 1


def test_a_block_that_raises_leaves_nothing(fresh_engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        fail_after_a_write(fresh_engine)

    with fresh_engine.connect() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "User"')) == 0


def test_actor_cause_and_quiet_are_told_to_the_triggers(engine: Engine) -> None:
    with transaction(engine, actor=7, cause=42, quiet=True) as session:
        told = tuple(session.execute(text(SETTINGS)).one())

    assert told == ("7", "42", "on")


def test_nothing_is_carried_over_to_the_next_transaction(fresh_engine: Engine) -> None:
    with transaction(fresh_engine, actor=7, cause=42, quiet=True) as session:
        first = session.scalar(text("SELECT pg_backend_pid()"))
    with transaction(fresh_engine) as session:
        second = session.scalar(text("SELECT pg_backend_pid()"))
        told = tuple(session.execute(text(SETTINGS)).one())

    assert first == second
    assert [value or None for value in told] == [None, None, None]


def test_every_session_is_in_utc_and_looks_into_public(engine: Engine) -> None:
    with transaction(engine) as session:
        told = tuple(session.execute(text("SELECT current_setting('timezone'), current_setting('search_path')")).one())

    assert told == ("UTC", "public")


def test_a_server_in_berlins_time_changes_nothing(fresh_engine: Engine, fresh_database: str) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(
            text(f"ALTER DATABASE \"{make_url(fresh_database).database}\" SET timezone = 'Europe/Berlin'")
        )
    fresh_engine.dispose()

    with transaction(fresh_engine) as session:
        told = session.scalar(text("SELECT current_setting('timezone')"))

    assert told == "UTC"


def test_options_in_the_url_are_kept(database_url: str) -> None:
    engine = make_engine(f"{database_url}?options=-c%20work_mem%3D5MB", application_name="tests")

    with engine.connect() as connection:
        told = connection.scalar(text("SELECT current_setting('work_mem') || current_setting('timezone')"))
    engine.dispose()

    assert told == "5MBUTC"


def test_another_schema_than_public_is_refused() -> None:
    with pytest.raises(UrlRefused):
        make_engine("postgresql://x/y?schema=desk", application_name="tests")


def test_a_database_is_named_without_its_password() -> None:
    named = host_and_port("postgresql://me:secret@db.example/desk")

    assert named == "db.example:5432"


def test_one_statement_at_once_stays_whatever_comes_after_it(fresh_engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        fail_after_a_statement_at_once(fresh_engine)

    with fresh_engine.connect() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "User"')) == 1


def test_after_a_statement_at_once_the_connection_has_transactions_again(fresh_engine: Engine) -> None:
    with autocommit(fresh_engine) as session:
        first = session.scalar(text("SELECT pg_backend_pid()"))

    with pytest.raises(RuntimeError):
        fail_after_a_write(fresh_engine)

    with fresh_engine.connect() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "User"')) == 0
        assert connection.scalar(text("SELECT pg_backend_pid()")) == first
