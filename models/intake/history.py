"""What is known of a mail's sender and of the mail itself from those before it, read in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from desk.facts import Flood, Wanted
from desk.gate.caps import fold
from desk.intake.decision import RuleName
from desk.ticket import Person
from mail.mime.message_ids import id_hash
from models.db.statement import Statement, any_of
from models.ledger.mails import LedgerMail
from models.people.rows import PERSON_BY_EMAIL, person_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Far more than any cap: what is parked opens no ticket, so there are hardly ever as many.
MOST: Final = 1000
# A mail that ended so has had its effect; one in quarantine may still have it. A mail that waited for its confirmation
# is decided again; what came as the same mail meanwhile is its twin only where it was confirmed before.
_FINISHED: Final = """
CASE WHEN :confirmed THEN ARRAY['applied'] ELSE ARRAY['applied', 'not_applied', 'dropped'] END
""".strip()

# All spellings that usually reach one person count as one address. Mails that waited on their server do not count as if
# all had come at once, and what is too large is not taken, so it fills nothing. A mail's own Message-ID counts only
# where others referred to it: this is their parent, come late.
_ASK = Statement(f"""
SELECT sender.*, opened.by_address, opened.by_domain, known.hashes, known.tickets,
    (SELECT min(l.id) FROM mail.ledger l
     WHERE l.fingerprint = :fingerprint AND l.id <> :row AND l.fate = ANY({_FINISHED})) AS twin,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = sender.id AND t."assignedToId" IS NOT NULL
     ORDER BY t."createdAt" DESC LIMIT 1) AS served,
    (SELECT coalesce(sum(l.size), 0) FROM mail.ledger l
     WHERE l.correspondent = :correspondent AND l.sender = :email AND l.stored_at > :day AND NOT l.partial) AS size
FROM (
    SELECT count(*) FILTER (WHERE lately.correspondent = :correspondent) AS by_address, count(*) AS by_domain
    FROM (
        SELECT l.correspondent FROM mail.ledger l
        WHERE split_part(l.sender, '@', 2) = :domain AND l.stored_at > :hour AND l.ticket_number IS NOT NULL
            AND least(l.stored_at, l.internal_date) > :hour AND l.evidence ->> 'rule' = :opens
        LIMIT :most
    ) AS lately
) AS opened
CROSS JOIN (
    SELECT array_agg(hash ORDER BY ticket_number, hash) AS hashes,
        array_agg(ticket_number ORDER BY ticket_number, hash) AS tickets
    FROM mail.message_id WHERE hash = {any_of("hashes", "bytea")} OR (hash = :own AND refers)
) AS known
LEFT JOIN LATERAL ({PERSON_BY_EMAIL}) AS sender ON true
""")


@dataclass(frozen=True, slots=True)
class SenderHistory:
    """What came before a mail.

    `sender` is the person of its only author, `twin` its twin's ledger id, `served` the number of who served the sender
    last, `flood` how much the sender sent lately, and `known` the numbers of the tickets that each Message-ID it names
    belongs to.
    """

    sender: Person | None
    twin: int | None
    served: int | None
    flood: Flood
    known: dict[str, tuple[int, ...]]


def read_history(session: Session, ledger_mail: LedgerMail, wanted: Wanted, now: datetime) -> SenderHistory:
    """What came before a mail; one without exactly one author has no sender."""
    author = wanted.author
    by_hash = {id_hash(identifier): identifier for identifier in wanted.refers}
    asked = {
        "fingerprint": ledger_mail.fingerprint,
        "row": ledger_mail.row,
        "confirmed": ledger_mail.confirmed,
        "own": id_hash(wanted.message_id) if wanted.message_id else b"",
        "hashes": list(by_hash),
        "email": author.email if author else "",
        "correspondent": fold(author.email) if author else "",
        "domain": author.domain if author else "",
        "hour": now - HOUR,
        "day": now - DAY,
        "opens": RuleName.NEW_TICKET,
        "most": MOST,
    }
    row = _ASK.one(session, asked)
    known: dict[str, tuple[int, ...]] = {}
    for digest, ticket in zip(row.hashes or (), row.tickets or (), strict=True):
        identifier = by_hash.get(digest) or str(wanted.message_id)
        known[identifier] = (*known.get(identifier, ()), ticket)
    flood = Flood(row.by_address, row.by_domain, int(row.size))
    return SenderHistory(person_of(row) if row.number else None, row.twin, row.served, flood, known)
