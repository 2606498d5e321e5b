"""All that the database knows about one received mail; the tickets that it may belong to are locked by reading them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from desk.facts import AnsweredNotice, Facts, KnownTicket, ListedMail, Lookalike, Oversize, Wanted
from desk.gate.caps import fold
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.tokens import Grant
from mail.mime.message_ids import id_hash
from mail.quoting.comparison import SentText
from models.db.statement import Statement
from models.intake.answered import read_answered_rows, read_named
from models.intake.bounces import read_failures
from models.intake.history import SenderHistory, read_history
from models.ledger.mails import LedgerMail
from models.ledger.proof import proof_of
from models.ledger.raw import raw_of
from models.ledger.rows import LedgerRow
from models.people.roster import candidates
from models.supportdesk.archived import archived_among
from models.tickets.merging import known_ends
from models.tickets.notes import Note, author_to_accept
from models.tickets.texts import with_merged_texts

# More tickets than this no honest mail names.
MOST_TICKETS = 10

# Takes the locks of a mail and of the mails that it names, in this order, and lets the transaction use the plans that
# are made already. Those of what follows are as good for one mail as for another, and making the largest anew for each
# mail took longer than all that it reads.
_LOCKS = Statement("""
SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
    (SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key)
""")
# For how long a held mail waits for the word of its sender (docs/security.md#what-a-mail-may-do).
QUESTION_LIVES = timedelta(hours=72)
# What is true of such a mail.
WAITS = (
    LedgerRow.fate == "not_applied",
    LedgerRow.confirmed_at.is_(None),
    LedgerRow.evidence["rule"].astext == RuleName.STAFF_WITHOUT_POWER,
)
# How often one address is told that a mail was too large.
ONCE_IN = timedelta(days=1)


def gather(
    session: Session, ledger_mail: LedgerMail, wanted: Wanted, staff: tuple[Candidate, ...] | None, now: datetime
) -> Facts:
    """Read what is wanted about a mail, and hold back the same mail and those that it names until this one is decided.

    `staff` is as routing sees them, and is read where it is None.
    """
    # Before the locks, after which this transaction makes no plan anew.
    staff = candidates(session, now) if staff is None else staff
    _lock_related_mails(session, ledger_mail, wanted)
    history = read_history(session, ledger_mail, wanted, now)
    grants, sent, granted = _read_grants(session, wanted)
    wanted = _as_believed(wanted, history, confirmed=bool(grants) or ledger_mail.confirmed)
    tickets, merged, archived, put_away = _read_tickets(session, wanted, history, granted)
    return Facts(
        now=now,
        mailbox=ledger_mail.mailbox,
        twin=history.twin,
        lesser_twins=history.lesser_twins,
        lookalikes=tuple(Lookalike(one, raw_of(session, one.row)) for one in history.lookalikes),
        sender=history.sender,
        guest_of=history.guest_of,
        grants=grants,
        sent=sent,
        known=history.known,
        named=history.named,
        tickets=tickets,
        merged=merged,
        candidates=staff,
        served_before=history.last_agent,
        oversize=_read_oversize(session, ledger_mail, wanted.sender, now) if ledger_mail.partial else None,
        answered=_read_answered(session, history, list(grants), (*granted, *merged.values()), now),
        confirmed=ledger_mail.confirmed,
        restored=ledger_mail.restored,
        waited=ledger_mail.waited,
        floods=history.floods,
        bounces=read_failures(session, list(grants), now) if wanted.bounced else (),
        archived=archived,
        put_away=put_away,
    )


def _lock_related_mails(session: Session, ledger_mail: LedgerMail, wanted: Wanted) -> None:
    """Let one mail that came twice, and mails that name one another, be decided one after the other.

    The queue keeps a reply behind its parent; a parent that was stored after its reply waits only here, so that it
    finds its reply's ticket. Everybody takes the locks in one order: that of the mail's bytes, then those of the
    Message-IDs by number.
    """
    identifiers = {*wanted.refers, *([wanted.message_id] if wanted.message_id else [])}
    keys = sorted(_lock_key(id_hash(identifier)) for identifier in identifiers)
    _LOCKS.write(session, {"keys": [_lock_key(ledger_mail.fingerprint), *keys]})


def _read_grants(
    session: Session, wanted: Wanted
) -> tuple[Mapping[int, Grant], Mapping[int, tuple[SentText, ...]], tuple[int, ...]]:
    """The rights and the texts of the mails of ours that a mail names, by outbox id, and the tickets of these rights.

    Of the tickets that of a row of a list comes first.
    """
    correspondent = fold(wanted.author.email) if wanted.author else ""
    grants, sent = read_named(session, wanted.outbox, correspondent) if wanted.outbox else ({}, {})
    rows = (wanted.rows.ticket_of(grant) for grant in grants.values() if wanted.rows)
    tickets = (*rows, *(grant.ticket for grant in grants.values()))
    return grants, sent, tuple(number for number in tickets if number)


def _as_believed(wanted: Wanted, history: SenderHistory, *, confirmed: bool) -> Wanted:
    """The same without the tickets of lines about many where a forged mail could name, and lock, half of the desk's.

    `confirmed` says that it answers one of our mails, or that its sender said that it is theirs.
    """
    return wanted if history.is_staff and confirmed else replace(wanted, many=())


def _read_tickets(
    session: Session, wanted: Wanted, history: SenderHistory, granted: Sequence[int]
) -> tuple[dict[int, KnownTicket], dict[int, int], tuple[int, ...], frozenset[int]]:
    """The tickets that the mail names, locked, and for each merged one the number of the ticket that it became.

    Also gives the numbers of those that are in the archive, apart from those that only lines about many tickets name.
    `granted` are those on which mails of ours let somebody write.
    """
    sender = history.sender
    # The strongest evidence comes first, for only so many are read.
    numbers = dict.fromkeys(
        (
            *granted,
            *(wanted.merges if sender is not None and sender.is_staff else ()),
            *history.tickets,
            *wanted.tickets,
        )
    )
    if not numbers and not wanted.many:
        return {}, {}, (), frozenset()
    first = list(numbers)[:MOST_TICKETS]
    named = list(dict.fromkeys((*first, *wanted.many)))
    known, merged = known_ends(session, named)
    # Nearly always all of them are there, and nothing is asked.
    gone = {merged.get(number, number) for number in named} - known.keys()
    archived = archived_among(session, gone)
    if sender is not None:
        known = with_merged_texts(session, known, merged, sender, wanted.reply)
    come_back = {merged.get(number, number) for number in first}
    own = tuple(number for number in archived if number in come_back)
    return known, merged, own, frozenset(archived).difference(own)


def _read_answered(
    session: Session, history: SenderHistory, ids: Sequence[int], ends: Sequence[int], now: datetime
) -> dict[int, AnsweredNotice]:
    """The mail and the note that caused each of these mails of ours, and the mails that they list, by outbox id."""
    answered: dict[int, AnsweredNotice] = {}
    if not ids:
        return answered
    for row, bare in read_answered_rows(session, ids, ends, staff=history.is_staff):
        listed = _read_listed(session, row.listed, row.cause, now, wait=bare.waits) if row.listed else ()
        note = session.get(Note, row.note_id) if row.note_id else None
        answered[row.id] = replace(bare, listed=listed)
        if note is not None and note.accepted_at is None:
            sender = author_to_accept(session, note)
            answered[row.id] = replace(bare, listed=listed, note=note.id, note_text=note.text, note_sender=sender)
    return answered


def _read_listed(
    session: Session, places: Sequence[Mapping[str, Any]], cause: int, now: datetime, *, wait: bool
) -> tuple[ListedMail, ...]:
    """The mails in the list of a question, as it was sent; `wait` is whether the mail that it asks about waits.

    The others wait for 72 hours since they were held, and not longer because a later question lists them too.
    """
    earlier = [place["row"] for place in places if place["row"] != cause]
    young = LedgerRow.decided_at > now - QUESTION_LIVES
    waiting = set(session.scalars(select(LedgerRow.id).where(LedgerRow.id.in_(earlier), young, *WAITS)))
    return tuple(
        ListedMail(
            row=place["row"],
            waits=wait if place["row"] == cause else place["row"] in waiting,
            shown=place["shown"],
            by_all=place["by_all"],
        )
        for place in places
    )


def _read_oversize(session: Session, ledger_mail: LedgerMail, sender: str, now: datetime) -> Oversize:
    # Two large mails of one sender may be decided at the same moment; only one of them is answered.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("too large " + sender, 0))))
    # Of mails that are too large, only those have a person whose sender was told.
    proof: ColumnElement[str] = literal_column(proof_of("ledger"))
    answered = select(proof).where(
        LedgerRow.sender == sender,
        LedgerRow.partial,
        LedgerRow.person_number.is_not(None),
        LedgerRow.decided_at > now - ONCE_IN,
    )
    return Oversize(ledger_mail.size, frozenset(session.scalars(answered.distinct())))


def _lock_key(digest: bytes) -> int:
    return int.from_bytes(digest[:8], signed=True)
