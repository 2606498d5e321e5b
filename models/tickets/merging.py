"""Merged tickets: the ticket where the merges of each end, and the statements that merge one and take that back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from desk.facts import KnownTicket
from models.db.statement import Statement, any_of
from models.tickets.rows import known_tickets

# Nobody merges so often in a row. A longer chain has no end here, so that nothing is written on its tickets.
MOST_MERGES = 100
NOWHERE = 0

# Follows the merges of each ticket, step by step, up to where nothing is merged further.
_ENDS = Statement(f"""
WITH RECURSIVE chain (start, number, next, step) AS (
    SELECT number, number, merged_into, 0 FROM mail.ticket WHERE number = {any_of("numbers")}
    UNION ALL
    SELECT chain.start, t.number, t.merged_into, chain.step + 1
    FROM chain JOIN mail.ticket t ON t.number = chain.next WHERE chain.step < :most
)
SELECT DISTINCT ON (start) start, CASE WHEN next IS NULL THEN number ELSE :nowhere END AS number
FROM chain WHERE step > 0 ORDER BY start, step DESC
""")
# Merges a ticket, unless it was merged before.
_MERGE = Statement("""
UPDATE mail.ticket SET merged_into = :target WHERE number = :number AND merged_into IS NULL
""")
# Adds the customer and the participants of a merged ticket to the other ticket.
_TAKE_PART = Statement("""
INSERT INTO mail.participant (ticket_number, person_number)
SELECT CAST(:target AS bigint), person_number FROM mail.participant WHERE ticket_number = :number
UNION SELECT CAST(:target AS bigint), CAST(:customer AS bigint) ORDER BY 2
ON CONFLICT DO NOTHING
""")
# Keeps the guests of a merged ticket at the other ticket as well, for whom the same holds.
_KEEP_GUESTS = Statement("""
INSERT INTO mail.guest (ticket_number, address, name, added_by)
SELECT CAST(:target AS bigint), address, name, added_by FROM mail.guest WHERE ticket_number = :number ORDER BY address
ON CONFLICT DO NOTHING
""")
# Lets who watches a merged ticket watch the other one.
_WATCH = Statement("""
INSERT INTO mail.watch (ticket_number, person_number)
SELECT CAST(:target AS bigint), person_number FROM mail.watch WHERE ticket_number = :number ORDER BY 2
ON CONFLICT DO NOTHING
""")

# Ends a merge, where the ticket is still part of that one.
_UNMERGE = Statement("""
UPDATE mail.ticket SET merged_into = NULL WHERE number = :number AND merged_into = :target RETURNING number
""")
# Takes those off the other ticket who take part in it since the moment of the merge, or later as a guest who became a
# person, and have written nothing there; it stays its customer's.
_PART = Statement("""
DELETE FROM mail.participant p WHERE p.ticket_number = :target AND p.since >= :at
    AND p.person_number IN (SELECT person_number FROM mail.participant WHERE ticket_number = :number)
    AND NOT EXISTS (
        SELECT FROM mail.ticket t JOIN public."Ticket" o ON o.id = t.ticket_id
        JOIN mail.person n ON n.number = p.person_number
        WHERE t.number = :target AND (o."createdById" = n.user_id OR EXISTS (
            SELECT FROM public."Comment" c WHERE c."ticketId" = o.id AND c."userId" = n.user_id
        ))
    )
""")
# Who watches the other ticket since the very moment of the merge does so by it.
_END_WATCHES = Statement("""
DELETE FROM mail.watch w WHERE w.ticket_number = :target AND w.since = :at
    AND w.person_number IN (SELECT person_number FROM mail.watch WHERE ticket_number = :number)
""")
_LET_GUESTS_GO = Statement("""
DELETE FROM mail.guest g WHERE g.ticket_number = :target AND g.since >= :at
    AND g.address IN (SELECT address FROM mail.guest WHERE ticket_number = :number)
""")


def read_ends(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    """Where the merges of each of these tickets end, for those that were merged; NOWHERE after MOST_MERGES of them."""
    values = {"numbers": list(numbers), "most": MOST_MERGES, "nowhere": NOWHERE}
    return {row.start: row.number for row in _ENDS.rows(session, values)} if numbers else {}


def known_ends(session: Session, numbers: Sequence[int]) -> tuple[dict[int, KnownTicket], dict[int, int]]:
    """The tickets where the merges of these end, locked in the order of their numbers, and the end of each merged one.

    A ticket may be merged while its lock is waited for. That closes it, so the ends are read again where one is closed.
    """
    ends = read_ends(session, numbers)
    while True:
        tickets = known_tickets(session, sorted({ends.get(number, number) for number in numbers}))
        if not any(known.is_closed for known in tickets.values()):
            return tickets, ends
        before, ends = ends, read_ends(session, numbers)
        if ends == before:
            return tickets, ends


def merge_ticket(session: Session, number: int, target: int, customer: int) -> None:
    """Make a ticket part of another, whose people then include its own; both must be locked, and `target` an end."""
    _MERGE.write(session, {"number": number, "target": target})
    _TAKE_PART.write(session, {"number": number, "target": target, "customer": customer})
    _KEEP_GUESTS.write(session, {"number": number, "target": target})
    _WATCH.write(session, {"number": number, "target": target})


def unmerge_ticket(session: Session, number: int, target: int, at: datetime) -> bool:
    """Make a ticket one of its own again that became part of another at a moment, in UTC; both must be locked.

    Its people leave the other ticket where they came to it by the merge and have written nothing there since, and so do
    those who watch it by the merge. What came there meanwhile stays there. False, and nothing is written, where it is
    part of that one no longer.
    """
    if not _UNMERGE.rows(session, {"number": number, "target": target}):
        return False
    _PART.write(session, {"number": number, "target": target, "at": at})
    _LET_GUESTS_GO.write(session, {"number": number, "target": target, "at": at})
    _END_WATCHES.write(session, {"number": number, "target": target, "at": at})
    return True
