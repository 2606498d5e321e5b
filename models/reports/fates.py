"""Rows of the three queues as they get their fates, read in the order of their ids: what counters are counted from.

No index says when a row was decided, and none is kept for that. So who counts remembers how far they read, and which
rows had no fate yet: each look reads those and what came since, by the tables' own keys.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.intake.decision import RuleName
from models.db.statement import Statement, any_of
from models.outbox.undelivered import DROPPED

# So many new rows are read at once, and at most three times as many that had no fate are asked for again.
MOST_READ: Final = 2000
# A row of a transaction that is not over cannot be seen, and later ones may be: they are left until it is.
_SETTLED: Final = "interval '30 seconds'"


class Counted(StrEnum):
    """The tables whose fates are counted."""

    MAILS = "mails"
    EVENTS = "events"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the rows of a table were read: up to the id `after`, those `open` excepted, which had no fate yet."""

    after: int
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fated:
    """One row that has its fate now.

    `seconds` is how long it took: of a mail that is on a ticket since it came to its server, of a mail of ours that was
    sent since what it tells of came or happened, and None of others.
    """

    fate: str
    seconds: float | None
    is_bounce: bool


_COLUMNS: Final = {
    Counted.MAILS: f"""
        q.id, q.fate, evidence ->> 'rule' = '{RuleName.BOUNCED_MAIL}' AS is_bounce,
        CASE WHEN ticket_number IS NOT NULL THEN q.decided_at - coalesce(internal_date, stored_at) END AS took
        FROM mail.ledger q
    """,
    Counted.EVENTS: "q.id, q.fate, false AS is_bounce, NULL::interval AS took FROM mail.event q",
    # One that an admin gave up has failed by its fate alone. Its event and that one's mail are read row by row: a join
    # of some thousands would read all events.
    Counted.OUTBOX: f"""
        q.id, CASE WHEN q.reason = '{DROPPED}' THEN 'dropped' ELSE q.fate END AS fate, false AS is_bounce,
        CASE WHEN sent_at IS NOT NULL THEN q.sent_at - coalesce((
            SELECT coalesce(l.internal_date, l.stored_at, e.happened_at)
            FROM mail.event e LEFT JOIN mail.ledger l ON l.id = e.cause WHERE e.id = q.event_id
        ), written_at) END AS took
        FROM mail.outbox q
    """,
}
# When a row of each came, and by what the index of those without a fate is in order.
_CAME: Final = {Counted.MAILS: "stored_at", Counted.EVENTS: "happened_at", Counted.OUTBOX: "written_at"}
_ORDER: Final = {Counted.MAILS: "id", Counted.EVENTS: "id", Counted.OUTBOX: "due_at"}
_TABLE: Final = {Counted.MAILS: "mail.ledger", Counted.EVENTS: "mail.event", Counted.OUTBOX: "mail.outbox"}
# Written so that no index of what waits is taken for it: the ids are known.
_DECIDED: Final = "num_nulls(q.fate) = 0"
_BEGIN: Final = {
    table: Statement(f"""
SELECT coalesce((SELECT max(id) FROM {_TABLE[table]}), 0) AS newest, ARRAY(
    SELECT id FROM {_TABLE[table]} WHERE fate IS NULL ORDER BY {order} LIMIT :most
) AS open
""")
    for table, order in _ORDER.items()
}
_READ: Final = {
    table: Statement(f"""
SELECT {columns} WHERE q.id = {any_of("open")} AND {_DECIDED}
UNION ALL
(SELECT {columns} WHERE q.id > :after AND {_CAME[table]} < now() - {_SETTLED} ORDER BY q.id LIMIT :most)
""")
    for table, columns in _COLUMNS.items()
}


def begin_reading(session: Session, table: Counted, most: int = MOST_READ) -> Mark:
    """Where to begin: after the newest row, with those that wait for their fate.

    Of a backlog that is too long to remember the rest is read later, and what lies between as if it were new.
    """
    row = _BEGIN[table].one(session, {"most": 2 * most})
    return Mark(max(row.open) if len(row.open) == 2 * most else row.newest, tuple(row.open))


def read_fates(session: Session, table: Counted, mark: Mark, most: int = MOST_READ) -> tuple[list[Fated], Mark]:
    """The rows that got their fate since a mark, and the next mark; at most so many new rows are read.

    Where twice as many wait, nothing further is read until some of them are decided, so that none is forgotten.
    """
    if len(mark.open) >= 2 * most:
        most = 0
    rows = _READ[table].rows(session, {"open": list(mark.open), "after": mark.after, "most": most})
    decided = {row.id for row in rows if row.fate is not None}
    waiting = (*mark.open, *(row.id for row in rows if row.fate is None))
    after = max([mark.after, *(row.id for row in rows)])
    fated = [_fated(row) for row in rows if row.fate is not None]
    return fated, Mark(after, tuple(one for one in waiting if one not in decided))


def _fated(row: Any) -> Fated:
    # A server's clock may be ahead of the database's.
    return Fated(row.fate, None if row.took is None else max(0.0, row.took.total_seconds()), bool(row.is_bounce))
