"""What the web application may add to its tables: adopted, repaired and started beside, and named."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from models.schema.metadata import SUPPORTDESK, metadata
from models.schema.repair import damage, repair
from worker.admin import migrate
from worker.cli.main import main

WAITING = "has values that we do not know, which are handled as their neighbours"
UNCHANGED = "is not SupportDesk's; it changes nothing here."

# One addition each: the statement that makes it, and the sentence that names it.
ADDITIONS = (
    ('ALTER TABLE "User" ADD COLUMN phone text', f"The column User.phone {UNCHANGED}"),
    ('ALTER TABLE "Ticket" ADD COLUMN hits integer NOT NULL DEFAULT 0', f"The column Ticket.hits {UNCHANGED}"),
    ('ALTER TABLE "Ticket" ADD COLUMN serial bigserial', f"The column Ticket.serial {UNCHANGED}"),
    ('ALTER TABLE "Ticket" ADD COLUMN tags text[]', f"The column Ticket.tags {UNCHANGED}"),
    (
        "ALTER TABLE \"Ticket\" ADD COLUMN found tsvector GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED",
        f"The column Ticket.found {UNCHANGED}",
    ),
    ('CREATE INDEX "User_email_idx" ON "User" (email)', f"The index User_email_idx {UNCHANGED}"),
    (
        'CREATE INDEX "Ticket_status_priority_idx" ON "Ticket" (status, priority)',
        f"The index Ticket_status_priority_idx {UNCHANGED}",
    ),
    ('CREATE INDEX extra ON "Comment" USING hash (id)', f"The index extra {UNCHANGED}"),
    ('CREATE TABLE "Team" (id text PRIMARY KEY)', f"The table Team {UNCHANGED}"),
    (
        (
            'CREATE TABLE "Team" (id text PRIMARY KEY); ALTER TABLE "Ticket" ADD COLUMN "teamId" text '
            'CONSTRAINT "Ticket_teamId_fkey" REFERENCES "Team" (id) ON UPDATE CASCADE ON DELETE SET NULL'
        ),
        f"The foreign key Ticket_teamId_fkey {UNCHANGED}",
    ),
    ("ALTER TYPE \"TicketStatus\" ADD VALUE 'waiting'", f"The enum TicketStatus {WAITING}: waiting."),
    ("ALTER TYPE \"TicketStatus\" ADD VALUE 'waiting' BEFORE 'resolved'", f"The enum TicketStatus {WAITING}: waiting."),
    ("ALTER TYPE \"TicketPriority\" ADD VALUE 'urgent'", f"The enum TicketPriority {WAITING}: urgent."),
    ("ALTER TYPE \"TicketCategory\" ADD VALUE 'refund'", f"The enum TicketCategory {WAITING}: refund."),
    ("ALTER TYPE \"UserRole\" ADD VALUE 'manager'", f"The enum UserRole {WAITING}: manager."),
)
TWIN = 'CREATE INDEX "Ticket_createdById_createdAt_idx" ON "Ticket" ("createdById", "createdAt")'
OURS = "SELECT count(*) FROM pg_indexes WHERE indexname = 'supportdesk_ticket_served'"


def add(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def db(url: str, *words: str) -> Result:
    return CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""}).invoke(main, ["db", *words])


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a settings file."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("statement", "sentence"), ADDITIONS)
def test_an_addition_is_adopted_and_named(
    prisma_engine: Engine, empty_database: str, statement: str, sentence: str
) -> None:
    add(prisma_engine, statement)

    result = db(empty_database, "upgrade")

    assert (result.exit_code, result.stderr) == (0, "")
    assert sentence in result.stdout.splitlines()


@pytest.mark.parametrize(("statement", "sentence"), ADDITIONS)
def test_an_addition_is_repaired_beside_and_named(
    fresh_engine: Engine, fresh_database: str, statement: str, sentence: str
) -> None:
    add(fresh_engine, 'DROP TRIGGER supportdesk_user ON "User"')
    add(fresh_engine, statement)

    result = db(fresh_database, "repair")

    assert result.stdout.splitlines()[0] == "Put back the trigger supportdesk_user."
    assert sentence in result.stdout.splitlines()


def test_what_prisma_keeps_for_itself_is_not_named(prisma_engine: Engine) -> None:
    migrate.upgrade(prisma_engine)

    assert migrate.additions(prisma_engine) == ()


def test_an_index_of_the_web_app_that_serves_as_ours_is_not_doubled(prisma_engine: Engine) -> None:
    add(prisma_engine, TWIN)

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert (connection.scalar(text(OURS)), damage(connection)) == (0, ())


def test_a_repair_makes_no_index_that_the_web_app_has(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        metadata.create_all(connection, tables=SUPPORTDESK)
        connection.execute(text(f"DROP INDEX supportdesk_ticket_served; {TWIN}"))

        repair(connection)

        assert (connection.scalar(text(OURS)), damage(connection)) == (0, ())


@pytest.mark.parametrize(
    "other",
    [
        TWIN.replace('"createdAt")', '"createdAt" DESC)'),
        TWIN.replace("_createdAt_idx", "_both_idx"),
        f"{TWIN} WHERE title <> ''",
        TWIN.replace('"createdById", "createdAt"', '"createdAt", "createdById"'),
    ],
    ids=["another order", "another name", "some rows", "other columns"],
)
def test_an_index_of_another_form_or_name_leaves_ours_where_it_is(prisma_engine: Engine, other: str) -> None:
    add(prisma_engine, other)

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert connection.scalar(text(OURS)) == 1
