"""A database that tests have one after another is as its template each time: without rows, and without other traces."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.database import reuse
from tests.support.database.databases import plain_url
from tests.support.database.reuse import Databases

WHICH = "SELECT oid FROM pg_database WHERE datname = current_database()"
# Rows that need those before them, a ticket that triggers see, and numbers of the desk's own.
WRITES = """
    INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example');
    INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate)
        SELECT id, 'INBOX', 1, 0, 0, 'a', 'baseline' FROM mail.mailbox;
    INSERT INTO public."User" (id, email, "updatedAt") VALUES ('ann', 'ann@customer.example', now());
    INSERT INTO public."Ticket" (id, title, description, category, "createdById", "updatedAt")
        VALUES ('t', 'Pink', 'It prints pink.', 'technical_issue', 'ann', now());
    SELECT nextval('mail.ticket_number_seq'), nextval('mail.event_turn');
"""
NUMBERS = """SELECT nextval('mail.ticket_number_seq'), nextval('mail.event_turn'), nextval('mail.mailbox_id_seq'),
    (SELECT count(*) FROM mail.ledger), (SELECT count(*) FROM mail.event), (SELECT count(*) FROM public."Ticket")"""


@pytest.fixture
def databases(postgres_url: str, template_database: str) -> Iterator[Databases]:
    """Databases that no other test has."""
    own = Databases(postgres_url, template_database)
    yield own
    own.drop()


def ask(url: str, statements: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        done = connection.execute(statements.encode())
        return done.fetchall() if done.description else []


def given_back_after(databases: Databases, statements: str) -> tuple[bool, str]:
    """Whether the next test gets the same database after a test that did this to it, and the URL that it gets."""
    url = databases.take()
    before = ask(url, WHICH)
    ask(url, statements)
    databases.give_back(url)
    later = databases.take()
    return ask(later, WHICH) == before, later


def test_rows_are_taken_away_and_numbers_begin_anew(databases: Databases) -> None:
    new = databases.take()
    numbers = ask(new, NUMBERS)
    databases.give_back(new)

    is_same, later = given_back_after(databases, WRITES)

    assert (is_same, ask(later, NUMBERS)) == (True, numbers)
    databases.give_back(later)


CHANGES = {
    "a table": "CREATE TABLE mail.more (id int)",
    "a table that is gone": "DROP TABLE mail.pulse",
    "a schema that is gone": "DROP SCHEMA mail CASCADE",
    "a column": 'ALTER TABLE public."Ticket" ADD COLUMN "dueAt" timestamptz',
    "a default": "ALTER TABLE mail.mailbox ALTER COLUMN stuck_times SET DEFAULT 7",
    "an index": "CREATE INDEX more ON mail.mailbox (address)",
    "a function": "CREATE FUNCTION public.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a trigger that is off": 'ALTER TABLE public."Comment" DISABLE TRIGGER supportdesk_comment',
    "a value of a type": """ALTER TYPE public."TicketStatus" ADD VALUE 'on_hold'""",
    "a name of a value": """ALTER TYPE public."TicketStatus" RENAME VALUE 'open' TO 'new'""",
    "an owner's rights": "REVOKE ALL ON mail.mailbox FROM CURRENT_USER",
    "a row of the template": "UPDATE mail.alembic_version SET version_num = '0001'",
    "no row of the template": "DELETE FROM mail.alembic_version",
    "a setting": """DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 65', current_database()); END $$""",
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_in_which_more_than_rows_was_changed_is_nobodys_any_more(change: str, databases: Databases) -> None:
    is_same, later = given_back_after(databases, CHANGES[change])

    assert not is_same
    databases.give_back(later)


def test_one_that_has_grown_is_nobodys_any_more(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "MOST_GROWN", 200_000)
    grows = "INSERT INTO mail.mailbox (name, address) SELECT n, repeat('a', 99) FROM generate_series(1, 5000) n"

    is_same, later = given_back_after(databases, grows)

    assert not is_same
    databases.give_back(later)


def test_whom_a_test_left_behind_does_not_meet_the_next_one(databases: Databases) -> None:
    url = databases.take()
    before = ask(url, WHICH)
    left = psycopg.connect(plain_url(url))
    left.execute(b"INSERT INTO mail.mailbox (name, address) VALUES ('left', 'left@desk.example')")

    databases.give_back(url)
    later = databases.take()

    assert (later != url, ask(later, WHICH)) == (True, before)
    with pytest.raises(psycopg.OperationalError):
        left.execute(b"SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(url, WHICH)
    databases.give_back(later)
