"""Delivering: due mails of the outbox go to the SMTP server; nothing else sends mail."""

import logging
import time
from dataclasses import dataclass
from functools import partial

from desk.gate import verdict as gate
from desk.gate.verdict import Verdict
from mail.bounce.failure import Failure, failure_of_reply
from mail.bounce.sender import is_about_sender
from mail.failures import PermanentFailure, TemporaryFailure
from mail.smtp import Connection, Deferred, Refused, SmtpServer, open_smtp
from models.db.claims import Claimed
from models.outbox.delivery import lock_mail
from models.outbox.rows import FAILED, OUTBOX, SENT, count_attempt, defer, settle_claimed, settle_outbox
from worker.deliver.compose import ReadyMail, ready_mail
from worker.deliver.content_refused import send_without_words
from worker.deliver.objection import carry_out_objection
from worker.deliver.sender_refused import let_wait
from worker.deliver.servers import by_server, let_others_go
from worker.deliver.undelivered import note_failure, suppress_unknown
from worker.runtime import queue_run
from worker.runtime.queue_run import Run, Trouble
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction
from worker.settings.model import STEPS_OF_ONE_MAIL

logger = logging.getLogger(__name__)

BATCH = 10
BROKEN = "It could not be put together; see its error."


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """A claimed batch, the connection that it goes out on, and when the claim ends (monotonic)."""

    services: Services
    claimed: Claimed
    connection: Connection
    ends_at: float

    @property
    def left(self) -> float:
        """How many seconds of the claim are left."""
        return self.ends_at - time.monotonic()


def deliver_due(services: Services, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Send what is due, for about so many seconds."""
    batches = queue_run.claim_batches(services.queue(OUTBOX), BATCH)
    down: dict[SmtpServer, str] = {}
    return queue_run.run_for(seconds, batches, lambda claimed: _deliver_batch(services, claimed, down))


def _deliver_batch(services: Services, claimed: Claimed, down: dict[SmtpServer, str]) -> int:
    """Deliver a batch, for each server its part; `down` are those that this run could not reach, with the reason."""
    # Connecting and logging in take their time out of the claim, too.
    ends_at, done = time.monotonic() + services.limits.delivery_lease_seconds, 0
    for server, part in by_server(services, claimed):
        if server in down:
            let_others_go(services, part, down[server])
            continue
        try:
            with open_smtp(server, services.domain) as connection:
                done += _deliver_all(DeliveryBatch(services, part, connection, ends_at))
        except (TemporaryFailure, PermanentFailure) as failure:
            # The server cannot be reached, or does not let us in: that is nothing the mails have done.
            if not any(box.smtp for box in services.settings.mailbox):
                queue_run.give_back(services.queue(OUTBOX), claimed)
                raise Trouble(str(failure)) from failure
            down[server] = str(failure)
            let_others_go(services, part, down[server])
        except Trouble:
            # The parts that have not begun are given back too.
            queue_run.give_back(services.queue(OUTBOX), claimed)
            raise
    return done


def _deliver_all(job: DeliveryBatch) -> int:
    queue, done = job.services.queue(OUTBOX), 0
    for row in job.claimed.ids:
        # A mail is not begun when less is left than all of its steps may take.
        if job.left < STEPS_OF_ONE_MAIL * job.services.limits.step_seconds:
            queue_run.give_back(queue, job.claimed)
            break
        done += 1
        if job.claimed.is_worn_out:
            _fail(job, row, "Sending it ended its process three times.")
            continue
        failed_last_try = queue_run.try_row(queue, job.claimed, row, partial(attempt, job, row))
        if failed_last_try:
            with transaction(job.services.engine) as session:
                settle_outbox(session, row, FAILED, BROKEN)
                note_failure(session, row, BROKEN)
    return done


def attempt(job: DeliveryBatch, row: int) -> None:
    """Make one attempt to send a mail.

    1. Record the attempt and when the next would be, and ask the gate again, before the server is spoken to.
    2. Hand the mail over, with no transaction open.
    3. Write what the server said: sent, back-off, or failed for good. Where it refuses us and not the mail, that waits.
    """
    mail = prepare(job.services, job.claimed, row)
    if mail is None:
        return
    try:
        # Composing the mail took time, too, and after the claim's end another worker may send it.
        sent = job.connection.send(mail.sender, mail.recipient, mail.message, job.left)
    except TemporaryFailure as failure:
        _back_off(job, row, mail, failure)
    except PermanentFailure as failure:
        if _refuses_us(failure):
            _wait(job, row, failure)
        elif _refuses_content(failure) and send_without_words(job.services.engine, job.claimed, row, str(failure)):
            logger.info("Outbox row %s was refused for its content and goes without the words of others", row)
        else:
            _fail(job, row, str(failure), unknown=_is_unknown(failure))
    else:
        with autocommit(job.services.engine) as session:
            ours = settle_claimed(session, job.claimed, row, SENT, f"{sent.code} {sent.reply}")
        _log_fate(row, SENT, ours=ours)


def prepare(services: Services, claimed: Claimed, row: int) -> ReadyMail | None:
    """Record an attempt and ask the gate again; None where the row is no longer ours, or where the gate objected."""
    with transaction(services.engine) as session:
        locked = lock_mail(session, claimed, row, services.policy.own_addresses)
        if locked is None:
            return None
        mail, facts = locked
        verdict: Verdict = gate.verdict(facts)
        if not isinstance(verdict, gate.Send):
            carry_out_objection(session, mail, verdict)
            return None
        ready = ready_mail(session, services, mail)
        count_attempt(session, row, ready.next_attempt or mail.now)
        return ready


def _back_off(job: DeliveryBatch, row: int, mail: ReadyMail, failure: TemporaryFailure) -> None:
    if mail.next_attempt is None and _refuses_us(failure):
        _wait(job, row, failure)
    elif mail.next_attempt is None:
        _fail(job, row, f"It was tried for five days; the last answer was: {failure}")
    else:
        with autocommit(job.services.engine) as session:
            defer(session, job.claimed, row, str(failure))
        # What the server said names the recipient, and logs name nobody
        # (docs/security.md#who-asks-to-be-forgotten).
        logger.info("Outbox row %s waits until %s; its error says why", row, mail.next_attempt)
    if not isinstance(failure, Deferred):
        # The connection is gone, so the batch goes on with a new one later.
        raise Trouble(f"The connection broke at outbox row {row}; its error says how") from failure


def _wait(job: DeliveryBatch, row: int, failure: Exception) -> None:
    if let_wait(job.services.engine, job.claimed, row, failure):
        logger.info("Outbox row %s waits, for the server refuses us; its error says why", row)
    else:
        logger.error("Outbox row %s was taken by another worker while it was being sent", row)


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


def _fail(job: DeliveryBatch, row: int, reason: str, *, unknown: bool = False) -> None:
    with transaction(job.services.engine) as session:
        ours = settle_claimed(session, job.claimed, row, FAILED, reason)
        if ours:
            note_failure(session, row, reason)
        if ours and unknown:
            suppress_unknown(session, row, reason)
    _log_fate(row, FAILED, ours=ours)


def _log_fate(row: int, fate: str, *, ours: bool) -> None:
    if ours:
        logger.info("Outbox row %s: %s", row, fate, extra={"outbox_id": row})
    else:
        logger.error("Outbox row %s was taken by another worker while it was being sent", row)
