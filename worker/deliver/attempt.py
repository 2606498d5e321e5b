"""One attempt to send a mail: recorded before the server is spoken to, with the gate asked again; then its outcome.

1. `begin` asks the gate, and records the attempt and when the next would be: one transaction for mails that begin
   together.
2. The mail is handed over, by another thread and with no transaction open (worker/deliver/lines.py).
3. `record` writes what the server said: sent, back-off, or failed for good. Where it refuses us and not the mail, that
   waits.
"""

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from desk.gate import verdict as gate
from desk.gate.verdict import Verdict
from mail.bounce.failure import Failure, failure_of_reply
from mail.bounce.sender import is_about_sender
from mail.failures import PermanentFailure, TemporaryFailure
from mail.smtp.connection import Deferred, Refused, Sent
from models.db.claims import Claimed
from models.outbox.delivery import lock_mail, lock_mails
from models.outbox.rows import (
    FAILED,
    HELD,
    OUTBOX,
    SENT,
    Attempt,
    count_attempts,
    defer,
    settle_claimed,
    settle_outbox,
    settle_sent,
)
from worker.deliver.compose import ReadyMail, ready_mail
from worker.deliver.content_refused import send_without_words
from worker.deliver.lines import BegunMail, Carried, DueRow
from worker.deliver.objection import carry_out_objection
from worker.deliver.sender_refused import let_wait
from worker.deliver.undelivered import note_failure, suppress_unknown
from worker.runtime import queue_run
from worker.runtime.logs import log_fate
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction

logger = logging.getLogger(__name__)

BROKEN = "It could not be put together; see its error."
WORN_OUT = "Sending it ended its process three times."


def begin(services: Services, rows: Sequence[DueRow]) -> list[BegunMail]:
    """Record an attempt of each of these mails, without those that are no longer ours or that the gate objects to.

    Raises Trouble where the infrastructure failed.
    """
    letters: list[BegunMail] = []
    rest = rows
    if len(rows) > 1 and not any(waiting.claimed.is_worn_out for waiting in rows):
        letters, rest = _begin_together(services, rows)
    for waiting in rest:
        letters += _begin_alone(services, waiting)
    return letters


def _begin_together(services: Services, rows: Sequence[DueRow]) -> tuple[list[BegunMail], Sequence[DueRow]]:
    """Record attempts in one transaction; which of the mails are still to be begun, each in a transaction of its own.

    Those are the first that the gate objects to, which changes what it says of the others, and what comes after it;
    and all of them, where one raised.
    """
    letters: list[BegunMail] = []
    attempts: list[Attempt] = []
    rest: Sequence[DueRow] = ()
    try:
        with transaction(services.engine) as session:
            asked, policy = [(waiting.claimed, waiting.row) for waiting in rows], services.policy
            for place, locked in enumerate(lock_mails(session, asked, policy.own_addresses, policy.limits)):
                if locked is None:
                    continue
                mail, facts = locked
                if not isinstance(gate.verdict(facts, services.policy.deliver), gate.Send):
                    rest = rows[place:]
                    break
                ready = ready_mail(session, services, mail)
                letters.append(BegunMail(rows[place], ready))
                attempts.append(Attempt(mail.id, ready.next_attempt or mail.now, rows[place].was_counted))
            count_attempts(session, attempts)
    except Exception:
        # Nothing of it is in the database. Which mail it was shows when each is alone.
        logger.info("Mails that could not begin together are begun one by one", exc_info=True)
        return [], rows
    return letters, rest


def _begin_alone(services: Services, waiting: DueRow) -> list[BegunMail]:
    queue, row, ready = services.queue(OUTBOX), waiting.row, list[ReadyMail]()
    if waiting.claimed.is_worn_out:
        _fail(services, waiting, WORN_OUT)
        return []

    def work() -> None:
        if (mail := prepare(services, waiting.claimed, row, was_counted=waiting.was_counted)) is not None:
            ready.append(mail)

    if queue_run.try_row(queue, waiting.claimed, row, work):
        _give_up(services, row)
    return [BegunMail(waiting, mail) for mail in ready]


def prepare(services: Services, claimed: Claimed, row: int, *, was_counted: bool = False) -> ReadyMail | None:
    """Record an attempt and ask the gate again; None where the row is no longer ours, or where the gate objected."""
    with transaction(services.engine) as session:
        locked = lock_mail(session, claimed, row, services.policy.own_addresses, services.policy.limits)
        if locked is None:
            return None
        mail, facts = locked
        verdict: Verdict = gate.verdict(facts, services.policy.deliver)
        if isinstance(verdict, gate.Send):
            ready = ready_mail(session, services, mail)
            count_attempts(session, [Attempt(row, ready.next_attempt or mail.now, was_counted)])
            return ready
        carry_out_objection(session, mail, verdict)
    if not isinstance(verdict, gate.Defer):
        log_fate(logger, f"Outbox row {row}", HELD, mail.grant.ticket, outbox_id=row)
    return None


def record(services: Services, carried: Sequence[Carried]) -> None:
    """Write what became of mails: those that were taken in one statement, and each of the others for itself.

    Raises Trouble where the infrastructure failed.
    """
    for one in _without_sent(services, carried):
        waiting = one.letter.waiting
        work = partial(_record, services, one.letter, one.answer)
        if queue_run.try_row(services.queue(OUTBOX), waiting.claimed, waiting.row, work):
            _give_up(services, waiting.row)


def _without_sent(services: Services, carried: Sequence[Carried]) -> Sequence[Carried]:
    """Write that mails were taken; what is still to be written, which is all of it where that could not be done."""
    taken = [
        (one.letter.waiting, f"{one.answer.code} {one.answer.reply}") for one in carried if isinstance(one.answer, Sent)
    ]
    if not taken:
        return carried
    try:
        with autocommit(services.engine) as session:
            ours = settle_sent(session, [(waiting.claimed, waiting.row, reply) for waiting, reply in taken])
    except SQLAlchemyError:
        # It may be that of one mail alone, and each that is not written goes out a second time.
        return carried
    for waiting, _ in taken:
        _log_fate(waiting, SENT, ours=waiting.row in ours)
    return [one for one in carried if not isinstance(one.answer, Sent)]


def _record(services: Services, letter: BegunMail, answer: Sent | Exception) -> None:
    waiting = letter.waiting
    if isinstance(answer, Sent):
        with autocommit(services.engine) as session:
            ours = settle_claimed(session, waiting.claimed, waiting.row, SENT, f"{answer.code} {answer.reply}")
        _log_fate(waiting, SENT, ours=ours)
    elif isinstance(answer, TemporaryFailure):
        _back_off(services, letter, answer)
    elif not isinstance(answer, PermanentFailure):
        raise answer
    elif _refuses_us(answer):
        _wait(services, waiting, answer)
    elif _refuses_content(answer) and send_without_words(services.engine, waiting.claimed, waiting.row, str(answer)):
        logger.info("Outbox row %s was refused for its content and goes without the words of others", waiting.row)
    else:
        _fail(services, waiting, str(answer), unknown=_is_unknown(answer))


def _back_off(services: Services, letter: BegunMail, failure: TemporaryFailure) -> None:
    waiting, when = letter.waiting, letter.mail.next_attempt
    if when is None and _refuses_us(failure):
        _wait(services, waiting, failure)
    elif when is None:
        _fail(services, waiting, f"It was tried for five days; the last answer was: {failure}")
    else:
        with autocommit(services.engine) as session:
            defer(session, waiting.claimed, waiting.row, str(failure))
        # What the server said names the recipient, and logs name nobody
        # (docs/security.md#who-asks-to-be-forgotten).
        logger.info("Outbox row %s waits until %s; its error says why", waiting.row, when)


def _wait(services: Services, waiting: DueRow, failure: Exception) -> None:
    if let_wait(services.engine, waiting.claimed, waiting.row, failure):
        logger.info("Outbox row %s waits, for the server refuses us; its error says why", waiting.row)
    else:
        logger.error("Outbox row %s was taken by another worker while it was being sent", waiting.row)


def _refuses_us(failure: Exception) -> bool:
    """True where the server's reply speaks of us: of our address, account, limits or rights."""
    if not isinstance(failure, (Deferred, Refused)):
        return False
    return is_about_sender(failure.code, failure.reply, at_sender=failure.at_sender)


def _refuses_content(failure: PermanentFailure) -> bool:
    """True where the server refused what the mail holds, or its size, and neither us nor the recipient."""
    if not isinstance(failure, Refused) or failure.at_recipient:
        return False
    return failure_of_reply(failure.code, failure.reply) is not Failure.ADDRESS


def _is_unknown(failure: PermanentFailure) -> bool:
    """True where the server has no such recipient; a refusal of us, or of the mail's content, says nothing of that."""
    if not (isinstance(failure, Refused) and failure.at_recipient):
        return False
    return failure_of_reply(failure.code, failure.reply) is Failure.ADDRESS


def _give_up(services: Services, row: int) -> None:
    with transaction(services.engine) as session:
        settle_outbox(session, row, FAILED, BROKEN)
        note_failure(session, row, BROKEN)


def _fail(services: Services, waiting: DueRow, reason: str, *, unknown: bool = False) -> None:
    row = waiting.row
    with transaction(services.engine) as session:
        ours = settle_claimed(session, waiting.claimed, row, FAILED, reason)
        if ours:
            note_failure(session, row, reason)
        if ours and unknown:
            suppress_unknown(session, row, reason, services.policy.limits)
    _log_fate(waiting, FAILED, ours=ours)


def _log_fate(waiting: DueRow, fate: str, *, ours: bool) -> None:
    if ours:
        log_fate(logger, f"Outbox row {waiting.row}", fate, waiting.ticket, outbox_id=waiting.row)
    else:
        logger.error("Outbox row %s was taken by another worker while it was being sent", waiting.row)
