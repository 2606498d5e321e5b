"""SupportDesk's own schema: what we make is what its Prisma makes, line by line."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, make_url, text

from models.schema.adoption import NAMES, check_adoptable
from models.schema.catalogue import catalogue
from models.schema.metadata import SUPPORTDESK, metadata

LINES = tuple((Path(__file__).parent / "public_catalogue.txt").read_text(encoding="utf-8").splitlines())
PRISMAS_OWN = Path(__file__).parents[4] / "shared" / "supportdesk.sql"

# What Prisma leaves alone, so that a desk may have it and the check must not mind.
HARMLESS = (
    'CREATE INDEX late ON "Ticket" ("createdAt") WHERE status = \'open\'',
    'CREATE INDEX folded ON "User" (lower(email))',
    "ALTER TABLE \"Ticket\" ADD CONSTRAINT titled CHECK (title <> '')",
    'CREATE VIEW waiting AS SELECT id FROM "Ticket"',
    "CREATE TABLE other (id int)",
)


@pytest.fixture
def prisma_made(empty_engine: Engine, empty_database: str) -> Engine:
    """A database from Prisma's own DDL, where that lies beside the checkout."""
    if not PRISMAS_OWN.exists():
        pytest.skip("Prisma's own DDL (../shared/supportdesk.sql) is not beside this checkout")
    plain = make_url(empty_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute(PRISMAS_OWN.read_bytes())
    return empty_engine


def test_the_migrated_database_is_what_prisma_makes(connection: Connection) -> None:
    lines = catalogue(connection, "public")

    assert lines == LINES


def test_the_models_are_what_prisma_makes(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        metadata.create_all(connection, tables=SUPPORTDESK)

        lines = catalogue(connection, "public")

    assert lines == LINES


def test_the_recorded_lines_are_those_of_prismas_own_ddl(prisma_made: Engine) -> None:
    with prisma_made.begin() as connection:
        lines = catalogue(connection, "public")

    assert lines == LINES


def test_prismas_own_database_can_be_adopted(prisma_made: Engine) -> None:
    with prisma_made.begin() as connection:
        adoptable = check_adoptable(connection)

    assert adoptable


def test_an_empty_database_has_nothing_to_adopt(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        adoptable = check_adoptable(connection)

    assert not adoptable


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_prisma_leaves_alone_is_no_difference(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))

    lines = catalogue(connection, "public", NAMES)

    assert lines == LINES


def test_reading_the_catalogue_leaves_the_search_path_alone(connection: Connection) -> None:
    before = connection.scalar(text("SHOW search_path"))

    catalogue(connection, "mail")

    assert connection.scalar(text("SHOW search_path")) == before
