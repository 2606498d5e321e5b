"""What is known of a mail's sender and of the mail itself from those before it, asked in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from desk.caps import fold
from desk.facts import Flood
from desk.ticket import Person
from mail.message import Address
from models.arrivals import Arrived
from models.asking import Ask

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The rule of intake by which strangers and customers open tickets.
OPENS: Final = "new_ticket"
# Far more than any cap: what is parked opens no ticket, so there are hardly ever as many.
MOST: Final = 1000
# A mail that ended so has had its effect; one in quarantine may still have it.
FINISHED = ("applied", "not_applied", "dropped")

# All spellings that usually reach one person count as one address. Mails that waited on their server do not count as if
# all had come at once, and what is too large is not taken, so it fills nothing.
_ASK = Ask("""
SELECT
    (SELECT min(l.id) FROM mail.ledger l
     WHERE l.fingerprint = :fingerprint AND l.id <> :row AND l.fate = ANY(CAST(:fates AS text[]))) AS twin,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = (SELECT p.user_id FROM mail.person p WHERE p.number = :person)
        AND t."assignedToId" IS NOT NULL
     ORDER BY t."createdAt" DESC LIMIT 1) AS served,
    (SELECT coalesce(sum(l.size), 0) FROM mail.ledger l
     WHERE l.correspondent = :correspondent AND l.sender = :email AND l.stored_at > :day AND NOT l.partial) AS size,
    opened.by_address, opened.by_domain
FROM (
    SELECT count(*) FILTER (WHERE lately.correspondent = :correspondent) AS by_address, count(*) AS by_domain
    FROM (
        SELECT l.correspondent FROM mail.ledger l
        WHERE split_part(l.sender, '@', 2) = :domain AND l.stored_at > :hour AND l.ticket_number IS NOT NULL
            AND least(l.stored_at, l.internal_date) > :hour AND l.evidence ->> 'rule' = :opens
        LIMIT :most
    ) AS lately
) AS opened
""")


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a mail: its twin's ledger id, who served its sender last, and how much the sender sent lately.

    The flood of staff is not counted.
    """

    twin: int | None
    served: int | None
    flood: Flood


def read_before(
    session: Session, arrived: Arrived, author: Address | None, sender: Person | None, now: datetime
) -> Before:
    """What came before a mail of this author, None where it has not exactly one."""
    counted = author if author is not None and (sender is None or not sender.is_staff) else None
    email, domain = (counted.email, counted.domain) if counted else ("", "")
    asked = {
        "fingerprint": arrived.fingerprint,
        "row": arrived.row,
        # A mail that waited for its confirmation is decided again; what came as the same mail meanwhile is its twin
        # only where it was confirmed before.
        "fates": ["applied"] if arrived.confirmed else list(FINISHED),
        "person": sender.number if sender else None,
        "email": email,
        "correspondent": fold(email),
        "domain": domain,
        "hour": now - HOUR,
        "day": now - DAY,
        "opens": OPENS,
        "most": MOST,
    }
    row = _ASK.one(session, asked)
    return Before(row.twin, row.served, Flood(row.by_address, row.by_domain, int(row.size)))
