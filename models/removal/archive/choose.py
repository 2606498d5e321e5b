"""Which tickets are old enough to leave, and locking them: only those of which nothing is under way."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from desk.ticket import Status
from models.db.base import utc_millis
from models.db.statement import Statement, any_of
from models.supportdesk.tables import STATUS

# So many tickets leave in one transaction, with those that were merged into them.
BATCH: Final = 20
# Whoever had a ticket brought back wants to see it for a while.
STAYS: Final = "30 days"

# Whoever is forgotten is searched for in the archive and then in `public`, so nothing may leave in between.
_BESIDE_OTHERS: Final = Statement("""
SELECT pg_advisory_xact_lock_shared(hashtextextended('supportdesk archive', 0))
""")
_HOLD: Final = Statement("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk archive', 0))")
_OLD: Final = f"""
{STATUS.format("t")} = ANY(CAST(:statuses AS text[])) AND t."updatedAt" < :before
    AND (n.restored_at IS NULL OR n.restored_at < now() - interval '{STAYS}')
"""
# Work under way is not interrupted: what is undecided, or waits in quarantine for an admin, may still need the ticket.
_IDLE: Final = """
NOT EXISTS (SELECT FROM mail.event e WHERE e.ticket_number = n.number
        AND (e.fate IS NULL OR e.fate = 'quarantined'))
    AND NOT EXISTS (SELECT FROM mail.outbox o WHERE o.ticket_number = n.number AND o.fate IS NULL)
    AND NOT EXISTS (SELECT FROM mail.ledger l WHERE l.ticket_number = n.number
        AND (l.fate IS NULL OR l.fate = 'quarantined'))
"""
# The limit is a part of the text: the planner, who does not know it otherwise, would sort all tickets for each batch.
_CHOOSE = Statement(f"""
SELECT n.number FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number > :after AND n.merged_into IS NULL AND {_OLD} AND {_IDLE}
ORDER BY n.number LIMIT {BATCH} FOR UPDATE OF t SKIP LOCKED
""")
# With each of them those that were merged into it, whose rows are still there.
_FAMILIES = Statement(f"""
WITH RECURSIVE family (root, number) AS (
    SELECT number, number FROM mail.ticket WHERE number = {any_of("numbers")}
    UNION
    SELECT family.root, m.number FROM family JOIN mail.ticket m ON m.merged_into = family.number
)
SELECT family.root, family.number FROM family JOIN mail.ticket n ON n.number = family.number
WHERE n.ticket_id IS NOT NULL ORDER BY 1, 2
""")
# What was written until the lock was there is seen by a statement that begins after it.
_LOCK = Statement(f"""
SELECT n.number, t.id FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number = {any_of("numbers")} ORDER BY n.number FOR UPDATE OF t SKIP LOCKED
""")
# A mail of ours can be sent again without its ticket being touched: those of which somebody just decides.
_BUSY = Statement(f"""
WITH free AS MATERIALIZED (
    SELECT id FROM mail.outbox WHERE ticket_number = {any_of("numbers")} ORDER BY id FOR UPDATE SKIP LOCKED
)
SELECT DISTINCT o.ticket_number AS number FROM mail.outbox o LEFT JOIN free ON free.id = o.id
WHERE o.ticket_number = {any_of("numbers")} AND free.id IS NULL
""")
_STILL = Statement(f"""
SELECT n.number FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number = {any_of("numbers")} AND {_OLD} AND {_IDLE}
""")
_COUNT = Statement(f"""
SELECT count(*) AS old, count(*) FILTER (WHERE {_IDLE}) AS idle,
    min(t."createdAt") AS oldest, max(t."updatedAt") AS newest
FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id WHERE {_OLD}
""")


@dataclass(frozen=True, slots=True)
class OldEnough:
    """Which tickets are to go: those with one of these statuses that nobody has changed since `before`."""

    before: datetime
    statuses: tuple[Status, ...] = (Status.CLOSED,)

    @property
    def values(self) -> dict[str, object]:
        """The parameters of the statements."""
        return {"before": utc_millis(self.before), "statuses": [str(one) for one in self.statuses]}


@dataclass(frozen=True, slots=True)
class OldTickets:
    """How many tickets are old enough, and of how many of these nothing is under way; times are UTC."""

    old: int
    idle: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class ChosenTicket:
    """A ticket that is locked, by number, and the id of its row."""

    number: int
    id: str


def count_old(session: Session, wish: OldEnough) -> OldTickets:
    """How many tickets would go; those that were merged are counted, whether or not the others of theirs can go."""
    row = _COUNT.one(session, wish.values)
    return OldTickets(row.old, row.idle, row.oldest, row.newest)


def choose(session: Session, wish: OldEnough, after: int) -> tuple[int | None, list[ChosenTicket]]:
    """The next tickets with numbers above `after`, locked, with all that were merged into them.

    Also gives the last number that was looked at; None where there are no further ones. What somebody else works on is
    passed over.
    """
    _BESIDE_OTHERS.rows(session)
    roots = [row.number for row in _CHOOSE.rows(session, wish.values | {"after": after})]
    if not roots:
        return None, []
    families: dict[int, set[int]] = defaultdict(set)
    for row in _FAMILIES.rows(session, {"numbers": roots}):
        families[row.root].add(row.number)
    numbers = _all_of(families.values())
    locked = {row.number: row.id for row in _LOCK.rows(session, {"numbers": numbers})}
    busy = {row.number for row in _BUSY.rows(session, {"numbers": list(locked)})}
    still = {row.number for row in _STILL.rows(session, wish.values | {"numbers": list(locked)})}
    whole = _all_of(family for family in families.values() if family <= still - busy)
    return roots[-1], [ChosenTicket(number, locked[number]) for number in whole]


def hold_archive(session: Session) -> None:
    """Let nothing go into the archive until this transaction ends; waits for what is just going."""
    _HOLD.rows(session)


def _all_of(families: Iterable[set[int]]) -> list[int]:
    return sorted(number for family in families for number in family)
