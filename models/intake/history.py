"""What earlier mails and tickets tell of a mail and its sender, read in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk.facts import Flood, LesserTwin, Wanted
from desk.gate.caps import fold
from desk.intake.decision import RuleName
from desk.ticket import Person
from desk.trust.judge import Proof
from mail.mime.message_ids import id_hash
from models.db.errors import Unwatched
from models.db.statement import Statement, any_of
from models.events.triggers import ARE_TRIGGERS_THERE
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
    SELECT hash, ticket_number, refers, row_number() OVER (
        -- Only so many tickets are read, so whoever claims a Message-ID for many of theirs must not come first.
        ORDER BY refers, EXISTS (
            SELECT FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
            JOIN sender ON sender.id = t."createdById"
            WHERE n.number = m.ticket_number
        ) DESC, EXISTS (
            SELECT FROM mail.participant p JOIN sender ON sender.number = p.person_number
            WHERE p.ticket_number = m.ticket_number
        ) DESC, known_at, ticket_number
    ) AS place
    FROM mail.message_id m WHERE hash = {any_of("hashes", "bytea")} OR (hash = :own AND refers)
),
copies AS (
    -- One with such a fate has had its effect; one in quarantine may still have it. A mail that waited for its
    -- confirmation is decided again; what came as the same mail since is its twin only where it was confirmed before.
    SELECT min(l.id) AS row, {proof_of("l")} AS proof,
        coalesce(l.evidence ->> 'rule', '') = :held AS held,
        l.fate = 'applied' AND {proof_of("l")} <> :refuted
            AND l.evidence ->> 'unanswered' IS NULL AS had_effect
    FROM mail.ledger l
    WHERE l.fingerprint = :fingerprint AND l.id <> :row AND l.fate = ANY(
        CASE WHEN :confirmed THEN ARRAY['applied'] ELSE ARRAY['applied', 'not_applied', 'dropped'] END
    ) GROUP BY 2, 3, 4
),
twins AS (
    SELECT min(row) FILTER (WHERE had_effect) AS twin,
        array_agg(row ORDER BY row) FILTER (WHERE NOT had_effect) AS lesser_rows,
        array_agg(proof ORDER BY row) FILTER (WHERE NOT had_effect) AS lesser_proofs,
        array_agg(held ORDER BY row) FILTER (WHERE NOT had_effect) AS lesser_held
    FROM copies
),
found AS (
    SELECT array_agg(hash ORDER BY place) AS hashes, array_agg(ticket_number ORDER BY place) AS tickets,
        array_agg(refers ORDER BY place) AS named
    FROM known
)
SELECT sender.*, twins.*, floods.by_address, floods.by_domain, floods.sizes,
    found.hashes, found.tickets, found.named,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = sender.id AND t."assignedToId" IS NOT NULL
     ORDER BY t."createdAt" DESC LIMIT 1) AS last_agent,
    -- Who resets the schema `public` under running workers takes our triggers, and no statement fails without them.
    {ARE_TRIGGERS_THERE} AS watched
FROM floods CROSS JOIN found CROSS JOIN twins LEFT JOIN sender ON true
""")


@dataclass(frozen=True, slots=True)
class SenderHistory:
    """What the database knows of a mail and its sender from earlier mails.

    `sender` is the person of the mail's only author, `twin` the ledger id of the same mail that came before and had its
    effect; `lesser_twins` are copies that had less of it, the first of each kind. `last_agent` is the number of the
    agent of the sender's latest ticket, `floods` how much the sender sent lately by proof class. `known` are the
    numbers of the tickets that each Message-ID in the mail belongs to, `named` those of which a mail only referred to
    it, `tickets` all of these, the likeliest first.
    """

    sender: Person | None
    twin: int | None
    lesser_twins: tuple[LesserTwin, ...]
    last_agent: int | None
    floods: dict[str, Flood]
    known: dict[str, tuple[int, ...]]
    named: dict[str, tuple[int, ...]]
    tickets: tuple[int, ...]


def read_history(session: Session, ledger_mail: LedgerMail, wanted: Wanted, now: datetime) -> SenderHistory:
    """The history of a mail and its sender; a mail without exactly one author has no sender.

    Raises Unwatched where a trigger of ours is missing in `public`: what is written there would be told to nobody.
    """
    by_hash = {id_hash(identifier): identifier for identifier in wanted.refers}
    row = _ASK.one(session, _values(ledger_mail, wanted, now) | {"hashes": list(by_hash)})
    if not row.watched:
        raise Unwatched
    known: dict[str, tuple[int, ...]] = {}
    named: dict[str, tuple[int, ...]] = {}
    for digest, ticket, only_named in zip(row.hashes or (), row.tickets or (), row.named or (), strict=True):
        identifier, numbers = by_hash.get(digest) or str(wanted.message_id), named if only_named else known
        numbers[identifier] = (*numbers.get(identifier, ()), ticket)
    return SenderHistory(
        sender=person_of(row) if row.number else None,
        twin=row.twin,
        lesser_twins=tuple(
            LesserTwin(*twin)
            for twin in zip(row.lesser_rows or (), row.lesser_proofs or (), row.lesser_held or (), strict=True)
        ),
        last_agent=row.last_agent,
        floods={proof: _flood(row, proof) for proof in Proof},
        known=known,
        named=named,
        tickets=tuple(row.tickets or ()),
    )


def _values(ledger_mail: LedgerMail, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The values of `_ASK` but for the hashes of the Message-IDs."""
    author = wanted.author
    return {
        "fingerprint": ledger_mail.fingerprint,
        "row": ledger_mail.row,
        "confirmed": ledger_mail.confirmed,
        "own": id_hash(wanted.message_id) if wanted.message_id else b"",
        "email": author.email if author else "",
        "correspondent": fold(author.email) if author else "",
        "domain": wanted.domain,
        "hour": now - HOUR,
        "day": now - DAY,
        "opens": RuleName.NEW_TICKET,
        "held": RuleName.STAFF_WITHOUT_POWER,
        "refuted": Proof.REFUTED,
        "most": MOST,
    }


def _flood(row: Row[*tuple[Any, ...]], proof: Proof) -> Flood:
    by_class = (row.by_address, row.by_domain, row.sizes)
    return Flood(*(int((counts or {}).get(proof, 0)) for counts in by_class))
