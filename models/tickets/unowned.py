"""Open tickets that routing could give to nobody, as the desk had no staff."""

from sqlalchemy.orm import Session

from desk.routing.route import Candidate
from desk.routing.rules import Strategy
from models.db.statement import Statement

# So many are routed at once; the next sweep takes the next.
MOST = 100

# Tickets that routing left without an owner although its strategy chooses one. Not those whose owner was changed since,
# as who took a ticket from somebody meant it, nor those of which an event waits to be announced: that routes them.
_UNOWNED = """
FROM public."Ticket" w JOIN mail.ticket t ON t.ticket_id = w.id
CROSS JOIN LATERAL (
    SELECT a.person_number, a.strategy, a.assigned_at FROM mail.assignment a
    WHERE a.ticket_number = t.number ORDER BY a.id DESC LIMIT 1
) AS latest
WHERE w."assignedToId" IS NULL AND w.status IN ('open', 'in_progress')
    AND latest.person_number IS NULL AND latest.strategy <> :none
    AND NOT EXISTS (
        SELECT FROM mail.event e WHERE e.ticket_number = t.number
            AND (e.fate IS NULL OR (e.field = 'assignee' AND e.happened_at > latest.assigned_at))
    )
"""
_COUNT = Statement(f"SELECT count(*) AS tickets {_UNOWNED}")
# The event of a ticket that lost its owner: whoever announces it routes the ticket, and tells the new owner.
_ROUTE_AGAIN = Statement(f"""
INSERT INTO mail.event (kind, ticket_number, field)
SELECT 'ticket_changed', t.number, 'assignee' {_UNOWNED} ORDER BY t.number LIMIT :most RETURNING ticket_number
""")


def count_unowned(session: Session) -> int:
    """How many open tickets wait for somebody to be staff."""
    row = _COUNT.one(session, {"none": Strategy.NONE})
    return int(row.tickets) if row else 0


def route_again(session: Session, staff: tuple[Candidate, ...]) -> int:
    """Have tickets that wait for staff routed when they are announced, at most MOST; how many, 0 without staff."""
    return len(_ROUTE_AGAIN.rows(session, {"none": Strategy.NONE, "most": MOST})) if staff else 0
