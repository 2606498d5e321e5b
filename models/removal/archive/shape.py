"""Which rows belong to a ticket, table by table, with every column that a table has today, the web app's too."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from models.db.statement import Statement

# The tickets by number and id, and the blobs that nothing but one of them refers to.
CHOSEN: Final = """
WITH chosen AS (
    SELECT * FROM unnest(CAST(:numbers AS bigint[]), CAST(:ids AS text[])) AS chosen (number, id)
), own AS (
    SELECT * FROM unnest(CAST(:owners AS bigint[]), CAST(:blobs AS bytea[])) AS own (number, sha256)
)
"""
_TICKET, _BY_TICKET, _BY_NUMBER = "t.id = chosen.id", 't."ticketId" = chosen.id', "t.ticket_number = chosen.number"
_OWN: Final = "JOIN own ON own.number = chosen.number AND own.sha256 = t.sha256"
_OUTBOX: Final = "JOIN mail.outbox o ON o.ticket_number = chosen.number JOIN mail.outbox_file t ON t.outbox_id = o.id"
_LEDGER: Final = "JOIN mail.ledger l ON l.ticket_number = chosen.number JOIN mail.raw_chunk t ON t.ledger_id = l.id"


@dataclass(frozen=True, slots=True)
class PackedTable:
    """The rows of one table that belong to a ticket: `found` joins them, as `t`, to the chosen tickets.

    They are moved whole. With `words` only these columns are, and are empty afterwards: the row stays as proof, under
    its `id`. Of `heavy` rows only so many are read at once as fit into memory; `size` is in bytes.
    """

    schema: str
    table: str
    found: str
    words: tuple[str, ...] = ()
    size: str = ""

    @property
    def heavy(self) -> bool:
        """True for rows that may be long."""
        return bool(self.size)

    @property
    def name(self) -> str:
        """The table in SQL."""
        return f'{self.schema}."{self.table}"'


# What `ticket show` reads comes first, so that it need not unpack the mails.
PARTS: Final = (
    PackedTable("public", "Ticket", f'JOIN public."Ticket" t ON {_TICKET}'),
    PackedTable("public", "Comment", f'JOIN public."Comment" t ON {_BY_TICKET}'),
    PackedTable("public", "TicketActivity", f'JOIN public."TicketActivity" t ON {_BY_TICKET}'),
    PackedTable(
        "mail", "note", f"JOIN mail.note t ON {_BY_NUMBER} AND (t.text <> '' OR t.reason <> '')", ("text", "reason")
    ),
    PackedTable("mail", "reading", f"JOIN mail.reading t ON {_BY_NUMBER}"),
    PackedTable("mail", "attachment", f"JOIN mail.attachment t ON {_BY_NUMBER} {_OWN}"),
    PackedTable("mail", "outbox_file", f"{_OUTBOX} {_OWN}"),
    PackedTable(
        "mail", "outbox", f"JOIN mail.outbox t ON {_BY_NUMBER} AND (t.text <> '' OR t.html <> '')", ("text", "html"),
        "octet_length(t.text) + octet_length(t.html)",
    ),
    PackedTable("mail", "raw_chunk", _LEDGER, size="octet_length(t.content)"),
    PackedTable(
        "mail", "blob", "JOIN own ON own.number = chosen.number JOIN mail.blob t ON t.sha256 = own.sha256",
        size="octet_length(t.content)",
    ),
)  # fmt: skip
BY_NAME: Final = {part.table: part for part in PARTS}

# A column that the database computes is in no INSERT.
_COLUMNS = Statement("""
SELECT c.relname AS table, quote_ident(a.attname) AS column, a.attname AS key,
    format_type(a.atttypid, a.atttypmod) AS type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN unnest(CAST(:tables AS text[])) AS wanted (name) ON c.oid = to_regclass(wanted.name)
WHERE a.attgenerated = ''
ORDER BY c.relname, a.attnum
""")
# Tables that would lose rows with a ticket, or keep it from going, besides those that are known.
_UNKNOWN = Statement("""
SELECT DISTINCT k.conrelid::regclass::text AS name FROM pg_constraint k
WHERE k.contype = 'f' AND k.confrelid = ANY (ARRAY[
    to_regclass('public."Ticket"'), to_regclass('public."Comment"'), to_regclass('public."TicketActivity"')
]::oid[]) AND k.conrelid <> ALL (ARRAY[
    to_regclass('public."Comment"'), to_regclass('public."TicketActivity"'), to_regclass('mail.ticket')
]::oid[])
ORDER BY 1
""")
# Texts of values are the same whatever the database was told of their form.
_FORMS = Statement("""
SELECT set_config('DateStyle', 'ISO, YMD', true), set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true), set_config('IntervalStyle', 'postgres', true)
""")


def quoted(key: str) -> str:
    """A text in SQL."""
    return "'" + key.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its name, as SQL and as the key in a packed row, and its type in SQL."""

    column: str
    key: str
    type: str


@dataclass(frozen=True)
class Shape:
    """The columns of each table whose rows are packed, as the database has them now."""

    columns: dict[str, tuple[TableColumn, ...]]

    def packed(self, part: PackedTable) -> str:
        """SQL for a row `t` as a JSON object: each value as text, by the name of its column."""
        columns = [one for one in self.columns[part.table] if not part.words or one.key in {"id", *part.words}]
        keys = ", ".join(quoted(one.key) for one in columns)
        values = ", ".join(f"CAST(t.{one.column} AS text)" for one in columns)
        return f"CAST(json_object(ARRAY[{keys}], ARRAY[{values}]) AS text)"

    @cached_property
    def small(self) -> Statement:
        """The rows of all small tables: table, number of the ticket, the row as JSON, and where it lies."""
        return Statement(CHOSEN + " UNION ALL ".join(
            f"(SELECT {place} AS place, chosen.number, {self.packed(part)} AS packed, CAST(t.ctid AS text) AS row "
            f"FROM chosen {part.found})"
            for place, part in enumerate(PARTS) if not part.heavy
        ) + " ORDER BY number, place")  # fmt: skip

    @cached_property
    def large(self) -> Statement:
        """The long rows: table, number of the ticket, size in bytes, and where each lies."""
        return Statement(CHOSEN + " UNION ALL ".join(
            f"(SELECT {place} AS place, chosen.number, {part.size} AS size, CAST(t.ctid AS text) AS row "
            f"FROM chosen {part.found})"
            for place, part in enumerate(PARTS) if part.heavy
        ) + " ORDER BY number, place")  # fmt: skip

    @cached_property
    def of_rows(self) -> dict[str, Statement]:
        """For each table of long rows, the statement that reads some of them by where they lie."""
        return {
            part.table: Statement(
                f"SELECT CAST(t.ctid AS text) AS row, {self.packed(part)} AS packed FROM {part.name} t "
                "WHERE t.ctid = ANY(CAST(:rows AS tid[]))"
            )
            for part in PARTS if part.heavy
        }  # fmt: skip


def read_shape(session: Session) -> Shape:
    """The columns of the tables as they are now; from here on values are written as texts in one form."""
    _FORMS.rows(session)
    columns: dict[str, list[TableColumn]] = {part.table: [] for part in PARTS}
    for row in _COLUMNS.rows(session, {"tables": [part.name for part in PARTS]}):
        columns[row.table].append(TableColumn(row.column, row.key, row.type))
    return Shape({table: tuple(found) for table, found in columns.items()})


def unknown_tables(session: Session) -> tuple[str, ...]:
    """The tables, in SQL, that refer to tickets and that we know nothing of."""
    return tuple(row.name for row in _UNKNOWN.rows(session))
