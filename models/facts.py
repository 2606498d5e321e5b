"""The only reads of intake: what the database knows about one mail, with the tickets it may belong to locked."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from desk.facts import Facts, Oversize
from desk.threads import addresses_claims, message_id_claims, subject_tags
from desk.tokens import Grant, Kind
from mail.identity import id_hash
from mail.message import InboundMail
from models.conversation import KnownMessageId
from models.ledger import LedgerRow
from models.outbox import OutboxRow
from models.people import candidates, find_person, served_before
from models.tickets import known_tickets

# More than this no honest mail names; a forged one shall not lock half the desk.
MOST_IDS = 50
MOST_TICKETS = 10

# A mail that ended so has had its effect; one in quarantine may still have it.
FINISHED = ("applied", "not_applied", "dropped")
# How often one address is told that a mail was too large.
ONCE_IN = timedelta(days=1)


def gather(
    session: Session, row: int, mail: InboundMail, own_addresses: frozenset[str], mailbox: str, now: datetime
) -> Facts:
    """Read what the rules of intake look at; the same mail and its relatives wait here until this one is decided."""
    twin = _twin(session, row)
    _await_relatives(session, mail)
    sender = find_person(session, mail.senders[0].email) if len(mail.senders) == 1 else None
    claims = (*addresses_claims(mail, own_addresses), *message_id_claims(mail))
    grants = _grants(session, [claim.id for claim in claims[:MOST_IDS]])
    known = _known(session, mail)
    named = [grant.ticket for grant in grants.values() if grant.ticket]
    numbers = [*named, *(number for found in known.values() for number in found), *subject_tags(mail.subject)]
    return Facts(
        now=now,
        mailbox=mailbox,
        twin=twin,
        sender=sender,
        grants=grants,
        known=known,
        tickets=known_tickets(session, list(dict.fromkeys(numbers))[:MOST_TICKETS]),
        candidates=candidates(session),
        served_before=served_before(session, sender.number) if sender else None,
        oversize=_oversize(session, row, mail, now),
    )


def _oversize(session: Session, row: int, mail: InboundMail, now: datetime) -> Oversize | None:
    size = session.scalar(select(LedgerRow.size).where(LedgerRow.id == row, LedgerRow.partial))
    if size is None:
        return None
    sender = mail.senders[0].email if mail.senders else ""
    # Two large mails of one sender may be decided at the same moment; only one of them is answered.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("too large " + sender, 0))))
    # Of mails that are too large, only those have a person whose sender was told.
    told = select(LedgerRow.id).where(LedgerRow.sender == sender, LedgerRow.partial)
    told = told.where(LedgerRow.person_number.is_not(None), LedgerRow.decided_at > now - ONCE_IN)
    return Oversize(size, told=session.scalar(told.limit(1)) is not None)


def _twin(session: Session, row: int) -> int | None:
    fingerprint = session.scalars(select(LedgerRow.fingerprint).where(LedgerRow.id == row)).one()
    # Two rows of one mail may be decided at the same moment; the lock puts one after the other.
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(fingerprint[:8], signed=True))))
    statement = select(func.min(LedgerRow.id)).where(
        LedgerRow.fingerprint == fingerprint, LedgerRow.id != row, LedgerRow.fate.in_(FINISHED)
    )
    return session.scalar(statement)


def _await_relatives(session: Session, mail: InboundMail) -> None:
    """Let mails that name one another be decided one after the other, so that a late parent finds its reply's ticket.

    The queue keeps a reply behind its parent; a parent that was stored after its reply waits only here. The locks are
    taken in one order by everybody, and after that of the mail itself.
    """
    identifiers = {*mail.refers[:MOST_IDS], *([mail.message_id] if mail.message_id else [])}
    keys = sorted(int.from_bytes(id_hash(identifier)[:8], signed=True) for identifier in identifiers)
    if keys:
        locks = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
        session.execute(locks, {"keys": keys})


def _lock_thread(session: Session, mail: InboundMail) -> None:
    # A reply that was stored before its parent is not kept back by its claim. Decided at the same moment, each would
    # find no ticket of the other's and open one. Locks taken in one order wait for each other in no circle.
    identifiers = {*mail.refers[:MOST_IDS], *filter(None, [mail.message_id])}
    keys = sorted(int.from_bytes(id_hash(identifier)[:8], signed=True) for identifier in identifiers)
    locks = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
    session.execute(locks, {"keys": keys})


def _grants(session: Session, ids: list[int]) -> dict[int, Grant]:
    if not ids:
        return {}
    rows = session.execute(select(OutboxRow).where(OutboxRow.id.in_(ids))).scalars()
    return {row.id: grant_of(row) for row in rows}


def grant_of(row: OutboxRow) -> Grant:
    """What an outbox row gave its recipient."""
    return Grant(
        id=row.id,
        kind=Kind(row.kind),
        mailbox=row.mailbox,
        ticket=row.ticket_number,
        person=row.person_number,
        address=row.recipient,
        role=row.role,
        expires_at=int(row.token_expires_at.timestamp()),
    )


def _known(session: Session, mail: InboundMail) -> dict[str, tuple[int, ...]]:
    by_hash = {id_hash(identifier): identifier for identifier in mail.refers[:MOST_IDS]}
    own = id_hash(mail.message_id) if mail.message_id else b""
    # A mail's own Message-ID counts only where others referred to it: this is their parent, come late.
    referred_to = and_(KnownMessageId.hash == own, KnownMessageId.refers)
    statement = select(KnownMessageId).where(or_(KnownMessageId.hash.in_(by_hash), referred_to))
    found: dict[str, tuple[int, ...]] = {}
    for row in session.scalars(statement.order_by(KnownMessageId.ticket_number)):
        identifier = by_hash.get(row.hash) or str(mail.message_id)
        found[identifier] = (*found.get(identifier, ()), row.ticket_number)
    return found
