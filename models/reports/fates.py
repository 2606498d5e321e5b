"""Rows of the three queues as they get their fates, read in the order of their ids: what counters are counted from.

No index says when a row was decided, and none is kept for that. So who counts remembers how far they read, and the rows
that may get a fate, or another one: each look reads those and what came since, by the tables' own keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.gate.hold import TAKEN_BACK
from desk.intake.rule_names import RuleName
from models.db.statement import Statement
from models.outbox.undelivered import DROPPED

# So many new rows are read at once. Of those without a fate twice as many are remembered, of others as many.
MOST_READ: Final = 2000
# A row of a transaction that is not over cannot be seen, and later ones may be: they are left until it is.
_SETTLED: Final = "interval '30 seconds'"


class Counted(StrEnum):
    """The tables whose fates are counted."""

    MAILS = "mails"
    EVENTS = "events"
    OUTBOX = "outbox"


# The fates of each after which a row may get another: a person lets it be tried again, sent after all, or gives it up.
MAY_CHANGE: Final = {
    Counted.MAILS: frozenset({"quarantined", "not_applied", "dropped"}),
    Counted.EVENTS: frozenset({"quarantined"}),
    Counted.OUTBOX: frozenset({"failed", "held"}),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the rows of a table were read: up to the id `after`.

    `seen` has those that may get another fate, with the one that they had, which is empty for none.
    """

    after: int
    seen: dict[int, str]


@dataclass(frozen=True, slots=True)
class Fated:
    """One row that has its fate now.

    `seconds` is how long it took: of a mail that is on a ticket since it came to its server, of a mail of ours that was
    sent since what it tells of came or happened, and None of others.
    """

    fate: str
    seconds: float | None
    is_bounce: bool


_TABLE: Final = {Counted.MAILS: "mail.ledger", Counted.EVENTS: "mail.event", Counted.OUTBOX: "mail.outbox"}
# When a row of each came, and its fate: one that an admin gave up has failed by that alone.
_CAME: Final = {Counted.MAILS: "stored_at", Counted.EVENTS: "happened_at", Counted.OUTBOX: "written_at"}
_FATE: Final = {
    # What was brought along from files is no mail that came.
    Counted.MAILS: "CASE WHEN q.imported_at IS NOT NULL AND q.fate IS NOT NULL THEN 'imported' ELSE q.fate END",
    Counted.EVENTS: "q.fate",
    Counted.OUTBOX: f"CASE WHEN q.reason IN ('{DROPPED}', '{TAKEN_BACK}') THEN 'dropped' ELSE q.fate END",
}
_BOUNCED: Final = {Counted.MAILS: f"q.imported_at IS NULL AND q.evidence ->> 'rule' = '{RuleName.BOUNCED_MAIL}'"}
# Its event and that one's mail are read row by row: a join of some thousands would read all events.
_TOOK: Final = {
    Counted.MAILS: """
        CASE WHEN q.ticket_number IS NOT NULL AND q.imported_at IS NULL
            THEN q.decided_at - coalesce(q.internal_date, q.stored_at) END
    """,
    Counted.OUTBOX: """
        CASE WHEN q.sent_at IS NOT NULL THEN q.sent_at - coalesce((
            SELECT coalesce(l.internal_date, l.stored_at, e.happened_at)
            FROM mail.event e LEFT JOIN mail.ledger l ON l.id = e.cause WHERE e.id = q.event_id
        ), q.written_at) END
    """,
}
# Waiting rows are found by their own index, which is not always in the order of their ids.
_BEGIN: Final = {
    table: Statement(f"""
WITH waiting AS MATERIALIZED (SELECT id FROM {name} WHERE fate IS NULL)
SELECT coalesce((SELECT max(id) FROM {name}), 0) AS newest,
    ARRAY(SELECT id FROM waiting ORDER BY id LIMIT :most) AS open
""")
    for table, name in _TABLE.items()
}
_NEWEST: Final = {
    table: Statement(f"SELECT coalesce(max(id), 0) AS newest FROM {name}") for table, name in _TABLE.items()
}


def _columns(table: Counted) -> str:
    return f"""
    {_FATE[table]} AS fate, {_BOUNCED.get(table, "false")} AS is_bounce,
    {_TOOK.get(table, "NULL::interval")} AS took, q.{_CAME[table]} < now() - {_SETTLED} AS is_settled"""


# Of what is remembered those whose fate is another one by now, or that are gone; then what came since. The limit makes
# PostgreSQL find each by its id: to join thousands at once, it would read the whole table.
_READ: Final = {
    table: Statement(f"""
SELECT seen.id, q.id IS NULL AS is_gone, {_columns(table)}
FROM unnest(CAST(:ids AS bigint[]), CAST(:fates AS text[])) AS seen(id, fate)
LEFT JOIN LATERAL (SELECT * FROM {name} one WHERE one.id = seen.id LIMIT 1) q ON true
WHERE q.id IS NULL OR {_FATE[table]} IS DISTINCT FROM nullif(seen.fate, '')
UNION ALL
(SELECT q.id, false, {_columns(table)} FROM {name} q WHERE q.id > :after ORDER BY q.id LIMIT :most)
""")
    for table, name in _TABLE.items()
}


def begin_reading(session: Session, table: Counted, most: int = MOST_READ) -> Mark:
    """Where to begin: after the newest row, with those that wait for their fate.

    Of a backlog that is too long to remember the rest is read later, and what lies between as if it were new.
    """
    row = _BEGIN[table].one(session, {"most": 2 * most})
    after = max(row.open) if len(row.open) == 2 * most else row.newest
    return Mark(after, dict.fromkeys(row.open, ""))


def read_fates(session: Session, table: Counted, mark: Mark, most: int = MOST_READ) -> tuple[list[Fated], Mark]:
    """The rows that got a fate since a mark, and the next mark; at most so many new rows are read.

    Where twice as many wait, nothing further is read until some of them are decided, so that none is forgotten. Of a
    database that is an older one by now, as after a restore, is begun anew.
    """
    if _NEWEST[table].one(session).newest < mark.after:
        return [], begin_reading(session, table, most)
    waiting = sum(not fate for fate in mark.seen.values())
    values = {"ids": list(mark.seen), "fates": list(mark.seen.values()), "after": mark.after}
    rows = _READ[table].rows(session, values | {"most": 0 if waiting >= 2 * most else most})
    fresh = sorted((row for row in rows if row.id > mark.after), key=lambda row: row.id)
    settled = list(takewhile(lambda row: row.is_settled, fresh))
    read = [*(row for row in rows if row.id <= mark.after), *settled]
    seen = dict(mark.seen) | {row.id: row.fate or "" for row in read}
    for row in read:
        if row.is_gone:
            del seen[row.id]
    after = settled[-1].id if settled else mark.after
    fated = [_fated(row, is_first=not mark.seen.get(row.id)) for row in read if row.fate is not None]
    return fated, Mark(after, _that_may_change(table, seen, most))


def _that_may_change(table: Counted, seen: Mapping[int, str], most: int) -> dict[int, str]:
    """All rows without a fate, and of those that may get another one the newest."""
    others = sorted((row for row, fate in seen.items() if fate in MAY_CHANGE[table]), reverse=True)[:most]
    kept = {row for row, fate in seen.items() if not fate} | set(others)
    return {row: fate for row, fate in seen.items() if row in kept}


def _fated(row: Any, *, is_first: bool) -> Fated:
    # A server's clock may be ahead of the database's.
    seconds = None if row.took is None else max(0.0, row.took.total_seconds())
    return Fated(row.fate, seconds, bool(row.is_bounce) and is_first)
