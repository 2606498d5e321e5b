"""The only reads of intake: what the database knows about one mail, with the tickets it may belong to locked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.facts import Facts, KnownTicket, Oversize, Wanted
from desk.routing.route import Candidate
from desk.tokens import Grant
from mail.mime.message_ids import id_hash
from models.db.statement import Statement
from models.intake.answered import read_answered
from models.intake.bounces import read_failures
from models.intake.history import SenderHistory, read_history
from models.ledger.mails import LedgerMail
from models.ledger.rows import LedgerRow
from models.outbox.grants import read_grants
from models.people.roster import candidates
from models.tickets.merging import known_ends, with_merged_texts

# More tickets than this no honest mail names.
MOST_TICKETS = 10

# From here on the mail's transaction takes the plans that are made already: those of what follows are as good for one
# mail as for another, and making the largest anew for each took longer than all that it reads.
_LOCKS = Statement("""
SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
    (SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key)
""")
# How often one address is told that a mail was too large.
ONCE_IN = timedelta(days=1)


def gather(
    session: Session, ledger_mail: LedgerMail, wanted: Wanted, staff: tuple[Candidate, ...] | None, now: datetime
) -> Facts:
    """Read what is wanted about a mail; the same mail and its relatives wait here until this one is decided.

    `staff` is as routing sees them, and is read where it is None.
    """
    # Before the locks, after which this transaction makes no plan anew.
    staff = candidates(session, now) if staff is None else staff
    _await_others(session, ledger_mail, wanted)
    history = read_history(session, ledger_mail, wanted, now)
    grants = read_grants(session, wanted.outbox) if wanted.outbox else {}
    tickets, merged = _read_tickets(session, wanted, history, grants)
    return Facts(
        now=now,
        mailbox=ledger_mail.mailbox,
        twin=history.twin,
        sender=history.sender,
        grants=grants,
        known=history.known,
        tickets=tickets,
        merged=merged,
        candidates=staff,
        served_before=history.served,
        oversize=_read_oversize(session, ledger_mail, wanted.sender, now) if ledger_mail.partial else None,
        answered=read_answered(session, list(grants)) if grants else {},
        confirmed=ledger_mail.confirmed,
        flood=history.flood,
        bounces=read_failures(session, list(grants), now) if wanted.bounced else (),
    )


def _await_others(session: Session, ledger_mail: LedgerMail, wanted: Wanted) -> None:
    """Let one mail that came twice, and mails that name one another, be decided one after the other.

    The queue keeps a reply behind its parent; a parent that was stored after its reply waits only here, so that it
    finds its reply's ticket. The locks are taken in one order by everybody: the mail's own, then its relatives'.
    """
    identifiers = {*wanted.refers, *([wanted.message_id] if wanted.message_id else [])}
    keys = sorted(_key(id_hash(identifier)) for identifier in identifiers)
    _LOCKS.rows(session, {"keys": [_key(ledger_mail.fingerprint), *keys]})


def _read_tickets(
    session: Session, wanted: Wanted, history: SenderHistory, grants: Mapping[int, Grant]
) -> tuple[dict[int, KnownTicket], dict[int, int]]:
    """The tickets that the mail names, strongest evidence first, locked; and where each merged one of them ends."""
    sender = history.sender
    numbers = dict.fromkeys(
        (
            *(grant.ticket for grant in grants.values() if grant.ticket),
            *(wanted.merges if sender is not None and sender.is_staff else ()),
            *(number for found in history.known.values() for number in found),
            *wanted.tickets,
        )
    )
    if not numbers:
        return {}, {}
    known, merged = known_ends(session, list(numbers)[:MOST_TICKETS])
    return (known if sender is None else with_merged_texts(session, known, merged, sender, wanted.reply)), merged


def _read_oversize(session: Session, ledger_mail: LedgerMail, sender: str, now: datetime) -> Oversize:
    # Two large mails of one sender may be decided at the same moment; only one of them is answered.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("too large " + sender, 0))))
    # Of mails that are too large, only those have a person whose sender was told.
    told = select(LedgerRow.id).where(LedgerRow.sender == sender, LedgerRow.partial)
    told = told.where(LedgerRow.person_number.is_not(None), LedgerRow.decided_at > now - ONCE_IN)
    return Oversize(ledger_mail.size, sender_told=session.scalar(told.limit(1)) is not None)


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:8], signed=True)
