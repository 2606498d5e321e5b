"""The migrations: up, down, twice at once, and no drift between them and the models."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.schema import CreateSchema

from models.events.triggers import install
from models.schema.catalogue import catalogue, guards
from models.schema.metadata import metadata
from worker.admin import migrate

HAS_LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
PACKED_OTHERWISE = """
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE (a.attcompression = 'l' OR a.attstorage = 'e') AND c.relkind = 'r' AND c.relnamespace = 'mail'::regnamespace
    AND a.attcompression = :compression
ORDER BY 1
"""
UPGRADE = """
import sys
import time
from models.db.engine import make_engine
from worker.admin.migrate import upgrade
engine = make_engine(sys.argv[1], application_name="tests")
upgrade(engine)
engine.dispose()
"""
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"


def became_true(connection: Connection, question: str) -> bool:
    """Ask until the answer is yes, for at most 20 s."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if connection.scalar(text(question)):
            return True
        time.sleep(0.05)
    return False


def lines(connection: Connection) -> list[str]:
    found = [
        line for schema in ("public", "mail") for line in catalogue(connection, schema) + guards(connection, schema)
    ]
    return [line for line in found if "alembic_version" not in line]


def test_the_files_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (migrate.MIGRATIONS / "versions").glob("*.py"))

    numbers = [int(found[1]) for name in names if (found := re.fullmatch(r"(\d{4})(_[a-z]+){2,}\.py", name))]

    assert numbers == list(range(1, len(names) + 1))


def test_no_migration_imports_what_may_change_later() -> None:
    sources = {path.name: path.read_text() for path in (migrate.MIGRATIONS / "versions").glob("*.py")}

    importing = [
        name
        for name, source in sources.items()
        if re.search(r"^(from|import) (models|desk|mail|worker)\b", source, re.MULTILINE)
    ]

    assert importing == []


def test_the_newest_migration_is_what_a_new_database_gets(engine: Engine) -> None:
    revision = migrate.current(engine)

    assert revision == migrate.newest()


def test_alembic_finds_no_difference_between_models_and_database(connection: Connection) -> None:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name in {None, "mail"},
        "version_table_schema": "mail",
    }
    context = MigrationContext.configure(connection, opts=options)

    difference = compare_metadata(context, metadata)

    assert difference == []


def test_the_migrated_catalogue_is_that_of_the_models(connection: Connection, empty_engine: Engine) -> None:
    with empty_engine.begin() as other:
        other.execute(CreateSchema("mail"))
        metadata.create_all(other)
        install(other)

        from_models = lines(other)

    assert lines(connection) == from_models


def test_downgrade_leaves_nothing_behind_and_upgrade_makes_it_anew(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        before = lines(connection)

    migrate.downgrade(fresh_engine, "base")
    with fresh_engine.begin() as connection:
        between = lines(connection)
    migrate.upgrade(fresh_engine)

    with fresh_engine.begin() as connection:
        assert (between, lines(connection)) == ([], before)


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_each_step_can_be_taken_back_and_forth(fresh_engine: Engine, revision: str) -> None:
    migrate.downgrade(fresh_engine, revision)

    migrate.upgrade(fresh_engine)

    assert migrate.current(fresh_engine) == migrate.newest()


def test_a_second_upgrade_changes_nothing(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        before = lines(connection)

    migrate.upgrade(fresh_engine)

    with fresh_engine.begin() as connection:
        assert lines(connection) == before


def test_two_upgrades_at_once_do_not_collide(empty_database: str) -> None:
    command = [sys.executable, "-W", "error", "-c", UPGRADE, empty_database]

    # Alembic keeps its context in the module, so two upgrades at once are two processes.
    processes = [subprocess.Popen(command, cwd=migrate.MIGRATIONS.parent) for _ in range(2)]

    assert [process.wait(timeout=60) for process in processes] == [0, 0]


def test_an_upgrade_waits_for_one_that_runs(empty_engine: Engine, empty_database: str) -> None:
    command = [sys.executable, "-W", "error", "-c", UPGRADE, empty_database]

    with empty_engine.begin() as running:
        running.execute(text("SELECT pg_advisory_xact_lock(7364230115)"))
        process = subprocess.Popen(command, cwd=migrate.MIGRATIONS.parent)
        waiting = became_true(running, WAITS)

    assert (waiting, process.wait(timeout=60)) == (True, 0)


def test_an_upgrade_waits_for_others_locks_a_moment_only(fresh_engine: Engine) -> None:
    seen: list[str] = []

    with fresh_engine.connect() as connection:
        with connection.begin():
            connection.execute(
                text(
                    "CREATE FUNCTION mail.tell() RETURNS event_trigger LANGUAGE plpgsql AS $$ "
                    "BEGIN RAISE EXCEPTION 'lock_timeout is %', current_setting('lock_timeout'); END $$"
                )
            )
            connection.execute(text("CREATE EVENT TRIGGER tell ON ddl_command_start EXECUTE FUNCTION mail.tell()"))
        try:
            migrate.downgrade(fresh_engine, "0003")
        except Exception as failure:  # noqa: BLE001  its words are the result
            seen.append(str(failure))

    assert "lock_timeout is 5s" in seen[0]


def test_the_lock_and_the_timeouts_are_gone_afterwards(fresh_engine: Engine) -> None:
    migrate.upgrade(fresh_engine)

    with fresh_engine.begin() as connection:
        left = connection.execute(
            text("SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), current_setting('lock_timeout')")
        ).one()

    # What every session of ours has; the migration waits less.
    assert tuple(left) == (0, "30s")


def test_long_texts_are_compressed_with_lz4_or_not_at_all(connection: Connection) -> None:
    compression = "l" if connection.scalar(text(HAS_LZ4)) else ""

    found = list(connection.scalars(text(PACKED_OTHERWISE), {"compression": compression}))

    assert found == ["archive_part.content", "blob.content", "outbox.html", "outbox.text", "raw_chunk.content"]


def test_the_next_revision_has_the_next_number() -> None:
    number = migrate.next_revision()

    assert int(number) == int(migrate.newest()) + 1


def test_the_migrations_lie_beside_the_packages() -> None:
    folder = migrate.MIGRATIONS

    assert (folder / "env.py").is_file()
    assert folder.parent == Path(migrate.__file__).parents[2]
