"""Prisma's own program on a desk's database: push, diff, deploy, both resets, and the repair after them."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.schema.catalogue import catalogue, guards
from models.schema.repair import damage, repair
from tests.prisma.conftest import INSTALLED, Prisma
from worker.admin import migrate

LINES = tuple((Path(__file__).parents[1] / "db/schema/public_catalogue.txt").read_text(encoding="utf-8").splitlines())
SCHEMA = INSTALLED / "schema.prisma"
IN_SYNC = "already in sync"
FIRST = "0001_first"
RESETS = {
    "push": ("db", "push", "--force-reset", "--skip-generate"),
    "migrate": ("migrate", "reset", "--force", "--skip-generate", "--skip-seed"),
}
NOTE = "INSERT INTO mail.note (ticket_number, text, reason) VALUES (1001, 'kept', 'test')"
ROWS = """
INSERT INTO "User" (id, email, "updatedAt") VALUES ('u-1', 'ann@customer.example', now());
INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
VALUES ('t-1', 'a', 'a', 'billing', 'u-1', now());
"""


def difference(prisma: Prisma, folder: Path) -> tuple[int, str]:
    """Compare the database, as Prisma reads it, with the schema: 0 where they are alike, 2 where not, and the words."""
    pulled = folder / "pulled.prisma"
    pulled.write_text(SCHEMA.read_text(encoding="utf-8").partition("enum ")[0], encoding="utf-8")
    status, said = prisma("db", "pull", "--force", schema=pulled)
    assert status == 0, said
    files = ("--from-schema-datamodel", pulled, "--to-schema-datamodel", SCHEMA)
    return prisma("migrate", "diff", *files, "--exit-code")


def ours(engine: Engine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is ours: the triggers and indexes in `public`, and the schema `mail`."""
    with engine.begin() as connection:
        return guards(connection, "public"), catalogue(connection, "mail")


def execute(engine: Engine, statements: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statements))


def changed_schema(folder: Path, old: str, new: str) -> Path:
    """The schema with one line changed, as a file of its own."""
    whole = SCHEMA.read_text(encoding="utf-8")
    assert whole.count(old) == 1
    path = folder / "changed.prisma"
    path.write_text(whole.replace(old, new), encoding="utf-8")
    return path


def test_what_prisma_makes_is_what_the_desk_expects(prisma: Prisma, engine: Engine) -> None:
    prisma.push()

    with engine.begin() as connection:
        assert catalogue(connection, "public") == LINES


def test_the_desk_adopts_what_prisma_made(desk: Engine) -> None:
    with desk.begin() as connection:
        assert damage(connection) == ()
    assert migrate.adopted(desk)


def test_prisma_sees_no_difference_on_a_desk(desk: Engine, prisma: Prisma, tmp_path: Path) -> None:
    status, said = difference(prisma, tmp_path)

    assert (status, "No difference detected" in said) == (0, True), said


def test_prisma_sees_a_difference_where_there_is_one(desk: Engine, prisma: Prisma, tmp_path: Path) -> None:
    execute(desk, 'DROP INDEX "Ticket_status_idx"')

    status, said = difference(prisma, tmp_path)

    assert (status, "status" in said) == (2, True), said


def test_a_push_onto_a_desk_changes_nothing_of_ours(desk: Engine, prisma: Prisma) -> None:
    before = ours(desk)

    said = prisma.push()

    assert IN_SYNC in said
    assert ours(desk) == before


def test_prisma_sees_no_difference_on_tables_that_we_made(prisma: Prisma, engine: Engine, tmp_path: Path) -> None:
    migrate.upgrade(engine)
    before = ours(engine)

    status, said = difference(prisma, tmp_path)
    pushed = prisma.push()

    assert (status, IN_SYNC in pushed) == (0, True), said
    assert ours(engine) == before


def test_a_push_of_a_changed_schema_leaves_ours_as_it_was(desk: Engine, prisma: Prisma, tmp_path: Path) -> None:
    before = ours(desk)
    schema = changed_schema(
        tmp_path, "  category     TicketCategory\n", "  category     TicketCategory\n  place String?\n"
    )
    schema.write_text(schema.read_text().replace("  @@index([priority])", "  @@index([status, priority])"))

    prisma.push(schema=schema)

    assert ours(desk) == before
    with desk.begin() as connection:
        assert (
            connection.scalar(text("""SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'Ticket_status_prio%'"""))
            == 1
        )


def test_what_stood_on_a_column_that_came_back_is_put_back(desk: Engine, prisma: Prisma, tmp_path: Path) -> None:
    before = ours(desk)
    schema = changed_schema(tmp_path, "  closedAt     DateTime?\n", "")
    prisma.push("--accept-data-loss", schema=schema)
    prisma.push()
    with desk.begin() as connection:
        found = damage(connection)

        repair(connection)

    assert found == ("the index supportdesk_ticket_finished",)
    assert ours(desk) == before


def test_migrations_go_on_after_the_adoption(
    prisma: Prisma, engine: Engine, first_migration: str, tmp_path: Path
) -> None:
    prisma.migration(FIRST, first_migration)
    first = prisma("migrate", "deploy")
    migrate.upgrade(engine)
    before = ours(engine)

    again = prisma("migrate", "deploy")
    schema = changed_schema(
        tmp_path, "  category     TicketCategory\n", "  category     TicketCategory\n  place String?\n"
    )
    files = ("--from-schema-datamodel", SCHEMA, "--to-schema-datamodel", schema)
    prisma.migration("0002_place", prisma.script(*files))
    second = prisma("migrate", "deploy")

    assert (first[0], again[0], second[0]) == (0, 0, 0), (first, again, second)
    assert "No pending migrations" in again[1]
    assert "0002_place" in second[1]
    assert ours(engine) == before


def test_deploy_stops_on_tables_that_we_made_until_its_migrations_are_resolved(
    prisma: Prisma, engine: Engine, first_migration: str
) -> None:
    migrate.upgrade(engine)
    prisma.migration(FIRST, first_migration)

    stopped = prisma("migrate", "deploy")
    resolved = prisma("migrate", "resolve", "--applied", FIRST)
    deployed = prisma("migrate", "deploy")
    status = prisma("migrate", "status")

    assert (stopped[0], "P3005" in stopped[1]) == (1, True), stopped
    assert (resolved[0], deployed[0], status[0]) == (0, 0, 0), (resolved, deployed, status)
    assert "No pending migrations" in deployed[1]
    assert "up to date" in status[1]


@pytest.mark.parametrize("reset", RESETS)
def test_a_reset_of_prisma_takes_public_alone_and_the_repair_mends_it(
    desk: Engine, prisma: Prisma, first_migration: str, reset: str
) -> None:
    prisma.migration(FIRST, first_migration)
    execute(desk, ROWS)
    execute(desk, NOTE)
    before = ours(desk)
    status, said = prisma(*RESETS[reset])
    with desk.begin() as connection:
        found = damage(connection)
        repair(connection)

    with desk.begin() as connection:
        assert status == 0, said
        assert {"the trigger supportdesk_ticket", "the foreign key ticket_ticket_id_fkey"} <= set(found)
        assert connection.scalar(text("SELECT text FROM mail.note WHERE ticket_number = 1001")) == "kept"
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 0
    assert ours(desk) == before
    assert IN_SYNC in prisma.push()
