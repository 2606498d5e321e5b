"""Tickets come back from the archive: the same rows, under the same numbers, and nobody is told of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.packed import Damaged, check, unpack
from models.db.statement import Statement, any_of
from models.people.rows import ensure_nobody
from models.removal.archive.shape import BY_NAME, Shape, TableColumn, quoted, read_shape
from models.supportdesk.archived import parts_of
from models.tickets.merging import read_ends

# So many characters of rows are given to the database at once.
AT_ONCE: Final = 4 * 1024 * 1024
# They refer to files, which come after them in the archive.
_LAST: Final = ("attachment", "outbox_file")

# With a ticket come back those that were merged into the same one.
_FAMILY = Statement("""
WITH RECURSIVE family (number) AS (
    SELECT CAST(:end AS bigint)
    UNION
    SELECT m.number FROM family JOIN mail.ticket m ON m.merged_into = family.number
)
SELECT number FROM family
""")
_LOCK = Statement(f"""
SELECT a.number, a.ticket_id, a.sha256, a.rows, a.parts FROM mail.archive a
WHERE a.number = {any_of("numbers")} ORDER BY a.number FOR UPDATE
""")
_IS_HERE = Statement("SELECT ticket_id IS NOT NULL AS here FROM mail.ticket WHERE number = :number")
# The trigger on tickets gives the number back instead of a new one, and records nothing.
_QUIETLY = Statement("""
SELECT coalesce(current_setting('supportdesk.quiet', true), '') AS before,
    set_config('supportdesk.quiet', 'on', true), set_config('supportdesk.restores', 'on', true)
""")
_LOUDLY = Statement("""
SELECT set_config('supportdesk.quiet', :before, true), set_config('supportdesk.restores', '', true)
""")
_REMOVE = (
    Statement(f"DELETE FROM mail.archive_part WHERE number = {any_of('numbers')}"),
    Statement(f"DELETE FROM mail.archive WHERE number = {any_of('numbers')}"),
    Statement(f"UPDATE mail.ticket SET restored_at = now() WHERE number = {any_of('numbers')}"),
)
_HAVE_NUMBERS = Statement(f"""
SELECT count(*) FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number = {any_of("numbers")}
""")
# What a row in `public` refers to besides its ticket: it may be gone by now.
_REFERENCES = Statement("""
SELECT c.relname AS table, a.attname AS key, a.attnotnull AS needed, r.relname AS other,
    CAST(k.confrelid::regclass AS text) AS name, quote_ident(b.attname) AS column,
    format_type(b.atttypid, NULL) AS type
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.confrelid <> to_regclass('public."Ticket"')
    AND k.conrelid = ANY (ARRAY[
        to_regclass('public."Ticket"'), to_regclass('public."Comment"'), to_regclass('public."TicketActivity"')
    ]::oid[])
ORDER BY 1, 2
""")


class CannotRestore(Exception):
    """Nothing was restored; the message says why."""


class NotArchived(CannotRestore):
    """The ticket is not in the archive."""


@dataclass(frozen=True, slots=True)
class RestoredTickets:
    """The numbers of the tickets that are back, in rising order, and what is otherwise than before, in sentences."""

    numbers: tuple[int, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reference:
    """A column that refers to another table; `missing` finds which of given values are not there."""

    key: str
    needed: bool
    other: str
    missing: Statement


@dataclass(slots=True)
class _Restoring:
    """What the rows need that come back: columns, references, the row of nobody, and what had to be changed."""

    shape: Shape
    references: dict[str, list[_Reference]]
    now: datetime
    changes: dict[str, None] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)


def restore(session: Session, number: int, now: datetime) -> RestoredTickets:
    """Bring a ticket back with all that were merged with it; raises CannotRestore, before anything is changed.

    What the database refuses is said as well, and then the transaction must be rolled back.
    """
    found = _lock(session, number)
    for row in found:
        _check(session, row)
    before = _QUIETLY.one(session).before
    job = _Restoring(read_shape(session), _references(session), now)
    try:
        for row in found:
            job.written.clear()
            _write(session, job, unpack(parts_of(session, row.number, row.parts)))
            _compare(row, job.written)
    except DBAPIError as error:
        if (getattr(error.orig, "sqlstate", None) or "")[:2] not in {"22", "23", "42"}:
            raise
        first = str(error.orig).strip().splitlines()[0].rstrip(".")
        message = f"The rows of SD-{number} do not fit into the tables as they are now: {first}. Nothing was changed."
        raise CannotRestore(message) from error
    numbers = [row.number for row in found]
    for removal in _REMOVE:
        removal.rows(session, {"numbers": numbers})
    if _HAVE_NUMBERS.one(session, {"numbers": numbers}).count != len(numbers):
        raise CannotRestore(f"SD-{number} did not get its number back. Run `supportdesk db repair`, then try again.")
    _LOUDLY.rows(session, {"before": before})
    return RestoredTickets(tuple(numbers), tuple(job.changes))


def _lock(session: Session, number: int) -> Sequence[Any]:
    """The archived tickets that come back with this one, locked; whoever restores one of them comes after us."""
    end = read_ends(session, [number]).get(number) or number
    numbers = {number, *(row.number for row in _FAMILY.rows(session, {"end": end}))}
    found = _LOCK.rows(session, {"numbers": sorted(numbers)})
    if number in {row.number for row in found}:
        return found
    anchor = _IS_HERE.one(session, {"number": number})
    if anchor and anchor.here:
        raise NotArchived(f"SD-{number} is not in the archive: it is here. `supportdesk ticket show SD-{number}`.")
    raise NotArchived(f"SD-{number} is not in the archive. `supportdesk archive list` shows which are.")


def _check(session: Session, row: Any) -> None:
    try:
        whole = check(parts_of(session, row.number, row.parts), bytes(row.sha256)) == Counter(row.rows)
    except Damaged:
        whole = False
    if not whole:
        raise CannotRestore(
            f"The archive of SD-{row.number} is damaged: what is stored is not what was packed. Nothing was changed. "
            "Take its rows of mail.archive and mail.archive_part from a backup."
        )


def _references(session: Session) -> dict[str, list[_Reference]]:
    found: dict[str, list[_Reference]] = {}
    for row in _REFERENCES.rows(session):
        missing = (
            "SELECT v FROM unnest(CAST(:values AS text[])) AS v "
            f"WHERE NOT EXISTS (SELECT FROM {row.name} o WHERE o.{row.column} = CAST(v AS {row.type}))"
        )
        reference = _Reference(row.key, row.needed, row.other, Statement(missing))
        found.setdefault(row.table, []).append(reference)
    return found


def _write(session: Session, job: _Restoring, lines: Iterable[tuple[str, dict[str, Any]]]) -> None:
    last: dict[str, list[dict[str, Any]]] = {table: [] for table in _LAST}
    for table, rows in _together(lines):
        if table in last:
            last[table] += rows
        else:
            _insert(session, job, table, rows)
    for table, rows in last.items():
        if rows:
            _insert(session, job, table, rows)


def _together(lines: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table that follow one another, as many as fit into memory."""
    table, rows, size = "", list[dict[str, Any]](), 0
    for name, row in lines:
        long = sum(len(value) for value in row.values() if value)
        if rows and (name != table or size + long > AT_ONCE):
            yield table, rows
            rows, size = [], 0
        table, size = name, size + long
        rows.append(row)
    if rows:
        yield table, rows


def _insert(session: Session, job: _Restoring, table: str, rows: list[dict[str, Any]]) -> None:
    part, columns = BY_NAME[table], job.shape.columns[table]
    for reference in job.references.get(table, ()):
        _mend(session, job, rows, reference)
    lost = sorted({key for row in rows for key in row} - {one.key for one in columns})
    for key in lost:
        job.changes[f"The table {table} has no column {key} any longer: what stood there is gone."] = None
    if part.words:
        statement = _words_back(part.name, part.words, columns)
    else:
        # A column that came since keeps what it has by default.
        there = [one for one in columns if any(one.key in row for row in rows)]
        statement = _rows_back(part.name, there, is_blob=table == "blob")
    job.written[table] += len(rows)
    statement.rows(session, {"rows": Jsonb(rows)})


def _rows_back(name: str, columns: Sequence[TableColumn], *, is_blob: bool) -> Statement:
    given = ", ".join(f"CAST(row ->> {quoted(one.key)} AS {one.type})" for one in columns)
    # Somebody may have sent the same file since.
    there = " ON CONFLICT DO NOTHING" if is_blob else ""
    return Statement(
        f"INSERT INTO {name} ({', '.join(one.column for one in columns)}) OVERRIDING SYSTEM VALUE "
        f"SELECT {given} FROM jsonb_array_elements(:rows) AS row{there}"
    )


def _words_back(name: str, words: Sequence[str], columns: Sequence[TableColumn]) -> Statement:
    types = {one.key: one.type for one in columns}
    back = ", ".join(f"{word} = CAST(row ->> {quoted(word)} AS {types[word]})" for word in words if word in types)
    return Statement(
        f"UPDATE {name} t SET {back} FROM jsonb_array_elements(:rows) AS row "
        f"WHERE t.id = CAST(row ->> 'id' AS {types['id']})"
    )


def _mend(session: Session, job: _Restoring, rows: list[dict[str, Any]], reference: _Reference) -> None:
    """Let rows refer to nobody, or to nothing, where what they refer to is gone."""
    values = sorted({row[reference.key] for row in rows if row.get(reference.key) is not None})
    missing = {row.v for row in reference.missing.rows(session, {"values": values})} if values else set[str]()
    if not missing:
        return
    instead = None
    if reference.needed:
        if reference.other != "User":
            raise CannotRestore(
                f"Rows need one of {reference.other} in {reference.key} that is gone. Nothing was changed."
            )
        instead = ensure_nobody(session, job.now).user_id
    for row in rows:
        if row.get(reference.key) in missing:
            row[reference.key] = instead
    job.changes[_change(reference, instead)] = None


def _change(reference: _Reference, instead: str | None) -> str:
    if reference.key == "createdById":
        return "Its customer's account is gone: it stands in nobody's name now."
    if reference.key == "assignedToId":
        return "The account of who it was assigned to is gone: it is nobody's now."
    if instead is not None:
        return "The account of somebody who wrote there is gone: their words stand in nobody's name now."
    return f"What {reference.key} referred to in {reference.other} is gone: it refers to nothing now."


def _compare(row: Any, written: Counter[str]) -> None:
    if written != Counter(row.rows):
        raise CannotRestore(f"The archive of SD-{row.number} is not whole. Nothing was changed.")
