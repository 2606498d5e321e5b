"""Mails of staff that wait for a word: answers beside a colleague's, what their authors wish, and confirmed mails."""

from datetime import timedelta

from desk.commands.waiting import Ended, Word, answer_wish
from desk.intake.decision import EndWait, Release, Wait
from mail.inbound.parse import parse
from models.events.rows import add_answer_waits, add_command_answer
from models.ledger.mails import release
from models.ledger.rows import Fate
from models.ledger.waits import drop_waiting, end_wait
from worker.intake.on_ticket import APPLIED, NOT_APPLIED, MailTransaction

WAITS = "waits"


def carry_out_wait(transaction: MailTransaction, decision: Wait | EndWait | Release) -> Fate:
    """Let a mail wait for a word of its author, or do what a word asks for with one that waits."""
    match decision:
        case Wait():
            return _ask_author(transaction, decision)
        case EndWait():
            return _end_as_wished(transaction, decision)
        case Release():
            release(transaction.session, decision.rows)
            return Fate(APPLIED, decision.reason, person=decision.person.number)


def _ask_author(transaction: MailTransaction, decision: Wait) -> Fate:
    """Record that the author is told; the fate is for the row while it waits, and its word is not kept."""
    minutes, person = transaction.services.policy.limits.answer_waits_minutes, decision.person.number
    until = transaction.now + timedelta(minutes=minutes)
    add_answer_waits(transaction.session, decision.ticket, person, until, decision.comments, transaction.row)
    reason = f"{decision.reason} Without one it is decided again on {until:%Y-%m-%d at %H:%M:%S} UTC."
    return Fate(WAITS, reason, ticket=decision.ticket, person=person)


def _end_as_wished(transaction: MailTransaction, decision: EndWait) -> Fate:
    """Send an answer that waits, or drop it, and tell its author; nothing where it does not wait any longer."""
    session, wish, number = transaction.session, decision.wish, decision.person.number
    ended, dropped = Ended.TOO_LATE, ""
    if wish.word is Word.SEND and end_wait(session, decision.row):
        ended = Ended.SENT
    elif wish.word is Word.DROP:
        reason = f"Its author dropped it: {wish.word} in the mail of ledger row {transaction.row}."
        raw = drop_waiting(session, decision.row, reason)
        ended, dropped = (Ended.DROPPED, parse(raw).reply) if raw is not None else (ended, dropped)
    add_command_answer(session, decision.ticket, number, (answer_wish(wish, ended, dropped),), transaction.row)
    word = NOT_APPLIED if ended is Ended.TOO_LATE else APPLIED
    return Fate(word, f"{decision.reason} {ended.value}", ticket=decision.ticket, person=number)
