"""Claims: how a worker takes rows of a queue and gives them back (docs/architecture.md#queues-claims-and-bells).

Fresh rows are claimed in batches and charge no try. A row whose claim expired, or that failed before, is claimed
alone; only a claim taken alone that expired, or an exception, charges a try. All times are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from models.db.statement import Statement, any_of

MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Queue:
    """A table of work; of a row `q`, `fresh` says in SQL what else makes it due, and `order` sorts it.

    `along` are columns that a claim reads with the ids. `lane` is one by whose values a claim may be narrowed.
    Where there is a `turn`, a number in SQL whose rows have no such number in common with others', a claim takes the
    numbers in turn, from the one after the last, which the sequence `turns` keeps, and of each as much as of another.
    """

    table: str
    fresh: str = "true"
    order: str = "q.id"
    turn: str = ""
    turns: str = ""
    along: tuple[str, ...] = ()
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The rows whose lane is among these; where `among` is False, all others."""

    names: tuple[str, ...]
    among: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """The ids of rows claimed under one token; `tries` is how often a row that was claimed alone has failed so far.

    `rows` are they with what the queue has `along`.

    `clock` is what the database's clock showed when fresh rows were asked for, and `keys` are the fingerprints of the
    signing keys in use at that time.
    """

    token: UUID
    ids: tuple[int, ...]
    tries: int = 0
    clock: datetime | None = None
    keys: tuple[str, ...] = ()
    rows: tuple[Any, ...] = ()

    @property
    def is_worn_out(self) -> bool:
        """True where the row was tried as often as a row may be."""
        return self.tries >= MOST_TRIES


# The statements of all three queues, with the table, the condition and the order of a `Queue` filled in.

# Claims fresh rows that are due, in the queue's order. `ANY(ARRAY(…))` keeps the plan good for a table that was never
# analysed.
_FRESH = """
UPDATE {table} SET claimed_by = :token, claimed_at = now(), claimed_until = now() + :lease, claimed_alone = false
WHERE id = ANY(ARRAY(
    SELECT q.id FROM {table} q
    WHERE {due} ORDER BY {order} LIMIT :most FOR UPDATE SKIP LOCKED
)) RETURNING {returned}
"""

# The same, in turn. `above` and `below` are the numbers that wait, found one by one by an index on number and id, those
# after the last claim's first. PostgreSQL reads no more of them than are asked for. One claim is made at a time.
_FRESH_IN_TURN = """
UPDATE {table} SET claimed_by = :token, claimed_at = now(), claimed_until = now() + :lease, claimed_alone = false
WHERE id = ANY(ARRAY(
    WITH RECURSIVE latest AS MATERIALIZED (SELECT last_value AS turn FROM {turns}),
    above (turn) AS (
        SELECT first.turn FROM latest CROSS JOIN LATERAL (
            SELECT {turn} AS turn FROM {table} q WHERE {due} AND {turn} > latest.turn ORDER BY 1, q.id LIMIT 1
        ) AS first
        UNION ALL
        SELECT next.turn FROM above CROSS JOIN LATERAL (
            SELECT {turn} AS turn FROM {table} q WHERE {due} AND {turn} > above.turn ORDER BY 1, q.id LIMIT 1
        ) AS next
    ),
    below (turn) AS (
        SELECT first.turn FROM latest CROSS JOIN LATERAL (
            SELECT {turn} AS turn FROM {table} q WHERE {due} AND {turn} <= latest.turn ORDER BY 1, q.id LIMIT 1
        ) AS first
        UNION ALL
        SELECT next.turn FROM below CROSS JOIN latest CROSS JOIN LATERAL (
            SELECT {turn} AS turn FROM {table} q
            WHERE {due} AND {turn} > below.turn AND {turn} <= latest.turn ORDER BY 1, q.id LIMIT 1
        ) AS next
    ),
    chosen AS (
        SELECT turn, setval('{turns}', turn) FROM (
            SELECT turn FROM above UNION ALL SELECT turn FROM below LIMIT :most
        ) AS waiting
    )
    SELECT mine.id FROM (SELECT turn, count(*) OVER () AS all_of_them FROM chosen) AS each CROSS JOIN LATERAL (
        SELECT q.id FROM {table} q WHERE {due} AND {turn} = each.turn
        ORDER BY q.id LIMIT CAST(:most AS bigint) / each.all_of_them FOR UPDATE SKIP LOCKED
    ) AS mine
)) RETURNING {returned}
"""
_DUE = "q.fate IS NULL AND q.claimed_by IS NULL AND q.tries = 0 AND q.due_at <= now() AND {fresh}"

# Claims one row whose claim expired or that failed before, and charges a try where a claim taken alone expired. A claim
# made before the server last started ended with the server, which is not the row's fault.
_ALONE = """
UPDATE {table} SET claimed_by = :token, claimed_at = now(), claimed_until = now() + :lease, claimed_alone = true,
    tries = tries + CASE WHEN claimed_by IS NOT NULL AND claimed_alone AND claimed_at > pg_postmaster_start_time()
        THEN 1 ELSE 0 END
WHERE id = (
    SELECT q.id FROM {table} q
    WHERE q.fate IS NULL AND (q.claimed_until < now() OR (q.claimed_by IS NULL AND q.tries > 0 AND q.due_at <= now()))
        {lanes}
    ORDER BY {order} LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING {returned}, tries
"""
_LANES = f"AND (q.{{lane}} = {any_of('lanes', 'text')}) = :among"

# Lets the transaction read a queue in its order until there are enough rows. A planner whose statistics are of an empty
# table would sort the whole queue, and search all of it for the parents of each row. The time and the keys in use come
# along, so that each process can compare its clock and its keys.
_SETTINGS = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
}
PLAN_ANEW = Statement(
    "SELECT clock_timestamp() AS clock,"
    " ARRAY(SELECT fingerprint FROM mail.signing_key WHERE retired_at IS NULL) AS keys, "
    + ", ".join(f"set_config('{name}', '{value}', true) AS {name}" for name, value in _SETTINGS.items())
)

# The next four change nothing where the claim no longer holds. `num_nulls(fate) = 1` is the condition OPEN.

# Locks a claimed row.
_LOCK = """
SELECT 1 FROM {table} WHERE id = :id AND claimed_by = :token AND num_nulls(fate) = 1 FOR UPDATE
"""
# Locks all claimed rows in the order of their ids.
_LOCK_ALL = """
SELECT id FROM {table}
WHERE id = ANY(ARRAY(SELECT unnest(CAST(:ids AS bigint[])))) AND claimed_by = :token AND num_nulls(fate) = 1
ORDER BY id FOR UPDATE
"""
# Ends the claim on rows that are not decided yet.
_RELEASE = """
UPDATE {table} SET claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = ANY(ARRAY(SELECT unnest(CAST(:ids AS bigint[])))) AND claimed_by = :token AND num_nulls(fate) = 1
"""
# Charges a try to rows that failed together and ends their claim; they are due again later.
_CHARGE = """
UPDATE {table} SET tries = tries + 1, error = :error, due_at = now() + :delay,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = ANY(ARRAY(SELECT unnest(CAST(:ids AS bigint[])))) AND claimed_by = :token AND num_nulls(fate) = 1
RETURNING tries
"""


@cache
def fresh_statement(queue: Queue, *, narrowed: bool = False) -> Statement:
    """The statement that claims fresh rows, with the parameters token, lease and most; lanes, among if `narrowed`."""
    due = f"{_DUE.format(fresh=queue.fresh)} {_lanes(queue, narrowed=narrowed)}".rstrip()
    whole = _FRESH_IN_TURN if queue.turn else _FRESH
    values = {"table": queue.table, "due": due, "order": queue.order, "turn": queue.turn, "turns": queue.turns}
    return Statement(whole.format(**values, returned=_returned(queue)))


@cache
def _for_queue(statement: str, queue: Queue, *, narrowed: bool = False) -> Statement:
    lanes = _lanes(queue, narrowed=narrowed)
    return Statement(statement.format(table=queue.table, order=queue.order, lanes=lanes, returned=_returned(queue)))


def _returned(queue: Queue) -> str:
    return ", ".join(("id", *queue.along))


def _lanes(queue: Queue, *, narrowed: bool) -> str:
    return _LANES.format(lane=queue.lane) if narrowed else ""


def _narrowing(lanes: Lanes | None) -> dict[str, Any]:
    return {"lanes": list(lanes.names), "among": lanes.among} if lanes else {}


def claim_fresh(session: Session, queue: Queue, lease: timedelta, most: int, lanes: Lanes | None = None) -> Claimed:
    """Claim up to `most` fresh rows that are due, in the queue's order, of some `lanes` or of all."""
    world = PLAN_ANEW.one(session)
    token = uuid4()
    values = {"token": token, "lease": lease, "most": most, **_narrowing(lanes)}
    rows = sorted(fresh_statement(queue, narrowed=lanes is not None).rows(session, values), key=lambda row: int(row.id))
    ids = tuple(row.id for row in rows)
    return Claimed(token, ids, clock=world.clock, keys=tuple(world.keys), rows=tuple(rows))


def claim_alone(session: Session, queue: Queue, lease: timedelta, lanes: Lanes | None = None) -> Claimed:
    """Claim one row whose claim expired or that failed before; no id where there is none."""
    token = uuid4()
    statement = _for_queue(_ALONE, queue, narrowed=lanes is not None)
    row = statement.one(session, {"token": token, "lease": lease, **_narrowing(lanes)})
    return Claimed(token, (row.id,), row.tries, rows=(row,)) if row else Claimed(token, ())


def lock(session: Session, queue: Queue, claimed: Claimed, row: int) -> bool:
    """Lock a claimed row for the work's own transaction; False where the claim no longer holds."""
    return _for_queue(_LOCK, queue).one(session, {"id": row, "token": claimed.token}) is not None


def lock_all(session: Session, queue: Queue, claimed: Claimed) -> bool:
    """Lock all claimed rows in the order of their ids; False where the claim on one of them no longer holds."""
    rows = _for_queue(_LOCK_ALL, queue).rows(session, {"ids": list(claimed.ids), "token": claimed.token})
    return len(rows) == len(claimed.ids)


def release(session: Session, queue: Queue, claimed: Claimed) -> None:
    """End the claim on the rows that are not decided yet, without a charge."""
    _for_queue(_RELEASE, queue).write(session, {"ids": list(claimed.ids), "token": claimed.token})


def charge(session: Session, queue: Queue, claimed: Claimed, rows: Sequence[int], error: str, delay: timedelta) -> int:
    """Charge a try to the rows whose work raised, and end their claim; they are due again after `delay`.

    Returns the most tries of one of them, this one included; 0 where the claim no longer holds.
    """
    values = {"ids": list(rows), "token": claimed.token, "error": error, "delay": delay}
    return max((row.tries for row in _for_queue(_CHARGE, queue).rows(session, values)), default=0)
