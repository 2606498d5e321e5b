"""What is let go after its time: the bytes of old mails, the texts of old mails of ours, and old events.

Each table is walked by its own key, a batch at a time, so no batch costs more than the first, and none is in memory.
Rows stay as proof of what came and went; docs/decisions/0038 says who reads what, and for how long.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from desk.ticket import Role, Status
from models.db.statement import Statement
from models.supportdesk.tables import STATUS

# So many rows are looked at in one batch.
MOST: Final = 500


class Kept(StrEnum):
    """What is kept for so many days."""

    RAW = "raw"
    TEXTS = "texts"
    EVENTS = "events"
    COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: up to which key it `reached`, how many rows it `looked_at`, and what it let go.

    `reached` is None where the table ends. `old` of the rows were old enough, `held` of these had something to let go,
    and `gone` lost it, `size` bytes in all; what the others hold is needed still.
    """

    reached: int | None
    looked_at: int
    old: int
    held: int
    gone: int
    size: int

    @property
    def is_last(self) -> bool:
        """Whether what comes after it is too young: ids follow the time."""
        return self.reached is None or self.old == 0


# What is about ticket `{0}` is needed while that ticket, or one that it was merged into, in whatever many steps, may
# still get words: until it has been finished, and as it is, for as long.
_IS_OVER: Final = f"""
NOT EXISTS (
    WITH RECURSIVE chain (number, next) AS (
        SELECT m.number, m.merged_into FROM mail.ticket m WHERE m.number = {{0}}
        UNION SELECT m.number, m.merged_into FROM chain JOIN mail.ticket m ON m.number = chain.next
    )
    SELECT FROM chain JOIN mail.ticket a ON a.number = chain.number JOIN public."Ticket" t ON t.id = a.ticket_id
    WHERE {STATUS.format("t")} NOT IN ('{Status.RESOLVED}', '{Status.CLOSED}')
        OR t."updatedAt" > (now() - CAST(:age AS interval)) AT TIME ZONE 'UTC'
)
"""
# Mails `q` that are decided and about which nobody has a word left to say: what is in quarantine stays, and what was
# dropped stays until so long after the admins were told of it.
_RAW_DUE: Final = f"""
q.fate IN ('applied', 'not_applied', 'dropped') AND q.decided_at IS NOT NULL
AND greatest(q.stored_at, q.decided_at, q.reported_at, q.confirmed_at, q.restored_at)
    < now() - CAST(:age AS interval)
AND NOT (q.fate = 'not_applied' AND (q.evidence -> 'drop') IS NOT NULL AND q.reported_at IS NULL)
AND {_IS_OVER.format("q.ticket_number")}
"""
# The leak check reads the notes of all tickets that were merged into one, in whatever many steps.
_FAMILY_HAS_NOTES: Final = """
EXISTS (
    WITH RECURSIVE family (number, next) AS (
        SELECT m.number, m.merged_into FROM mail.ticket m WHERE m.number = {0} AND m.ticket_id IS NOT NULL
        UNION SELECT m.number, m.merged_into FROM family JOIN mail.ticket m
            ON m.number = family.next OR m.merged_into = family.number
    )
    SELECT FROM family JOIN mail.note n ON n.ticket_number = family.number WHERE n.accepted_at IS NULL
)
"""
# Mails `q` of ours whose answers no longer prove anything. What customers were told stays on tickets with notes: by it
# the leak check knows that a line of a note is no secret.
_TEXTS_DUE: Final = f"""
q.fate IS NOT NULL AND q.token_expires_at < now()
AND greatest(q.written_at, q.decided_at, q.sent_at, q.retried_at) < now() - CAST(:age AS interval)
AND {_IS_OVER.format("q.ticket_number")}
AND NOT (q.role = '{Role.CUSTOMER}' AND {_FAMILY_HAS_NOTES.format("q.ticket_number")})
"""
_IS_NAMED: Final = "EXISTS (SELECT FROM mail.outbox o WHERE o.event_id = {0}.id)"
# Events `q` that were told. Of which accounts the admins were told is remembered for good, and so is that somebody took
# an owner away while the ticket has none: else routing would give it to one.
_EVENTS_DUE: Final = f"""
q.fate IN ('announced', 'parked', 'dropped')
AND greatest(q.happened_at, q.decided_at, q.announced_at) < now() - CAST(:age AS interval)
AND NOT (q.kind = 'alert' AND jsonb_path_exists(q.details, '$.alert.about[*]'))
AND {_IS_OVER.format("q.ticket_number")}
AND NOT (q.field IS NOT DISTINCT FROM 'assignee' AND EXISTS (
    SELECT FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id
    WHERE a.number = q.ticket_number AND t."assignedToId" IS NULL
))
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table: the statement that walks its keys, its rows with the time that says their age, and which are due.

    `holds` says whether a row has something to let go. `goes` lets go what is due, and gives its `size` in bytes;
    `measured` gives the same and changes nothing.
    """

    name: str
    span: str
    came: str
    holds: str
    due: str
    goes: str
    measured: str


# The ids of what is due: the planner takes them for ten, and finds each by the table's key.
_DUE: Final = "ANY(ARRAY(SELECT id FROM due))"
_TABLES: Final = {
    Kept.RAW: _Table(
        "mail.ledger",
        "SELECT c.ledger_id AS id FROM mail.raw_chunk c WHERE c.position = 0 AND c.ledger_id > :after"
        " ORDER BY c.ledger_id LIMIT :most",
        "stored_at",
        "true",
        _RAW_DUE,
        f"gone AS (DELETE FROM mail.raw_chunk c WHERE c.ledger_id = {_DUE}"
        " RETURNING c.ledger_id AS id, octet_length(c.content) AS size)",
        "gone AS (SELECT c.ledger_id AS id, octet_length(c.content) AS size"
        f" FROM mail.raw_chunk c WHERE c.ledger_id = {_DUE})",
    ),
    Kept.TEXTS: _Table(
        "mail.outbox",
        "SELECT id FROM mail.outbox WHERE id > :after ORDER BY id LIMIT :most",
        "written_at",
        "(q.text <> '' OR q.html <> '')",
        _TEXTS_DUE,
        "gone AS (UPDATE mail.outbox o SET text = '', html = '' FROM due WHERE o.id = due.id"
        " RETURNING due.id, due.size)",
        "gone AS (SELECT id, size FROM due)",
    ),
    Kept.EVENTS: _Table(
        "mail.event",
        "SELECT id FROM mail.event WHERE id > :after ORDER BY id LIMIT :most",
        "happened_at",
        "(q.details <> '{}' OR coalesce(q.old, q.new) IS NOT NULL AND q.field IN ('title', 'description')"
        f" OR NOT {_IS_NAMED.format('q')})",
        _EVENTS_DUE,
        # A mail of ours that came of an event names it, as proof of why it was written: only its words go.
        f"emptied AS (UPDATE mail.event e SET details = '{{}}',"
        " old = CASE WHEN e.field IN ('title', 'description') THEN NULL ELSE e.old END,"
        " new = CASE WHEN e.field IN ('title', 'description') THEN NULL ELSE e.new END"
        f" WHERE e.id = {_DUE} AND {_IS_NAMED.format('e')} RETURNING e.id),"
        f" deleted AS (DELETE FROM mail.event e WHERE e.id = {_DUE} AND NOT {_IS_NAMED.format('e')} RETURNING e.id),"
        " gone AS (SELECT id, size FROM due)",
        "gone AS (SELECT id, size FROM due)",
    ),
    # They hold no words, and nobody asks for one after half an hour.
    Kept.COMMANDS: _Table(
        "mail.command",
        "SELECT id FROM mail.command WHERE id > :after ORDER BY id LIMIT :most",
        "changed_at",
        "true",
        "q.changed_at < now() - CAST(:age AS interval)",
        f"emptied AS (DELETE FROM mail.command c WHERE c.id = {_DUE} RETURNING c.id),"
        " gone AS (SELECT id, size FROM due)",
        "gone AS (SELECT id, size FROM due)",
    ),
}
_SIZE: Final = {
    Kept.RAW: "0",
    Kept.TEXTS: "octet_length(q.text) + octet_length(q.html)",
    Kept.EVENTS: "pg_column_size(q.details)",
    Kept.COMMANDS: "pg_column_size(q.before)",
}


def _statement(kept: Kept, *, dry: bool) -> Statement:
    table = _TABLES[kept]
    # Who works on a row at this moment has it locked: it is left to the next run.
    lock = "" if dry else "FOR NO KEY UPDATE OF q SKIP LOCKED"
    return Statement(f"""
WITH span AS MATERIALIZED ({table.span}),
due AS MATERIALIZED (
    SELECT q.id, {_SIZE[kept]} AS size FROM {table.name} q WHERE q.id = ANY(ARRAY(SELECT id FROM span))
        AND {table.holds} AND {table.due}
    {lock}
),
{table.measured if dry else table.goes}
SELECT (SELECT max(id) FROM span) AS reached, (SELECT count(*) FROM span) AS looked_at, seen.old, seen.held,
    (SELECT count(DISTINCT id) FROM gone) AS gone, (SELECT coalesce(sum(size), 0) FROM gone) AS size
FROM (
    SELECT count(*) AS old, count(*) FILTER (WHERE {table.holds}) AS held FROM {table.name} q
    WHERE q.id = ANY(ARRAY(SELECT id FROM span)) AND q.{table.came} < now() - CAST(:age AS interval)
) AS seen
""")


_LET_GO: Final = {kept: _statement(kept, dry=False) for kept in Kept}
_MEASURE: Final = {kept: _statement(kept, dry=True) for kept in Kept}
_NEWEST: Final = {
    Kept.RAW: Statement("SELECT coalesce(max(ledger_id), 0) AS id FROM mail.raw_chunk"),
    Kept.TEXTS: Statement("SELECT coalesce(max(id), 0) AS id FROM mail.outbox"),
    Kept.EVENTS: Statement("SELECT coalesce(max(id), 0) AS id FROM mail.event"),
    Kept.COMMANDS: Statement("SELECT coalesce(max(id), 0) AS id FROM mail.command"),
}


def let_go(session: Session, kept: Kept, age: timedelta, after: int, *, dry: bool = False, most: int = MOST) -> Batch:
    """Look at so many rows with keys above `after`, and let go what is older than `age` and no longer needed.

    With `dry` nothing is changed, and the batch says what would go.
    """
    row = (_MEASURE if dry else _LET_GO)[kept].one(session, {"age": age, "after": after, "most": most})
    return Batch(row.reached, row.looked_at, row.old, row.held, row.gone, int(row.size))


def newest(session: Session, kept: Kept) -> int:
    """The highest key of a table, by which it is known how far a walk is; 0 for an empty one."""
    return int(_NEWEST[kept].one(session).id)
