"""What earlier mails and tickets tell of a mail and its sender, read in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk.facts import Flood, Wanted
from desk.gate.caps import fold
from desk.gate.providers import PUBLIC_PROVIDERS
from desk.intake.decision import RuleName
from desk.ticket import Person
from desk.trust.judge import Proof
from mail.mime.message_ids import id_hash
from models.db.statement import Statement, any_of
from models.ledger.mails import LedgerMail
from models.ledger.proof import proof_of
from models.people.rows import PERSON_BY_EMAIL, person_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Far more than any cap: what is parked opens no ticket, so there are hardly ever as many.
MOST: Final = 1000

# A mail that opened a ticket within the hour; one that waited on its server counts when it arrived there.
_OPENED: Final = """
l.stored_at > :hour AND l.ticket_number IS NOT NULL AND least(l.stored_at, l.internal_date) > :hour
    AND l.evidence ->> 'rule' = :opens
"""
# What the desk knows of a mail's sender, of the tickets that the mail names, and whether the same mail was here before.
_ASK = Statement(f"""
WITH sender AS ({PERSON_BY_EMAIL}),
floods AS (
    -- By proof class. All spellings that usually reach one person count as one address.
    SELECT (
        SELECT jsonb_object_agg(proof, tickets) FROM (
            SELECT {proof_of("l")} AS proof, count(*) AS tickets FROM mail.ledger l
            WHERE l.correspondent = :correspondent AND {_OPENED} GROUP BY 1
        ) AS mails
    ) AS by_address, (
        SELECT jsonb_object_agg(proof, tickets) FROM (
            SELECT proof, count(*) AS tickets FROM (
                SELECT {proof_of("l")} AS proof FROM mail.ledger l
                WHERE split_part(l.sender, '@', 2) = :domain AND {_OPENED} LIMIT :most
            ) AS lately GROUP BY 1
        ) AS mails
    ) AS by_domain, (
        -- What is too large is not taken, so it fills nothing.
        SELECT jsonb_object_agg(proof, size) FROM (
            SELECT {proof_of("l")} AS proof, sum(l.size) AS size FROM mail.ledger l
            WHERE l.correspondent = :correspondent AND l.sender = :email AND l.stored_at > :day AND NOT l.partial
            GROUP BY 1
        ) AS mails
    ) AS sizes
),
known AS (
    -- The mail's own Message-ID counts only where others referred to it: the mail is their parent and came late.
    SELECT array_agg(hash ORDER BY ticket_number, hash) AS hashes,
        array_agg(ticket_number ORDER BY ticket_number, hash) AS tickets
    FROM mail.message_id WHERE hash = {any_of("hashes", "bytea")} OR (hash = :own AND refers)
)
SELECT sender.*, floods.by_address, floods.by_domain, floods.sizes, known.hashes, known.tickets,
    -- One with such a fate has had its effect; one in quarantine may still have it. A mail that waited for its
    -- confirmation is decided again; what came as the same mail since is its twin only where it was confirmed before.
    (SELECT min(l.id) FROM mail.ledger l
     WHERE l.fingerprint = :fingerprint AND l.id <> :row AND l.fate = ANY(
        CASE WHEN :confirmed THEN ARRAY['applied'] ELSE ARRAY['applied', 'not_applied', 'dropped'] END
     )) AS twin,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = sender.id AND t."assignedToId" IS NOT NULL
     ORDER BY t."createdAt" DESC LIMIT 1) AS last_agent
FROM floods CROSS JOIN known LEFT JOIN sender ON true
""")


@dataclass(frozen=True, slots=True)
class SenderHistory:
    """What the database knows of a mail and its sender from earlier mails.

    `sender` is the person of the mail's only author, `twin` the ledger id of the same mail that came before,
    `last_agent` the number of the agent of the sender's latest ticket, `floods` how much the sender sent lately by
    proof class, and `tickets_by_id` the numbers of the tickets that each Message-ID in the mail belongs to.
    """

    sender: Person | None
    twin: int | None
    last_agent: int | None
    floods: dict[str, Flood]
    tickets_by_id: dict[str, tuple[int, ...]]


def read_history(session: Session, ledger_mail: LedgerMail, wanted: Wanted, now: datetime) -> SenderHistory:
    """The history of a mail and its sender; a mail without exactly one author has no sender."""
    author = wanted.author
    by_hash = {id_hash(identifier): identifier for identifier in wanted.refers}
    values = {
        "fingerprint": ledger_mail.fingerprint,
        "row": ledger_mail.row,
        "confirmed": ledger_mail.confirmed,
        "own": id_hash(wanted.message_id) if wanted.message_id else b"",
        "hashes": list(by_hash),
        "email": author.email if author else "",
        "correspondent": fold(author.email) if author else "",
        # Those who share a public provider have nothing else in common.
        "domain": author.domain if author and author.domain not in PUBLIC_PROVIDERS else "",
        "hour": now - HOUR,
        "day": now - DAY,
        "opens": RuleName.NEW_TICKET,
        "most": MOST,
    }
    row = _ASK.one(session, values)
    tickets_by_id: dict[str, tuple[int, ...]] = {}
    for digest, ticket in zip(row.hashes or (), row.tickets or (), strict=True):
        identifier = by_hash.get(digest) or str(wanted.message_id)
        tickets_by_id[identifier] = (*tickets_by_id.get(identifier, ()), ticket)
    return SenderHistory(
        sender=person_of(row) if row.number else None,
        twin=row.twin,
        last_agent=row.last_agent,
        floods={proof: _flood(row, proof) for proof in Proof},
        tickets_by_id=tickets_by_id,
    )


def _flood(row: Row[*tuple[Any, ...]], proof: Proof) -> Flood:
    by_class = (row.by_address, row.by_domain, row.sizes)
    return Flood(*(int((counts or {}).get(proof, 0)) for counts in by_class))
