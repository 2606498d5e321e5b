"""One database for many tests that commit: their rows are taken away, and a new one is made where more was changed.

To make a database and to drop it costs a fifth of a second of the processor, and to take the rows away a tenth of that.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from tests.support.database.databases import drop_database, new_database, plain_url, rename_database

# What a change of anything but rows leaves a mark in: a row that is new, gone, or of a later transaction.
CATALOGUES: Final = (
    "class", "attribute", "attrdef", "type", "enum", "proc", "trigger", "constraint", "index", "namespace", "sequence",
    "rewrite", "policy", "extension", "event_trigger", "statistic", "statistic_ext", "default_acl", "publication",
    "description",
)  # fmt: skip
OURS: Final = "schemaname NOT IN ('pg_catalog', 'information_schema')"
# Bytes by which a database may have grown; what is deleted stays in its files.
MOST_GROWN: Final = 6_000_000


@dataclass(frozen=True, slots=True)
class New:
    """A database as it was made: its marks, which tables were empty, where its sequences stood, and its size."""

    marks: tuple[Any, ...]
    filled: tuple[str, ...]
    empty: tuple[str, ...]
    sequences: tuple[tuple[str, int, bool], ...]
    size: int


class Databases:
    """Databases of one template, for one test after another."""

    def __init__(self, postgres_url: str, template: str) -> None:
        self._postgres_url, self._template = postgres_url, template
        self._free: str | None = None
        self._new: New | None = None

    def take(self) -> str:
        """The URL of a database that is as the template is."""
        url, self._free = self._free, None
        if url is None:
            url = new_database(self._postgres_url, self._template)
            if self._new is None:
                with psycopg.connect(plain_url(url), autocommit=True) as connection:
                    self._new = _seen_new(connection)
        return url

    def give_back(self, url: str) -> None:
        """Take away what a test has written; where that is more than rows, drop its database."""
        assert self._new
        with psycopg.connect(plain_url(url), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                is_clean = _is_clean(connection, self._new)
            except psycopg.errors.UndefinedTable:
                is_clean = False
        if is_clean and self._free is None:
            # By another name it is met by nobody whom a test has left behind; who is back already keeps it from that.
            with suppress(psycopg.errors.ObjectInUse):
                self._free = rename_database(self._postgres_url, url)
                return
        drop_database(self._postgres_url, url)

    def drop(self) -> None:
        """Drop the database that is left."""
        if self._free is not None:
            drop_database(self._postgres_url, self._free)


def _seen_new(connection: psycopg.Connection) -> New:
    tables = [
        f'"{schema}"."{table}"'
        for schema, table in connection.execute(f"SELECT schemaname, tablename FROM pg_tables WHERE {OURS}".encode())
    ]
    filled = [one for one in tables if connection.execute(f"SELECT FROM {one} LIMIT 1".encode()).fetchone() is not None]
    sequences = connection.execute(
        "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL"
        " FROM pg_sequences"
    ).fetchall()
    return New(
        marks=_marks(connection, filled),
        filled=tuple(filled),
        empty=tuple(one for one in tables if one not in filled),
        sequences=tuple(sequences),
        size=_size(connection),
    )


def _is_clean(connection: psycopg.Connection, new: New) -> bool:
    """Whether only rows were changed in it, which are gone now."""
    if _marks(connection, new.filled) != new.marks or _size(connection) > new.size + MOST_GROWN:
        return False
    deletes = "".join(f"DELETE FROM {table};" for table in new.empty)
    steps = "".join(f"SELECT setval('{name}', {value}, {called});" for name, value, called in new.sequences)
    # As a replica it asks neither triggers nor foreign keys.
    connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} {steps} COMMIT".encode())
    return True


def _marks(connection: psycopg.Connection, tables: tuple[str, ...] | list[str]) -> tuple[Any, ...]:
    """How many rows each catalogue and each of these tables has, and the latest transaction that wrote one."""
    names = (*(f"pg_catalog.pg_{name}" for name in CATALOGUES), *tables)
    counted = ", ".join(f"(SELECT ROW(count(*), max(xmin::text::bigint)) FROM {name})" for name in names)
    settings = "(SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
    row = connection.execute(f"SELECT {counted}, {settings} WHERE d.datname = current_database())".encode()).fetchone()
    assert row
    return tuple(row)


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])
