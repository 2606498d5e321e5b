"""What earlier mails and tickets tell of a mail and its sender, read in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk.facts import Flood, LesserTwin, Wanted
from desk.gate.caps import fold
from desk.intake.rule_names import RuleName
from desk.ticket import Person
from desk.trust.copies import is_named, topmost_received
from desk.trust.judge import Proof
from mail.mime.headers import HEAD_BYTES
from mail.mime.message_ids import id_hash
from models.db.errors import Unwatched
from models.db.statement import Statement
from models.events.triggers import ARE_TRIGGERS_THERE
from models.ledger.mails import LedgerMail
from models.ledger.proof import proof_of
from models.people.rows import PERSON_BY_EMAIL, person_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A mail without a name is the same in another mailbox only within this time.
ELSEWHERE = timedelta(minutes=5)
# So many mails with the same words and no name are looked at, and so many with the same Message-ID and other bytes.
MOST_NAMELESS: Final = 100
MOST_ALIKE: Final = 3
# Beyond so many bytes, a mail with the same Message-ID is not read again to be compared.
LARGEST_ALIKE: Final = 10 * 1024 * 1024
# Far more than any cap: what is parked opens no ticket, so there are hardly ever as many.
MOST: Final = 1000

# A mail that opened a ticket within the hour; one that waited on its server counts when it arrived there.
_OPENED: Final = f"""
l.stored_at > :hour AND l.ticket_number IS NOT NULL AND least(l.stored_at, l.internal_date) > :hour
    AND l.imported_at IS NULL AND l.evidence ->> 'rule' = '{RuleName.NEW_TICKET}'
"""
# The rules by which a mail becomes words on a ticket that is there.
_WRITES: Final = f"'{RuleName.CUSTOMER_ON_TICKET}', '{RuleName.ONLY_A_NOTE}', '{RuleName.AUTOMATIC_MAIL}'"
# What staff's mail is that nothing proves.
_IS_HELD: Final = f"coalesce(l.evidence ->> 'rule', '') = '{RuleName.STAFF_WITHOUT_POWER}'"
# A mail that came before with one of these fates has had its effect, while one in quarantine may still have it. A mail
# that waited for its confirmation, or that was restored, is decided again; what came as the same mail since is its twin
# only where it was applied.
_FATES: Final = "ANY(CASE WHEN :again THEN ARRAY['applied'] ELSE ARRAY['applied', 'not_applied', 'dropped'] END)"
# When a mail came to its server.
_CAME: Final = "coalesce({0}.internal_date, {0}.stored_at)"
_APART: Final = f"greatest({_CAME.format('l')} - own.came_at, own.came_at - {_CAME.format('l')})"
# The same arrival as this mail's: where only that tells a mail from another with the same words. In another mailbox it
# is one within minutes, unless a mail in this one came nearer to it, whose copy it is then. Where nothing tells
# when two came, they are one if they were stored within minutes.
_SAME_ARRIVAL: Final = f"""
CASE WHEN :received <> ''::bytea AND EXISTS (
    SELECT FROM mail.raw_chunk c
    WHERE c.ledger_id = l.id AND c.position = 0 AND position(:received IN substr(c.content, 1, {HEAD_BYTES})) > 0
) THEN true
WHEN :received = ''::bytea AND coalesce(own.internal_date, l.internal_date) IS NULL THEN {_APART} <= :elsewhere
-- Where it was archived or let go there are no bytes; two that came to one mailbox in one second, long ago, are one.
WHEN l.mailbox_id = own.mailbox_id THEN l.internal_date = own.internal_date AND (
    :received = ''::bytea OR NOT EXISTS (SELECT FROM mail.raw_chunk c WHERE c.ledger_id = l.id)
)
ELSE {_APART} <= :elsewhere AND NOT EXISTS (
    SELECT FROM mail.ledger here
    WHERE here.fingerprint = :fingerprint AND here.mailbox_id = own.mailbox_id AND here.id <> own.id
        AND greatest({_CAME.format("here")} - {_CAME.format("l")}, {_CAME.format("l")} - {_CAME.format("here")})
            <= {_APART}
) END
"""
# The earlier mails that are the same as this one. The date, Message-ID and words of a mail with a name are in no other.
_SAME_NAMED: Final = f"""
    SELECT * FROM mail.ledger l WHERE l.fingerprint = :fingerprint AND l.id <> :row AND l.fate = {_FATES}
"""
_SAME_NAMELESS: Final = f"""
    WITH own AS (
        SELECT id, mailbox_id, internal_date, {_CAME.format("l")} AS came_at FROM mail.ledger l WHERE id = :row
    ),
    nearest AS (
        SELECT l.* FROM mail.ledger l CROSS JOIN own
        WHERE l.fingerprint = :fingerprint AND l.id <> own.id AND l.fate = {_FATES}
        -- An alarm without a name may be in the ledger ten thousand times.
        ORDER BY {_APART} LIMIT {MOST_NAMELESS}
    )
    SELECT l.* FROM nearest l CROSS JOIN own WHERE {_SAME_ARRIVAL}
"""
# What the desk knows of a mail's sender, of the tickets that the mail names, and of the same mail before it.
_ASK: Final = f"""
WITH sender AS ({PERSON_BY_EMAIL}),
floods AS (
    -- By proof class. All spellings that usually reach one person count as one address.
    SELECT (
        -- One reading of the address's day: tickets and comments count within the hour. What is too large is not
        -- taken, so it fills nothing.
        SELECT jsonb_agg(jsonb_build_array(proof, tickets, size, writes_on, mails)) FROM (
            SELECT {proof_of("l")} AS proof, count(*) FILTER (WHERE {_OPENED}) AS tickets,
                sum(l.size) FILTER (WHERE l.sender = :email AND NOT l.partial AND l.imported_at IS NULL) AS size,
                CASE WHEN l.stored_at > :hour AND least(l.stored_at, l.internal_date) > :hour
                    AND l.imported_at IS NULL AND l.evidence ->> 'rule' IN ({_WRITES}) THEN l.ticket_number END
                    AS writes_on,
                count(*) AS mails
            FROM mail.ledger l
            -- What waited stands there already, as its sender's.
            WHERE l.correspondent = :correspondent AND l.stored_at > :day AND l.id <> :row GROUP BY 1, 4
        ) AS day
    ) AS by_address, (
        SELECT jsonb_object_agg(proof, tickets) FROM (
            SELECT proof, count(*) AS tickets FROM (
                SELECT {proof_of("l")} AS proof FROM mail.ledger l
                WHERE split_part(l.sender, '@', 2) = :domain AND {_OPENED} LIMIT {MOST}
            ) AS lately GROUP BY 1
        ) AS mails
    ) AS by_domain, (
        -- A question whether a mail is staff's is an effect, too.
        SELECT count(*) FROM (
            SELECT FROM mail.ledger l
            WHERE l.evidence ->> 'proof' = '{Proof.REFUTED}' AND l.stored_at > :hour
                AND least(l.stored_at, l.internal_date) > :hour AND l.imported_at IS NULL AND ({_IS_HELD}
                    OR (l.ticket_number IS NOT NULL AND l.evidence ->> 'rule' IN ('{RuleName.NEW_TICKET}', {_WRITES})))
            LIMIT {MOST}
        ) AS lately
    ) AS refuted
),
known AS (
    -- The mail's own Message-ID counts only where others referred to it: the mail is their parent and came late.
    SELECT hash, ticket_number, refers FROM mail.message_id m
    WHERE hash = ANY(CAST(:hashes AS bytea[])) AND (refers OR hash <> :late)
    -- Only so many tickets are read, so whoever claims a Message-ID for many of theirs must not come first. Each ticket
    -- is looked at alone, for some senders have thousands of them.
    ORDER BY refers, (
        SELECT t."createdById" FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
        WHERE n.number = m.ticket_number
    ) = (SELECT id FROM sender) IS TRUE DESC, (
        SELECT true FROM mail.participant p
        WHERE p.ticket_number = m.ticket_number AND p.person_number = (SELECT number FROM sender)
    ) IS TRUE DESC, known_at, ticket_number
),
same_words AS (<same words>),
copies AS (
    SELECT min(l.id) AS row, {proof_of("l")} AS proof, {_IS_HELD} AS held,
        l.fate = 'applied' AND {proof_of("l")} <> '{Proof.REFUTED}'
            AND l.evidence ->> 'unanswered' IS NULL AS had_effect
    -- A mark of the desk's own test that somebody has seen must not make the mail of another the same mail.
    FROM same_words l WHERE l.evidence ->> 'rule' IS DISTINCT FROM '{RuleName.ROUND_TRIP}' GROUP BY 2, 3, 4
),
alike AS (
    -- Of which a list or a gateway may have changed the edges.
    SELECT l.id AS row, {proof_of("l")} AS proof, {_IS_HELD} AS held
    FROM mail.message_id m JOIN mail.ledger l ON l.ticket_number = m.ticket_number
    WHERE m.hash = :own AND NOT m.refers AND l.message_id_hash = :own AND l.id <> :row AND l.fate = {_FATES}
        AND l.fingerprint <> :fingerprint AND l.size <= {LARGEST_ALIKE} AND NOT l.partial
    ORDER BY l.id LIMIT :alike
),
found AS (
    SELECT array_agg(hash) AS hashes, array_agg(ticket_number) AS tickets, array_agg(refers) AS named FROM known
)
SELECT sender.*, floods.by_address, floods.by_domain, floods.refuted AS refuted_in_all,
    found.hashes, found.tickets, found.named,
    (SELECT jsonb_agg(jsonb_build_array(row, proof, held, had_effect) ORDER BY row) FROM copies) AS copies,
    (SELECT jsonb_agg(jsonb_build_array(row, proof, held) ORDER BY row) FROM alike) AS lookalikes,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = sender.id AND t."assignedToId" IS NOT NULL
     ORDER BY t."createdAt" DESC LIMIT 1) AS last_agent,
    ARRAY(SELECT g.ticket_number FROM mail.guest g WHERE g.address = :email) AS guest_of,
    -- Who resets the schema `public` under running workers takes our triggers, and no statement fails without them.
    {ARE_TRIGGERS_THERE} AS watched
FROM floods CROSS JOIN found LEFT JOIN sender ON true
"""
# Two statements, for PostgreSQL makes all parts of one ready each time: what nameless mails need is a tenth of it.
_ASK_NAMED = Statement(_ASK.replace("<same words>", _SAME_NAMED))
_ASK_NAMELESS = Statement(_ASK.replace("<same words>", _SAME_NAMELESS))


@dataclass(frozen=True, slots=True)
class SenderHistory:
    """What the database knows of a mail and its sender from earlier mails.

    `sender` is the person of the mail's only author, `twin` the ledger id of the same mail that came before and had its
    effect; `lesser_twins` are copies that had less of it, the first of each kind. `lookalikes` are mails with the same
    Message-ID and other bytes. `last_agent` is the number of the
    agent of the sender's latest ticket, `floods` how much the sender sent lately by proof class. `known` are the
    numbers of the tickets that each Message-ID in the mail belongs to, `named` those of which a mail only referred to
    it, `tickets` all of these, the likeliest first. `guest_of` are the tickets to which the sender's address was added.
    """

    sender: Person | None
    twin: int | None
    lesser_twins: tuple[LesserTwin, ...]
    lookalikes: tuple[LesserTwin, ...]
    last_agent: int | None
    floods: dict[str, Flood]
    known: dict[str, tuple[int, ...]]
    named: dict[str, tuple[int, ...]]
    tickets: tuple[int, ...]
    guest_of: frozenset[int]

    @property
    def is_staff(self) -> bool:
        """True where the sender is staff."""
        return self.sender is not None and self.sender.is_staff


def read_history(session: Session, ledger_mail: LedgerMail, wanted: Wanted, now: datetime) -> SenderHistory:
    """The history of a mail and its sender; a mail without exactly one author has no sender.

    Raises Unwatched where a trigger of ours is missing in `public`: what is written there would be told to nobody.
    """
    by_hash = {id_hash(identifier): identifier for identifier in wanted.refers}
    values = _values(ledger_mail, wanted, now, by_hash)
    if is_named(wanted.message_id, wanted.date, ledger_mail.arrived_at):
        row = _ASK_NAMED.one(session, values)
    else:
        row = _ASK_NAMELESS.one(session, values | {"received": topmost_received(ledger_mail.raw)})
    if not row.watched:
        raise Unwatched
    known: dict[str, tuple[int, ...]] = {}
    named: dict[str, tuple[int, ...]] = {}
    for digest, ticket, only_named in zip(row.hashes or (), row.tickets or (), row.named or (), strict=True):
        identifier, numbers = by_hash.get(digest) or str(wanted.message_id), named if only_named else known
        numbers[identifier] = (*numbers.get(identifier, ()), ticket)
    # As `_ASK` has them, the first one first.
    copies = row.copies or ()
    return SenderHistory(
        sender=person_of(row) if row.number else None,
        twin=next((copy for copy, *_, had_effect in copies if had_effect), None),
        lesser_twins=tuple(LesserTwin(*copy) for *copy, had_effect in copies if not had_effect),
        lookalikes=tuple(LesserTwin(*one) for one in row.lookalikes or ()),
        last_agent=row.last_agent,
        floods={proof: _flood(row, proof) for proof in Proof},
        known=known,
        named=named,
        tickets=tuple(row.tickets or ()),
        guest_of=frozenset(row.guest_of),
    )


def _values(ledger_mail: LedgerMail, wanted: Wanted, now: datetime, referred: Collection[bytes]) -> dict[str, Any]:
    """The values of both statements, but for what a mail without a name shows; `referred` are the ids that it names."""
    author, own = wanted.author, id_hash(wanted.message_id) if wanted.message_id else b""
    return {
        "fingerprint": ledger_mail.fingerprint,
        "row": ledger_mail.row,
        "again": ledger_mail.confirmed or ledger_mail.restored,
        "elsewhere": ELSEWHERE,
        "alike": 0 if ledger_mail.partial else MOST_ALIKE,
        "own": own,
        "late": b"" if own in referred else own,
        "hashes": [*referred, own],
        "email": author.email if author else "",
        "correspondent": fold(author.email) if author else "",
        "domain": wanted.domain,
        "hour": now - HOUR,
        "day": now - DAY,
    }


def _flood(row: Row[*tuple[Any, ...]], proof: Proof) -> Flood:
    # As `_ASK` has them: tickets, bytes, and where a ticket was written on, its number and how many mails did it.
    day = [counts for of, *counts in row.by_address or () if of == proof]
    return Flood(
        of_address=sum(tickets for tickets, *_ in day),
        of_domain=(row.by_domain or {}).get(proof, 0),
        size=sum(size or 0 for _, size, *_ in day),
        on_tickets={ticket: mails for *_, ticket, mails in day if ticket is not None},
        in_all=row.refuted_in_all if proof is Proof.REFUTED else 0,
    )
