"""Databases in which a desk cannot be made, taken down or brought on: what is said, and that nothing is left."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, make_url, text

from models.schema.catalogue import catalogue, guards
from worker.admin import migrate
from worker.cli.main import main

FOREIGN = "The database has a schema mail that another program made"

# Each makes a schema `mail` that is not ours.
SCHEMAS = (
    "CREATE SCHEMA mail; CREATE TABLE mail.letter (id int PRIMARY KEY); INSERT INTO mail.letter VALUES (1)",
    "CREATE SCHEMA mail; CREATE VIEW mail.box AS SELECT 1 AS one",
    "CREATE SCHEMA mail; CREATE FUNCTION mail.go() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mail; CREATE TYPE mail.colour AS ENUM ('red')",
    "CREATE SCHEMA mail; CREATE SEQUENCE mail.number",
    "CREATE SCHEMA mail; CREATE TABLE mail.adoption (child text)",
    (
        "CREATE SCHEMA mail; CREATE TABLE mail.alembic_version (version_num text); "
        "INSERT INTO mail.alembic_version VALUES ('a1b2c3d4e5f6')"
    ),
)
# What is in the schema: its relations, functions and types.
WITHIN = """
SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace('mail')
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace('mail')
UNION ALL SELECT typname FROM pg_type WHERE typnamespace = to_regnamespace('mail') ORDER BY 1
"""
# What the function takes that migration 0004 makes.
RECORD = ("text", "bigint", "text", "text", "text", "text")
ADOPTED = "SupportDesk's tables were there and are adopted; nothing in them was changed."
SCHEMA_NAMES = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1"


def db(url: str, *words: str) -> Result:
    return CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""}).invoke(main, ["db", *words])


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def found(engine: Engine, statement: str) -> list[Any]:
    with engine.begin() as connection:
        return list(connection.scalars(text(statement)))


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a settings file."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stranger(empty_database: str, prisma_engine: Engine) -> Iterator[str]:
    """The URL of a database of Prisma's for a role that may create what it likes, and owns none of the tables."""
    role = f"stranger_{uuid4().hex}"
    name = make_url(empty_database).database
    run(
        prisma_engine,
        f"CREATE ROLE {role}",
        f'GRANT CREATE ON DATABASE "{name}" TO {role}',
        f"GRANT ALL ON SCHEMA public TO {role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
    )
    yield make_url(empty_database).update_query_dict({"options": f"-c role={role}"}).render_as_string(False)
    run(prisma_engine, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


@pytest.mark.parametrize("statement", SCHEMAS)
@pytest.mark.parametrize(
    "words",
    [("upgrade",), ("reset", "--yes", "--database"), ("downgrade", "base", "--yes", "--database")],
    ids=["upgrade", "reset", "downgrade"],
)
def test_a_foreign_schema_mail_is_refused_with_nothing_made_and_nothing_dropped(
    prisma_engine: Engine, empty_database: str, statement: str, words: tuple[str, ...]
) -> None:
    run(prisma_engine, *statement.split("; "))
    before = found(prisma_engine, WITHIN)
    name = [str(make_url(empty_database).database)] if words[-1] == "--database" else []

    result = db(empty_database, *words, *name)

    assert (result.exit_code, result.stderr.startswith(FOREIGN)) == (2, True), result.stderr
    assert result.stderr.endswith("\nNothing was changed.\n")
    assert found(prisma_engine, WITHIN) == before
    assert found(prisma_engine, SCHEMA_NAMES) == ["mail", "public"]


@pytest.mark.parametrize("statement", ["CREATE SCHEMA mail", "SELECT 1"])
def test_a_schema_mail_that_is_empty_is_ours_to_fill(empty_engine: Engine, empty_database: str, statement: str) -> None:
    run(empty_engine, statement)

    result = db(empty_database, "upgrade")

    assert (result.exit_code, result.stderr) == (0, "")


def test_a_role_that_does_not_own_the_tables_is_refused_with_nothing_left(prisma_engine: Engine, stranger: str) -> None:
    with prisma_engine.begin() as connection:
        before = catalogue(connection, "public"), guards(connection, "public")

    result = db(stranger, "upgrade")

    assert result.exit_code == 2
    assert "is not the owner of SupportDesk's tables (Account, Comment, Session, Ticket" in result.stderr
    with prisma_engine.begin() as connection:
        assert (catalogue(connection, "public"), guards(connection, "public")) == before
    assert found(prisma_engine, SCHEMA_NAMES) == ["public"]


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        ("CREATE ON DATABASE", "The database's role may not create a schema here"),
        ("ALL ON SCHEMA public", "The database's role may not create anything in the schema public"),
    ],
)
def test_a_role_that_may_not_create_is_refused_with_nothing_left(
    prisma_engine: Engine, stranger: str, right: str, sentence: str
) -> None:
    url = make_url(stranger)
    role = str(url.query["options"]).removeprefix("-c role=")
    what = f'CREATE ON DATABASE "{url.database}"' if right.endswith("DATABASE") else right
    run(prisma_engine, f"REVOKE {what} FROM {role}", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")

    result = db(stranger, "upgrade")

    assert (result.exit_code, result.stderr.startswith(sentence)) == (2, True), result.stderr
    assert found(prisma_engine, SCHEMA_NAMES) == ["public"]


def test_an_upgrade_that_stops_says_where_it_stands(empty_engine: Engine, empty_database: str) -> None:
    db(empty_database, "upgrade", "0002")
    # In the way of migration 0004, whose function of this name gives back nothing.
    run(empty_engine, f"CREATE FUNCTION mail.record({', '.join(RECORD)}) RETURNS int LANGUAGE sql AS 'SELECT 1'")

    result = db(empty_database, "upgrade")

    assert result.exit_code != 0
    assert result.stderr.startswith("The upgrade stopped: the database went from 0002 to 0003 and stands there;")
    assert migrate.current(empty_engine) == "0003"


def test_an_upgrade_goes_on_from_where_it_stopped(empty_engine: Engine, empty_database: str) -> None:
    db(empty_database, "upgrade", "0003")

    result = db(empty_database, "upgrade")

    assert result.stdout == f"The database went from 0003 to {migrate.newest()}.\n"


def test_an_upgrade_says_whether_it_adopted(prisma_engine: Engine, empty_database: str) -> None:
    result = db(empty_database, "upgrade")

    assert (
        result.stdout.splitlines()[1] == "SupportDesk's tables were there and are adopted; nothing in them was changed."
    )


def test_a_revision_proposes_to_drop_nothing_that_is_not_ours(
    fresh_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(
        fresh_engine,
        'CREATE TABLE "Team" (id text PRIMARY KEY)',
        'ALTER TABLE "Ticket" ADD COLUMN "teamId" text REFERENCES "Team" (id), ADD COLUMN tags text[]',
        'CREATE INDEX "Ticket_status_priority_idx" ON "Ticket" (status, priority)',
        "CREATE TABLE mail.others (id int PRIMARY KEY)",
    )
    monkeypatch.setattr(migrate, "MIGRATIONS", shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))

    written = migrate.revise(fresh_engine, "add nothing")

    assert [line for line in written.read_text().splitlines() if "op." in line] == []


@pytest.mark.parametrize("kind", ["mysql", "mysql+pymysql", "sqlite", "mariadb", "mongodb"])
def test_another_kind_of_database_is_refused(kind: str) -> None:
    result = db(f"{kind}://desk:secret@db.example/desk", "upgrade")

    assert result.exit_code == 2
    assert result.stderr == f"The database's URL begins with {kind}://, and the desk needs PostgreSQL.\n"


@pytest.mark.parametrize("kind", ["postgres", "postgresql"])
def test_both_forms_of_postgresqls_url_are_taken(empty_database: str, kind: str) -> None:
    result = db(empty_database.replace("postgresql+psycopg", kind), "upgrade")

    assert result.exit_code == 0
