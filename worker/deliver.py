"""Delivering: due mails of the outbox go to the SMTP server; the only room that sends."""

import logging
import time
from dataclasses import dataclass

from desk import gate
from desk.gate import Verdict
from desk.notices import BY_TEMPLATE
from mail.failures import PermanentFailure, TemporaryFailure
from mail.refusals import Refusal, classify
from mail.smtp import Connection, Deferred, Refused, open_smtp
from models.claims import Claimed, lock
from models.outbox import FAILED, OUTBOX, SENT, OutboxRow, cause_of, count_attempt, defer, settle_outbox
from models.sendings import Mailing, read_sendings
from worker import queue_run
from worker.clock import now
from worker.failed_mail import note_failure, suppress_unknown
from worker.objecting import carry_out_objection
from worker.office import Office, smtp_server
from worker.packing import Packed, packed
from worker.queue_run import Run, Trouble
from worker.settings_sections import STEPS_OF_ONE_MAIL
from worker.transaction import transaction

logger = logging.getLogger(__name__)

BATCH = 10
BROKEN = "It could not be put together; see its error."


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed batch, the connection that it goes out on, and when the claim ends (monotonic)."""

    office: Office
    claimed: Claimed
    connection: Connection
    ends_at: float

    @property
    def left(self) -> float:
        """How many seconds of the claim are left."""
        return self.ends_at - time.monotonic()


def deliver_due(office: Office, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Send what is due, for about so many seconds."""
    batches = queue_run.claims(office.post(OUTBOX), BATCH)
    return queue_run.in_time(batches, lambda claimed: _deliver_batch(office, claimed), seconds)


def _deliver_batch(office: Office, claimed: Claimed) -> int:
    # Connecting and logging in take their time out of the claim, too.
    ends_at = time.monotonic() + office.limits.delivery_lease_seconds
    try:
        with open_smtp(smtp_server(office.settings), office.domain) as connection:
            return _deliver_all(Job(office, claimed, connection, ends_at))
    except (TemporaryFailure, PermanentFailure) as failure:
        # The server cannot be reached, or does not let us in: that is nothing the mails have done.
        queue_run.give_back(office.post(OUTBOX), claimed)
        raise Trouble(str(failure)) from failure


def _deliver_all(job: Job) -> int:
    done = 0
    for row in job.claimed.ids:
        # A mail is not begun when less is left than all of its steps may take.
        if job.left < STEPS_OF_ONE_MAIL * job.office.limits.step_seconds:
            break
        _deliver(job, row)
        done += 1
    queue_run.give_back(job.office.post(OUTBOX), job.claimed)
    return done


def _deliver(job: Job, row: int) -> None:
    if job.claimed.is_worn_out:
        _settle(job, row, FAILED, "Sending it ended its process three times.")
        return
    tries = queue_run.guarded(job.office.post(OUTBOX), job.claimed, row, lambda: attempt(job, row))
    if tries is not None and queue_run.is_worn_out(tries):
        with transaction(job.office.engine) as session:
            settle_outbox(session, row, FAILED, BROKEN)
            note_failure(session, row, BROKEN)


def attempt(job: Job, row: int) -> None:
    """Make one attempt to send a mail.

    1. Record the attempt and when the next would be, and ask the gate again, before the server is spoken to.
    2. Hand the mail over, with no transaction open.
    3. Write what the server said: sent, back-off, or failed for good.
    """
    mail = _prepare(job, row)
    if mail is None:
        return
    try:
        # Composing the mail took time, too, and after the claim's end another worker may send it.
        sent = job.connection.send(mail.sender, mail.recipient, mail.message, job.left)
    except TemporaryFailure as failure:
        _back_off(job, row, mail, failure)
    except PermanentFailure as failure:
        _settle(job, row, FAILED, str(failure), unknown=_is_unknown(failure))
    else:
        _settle(job, row, SENT, f"{sent.code} {sent.reply}")


def _prepare(job: Job, row: int) -> Packed | None:
    with transaction(job.office.engine) as session:
        if not lock(session, OUTBOX, job.claimed, row):
            return None
        mail = session.get_one(OutboxRow, row)
        letter, cause = BY_TEMPLATE[mail.template], cause_of(session, mail)
        mailing = Mailing(letter, mail.recipient, mail.person_number, cause, row)
        verdict: Verdict = gate.verdict(read_sendings(session, [mailing], job.office.policy.own_addresses, now())[0])
        if not isinstance(verdict, gate.Send):
            carry_out_objection(session, mail, verdict)
            return None
        ready = packed(session, job.office, mail)
        count_attempt(session, row, ready.next_attempt or now())
        return ready


def _back_off(job: Job, row: int, mail: Packed, failure: TemporaryFailure) -> None:
    if mail.next_attempt is None:
        _settle(job, row, FAILED, f"It was tried for five days; the last answer was: {failure}")
    else:
        with transaction(job.office.engine) as session:
            defer(session, row, str(failure))
        logger.info("Outbox row %s waits until %s: %s", row, mail.next_attempt, failure)
    if not isinstance(failure, Deferred):
        # The connection is gone, so the batch goes on with a new one later.
        raise failure


def _is_unknown(failure: PermanentFailure) -> bool:
    """Whether the server says that there is no such recipient; what it says of us, or of the mail, is another thing."""
    if not (isinstance(failure, Refused) and failure.at_recipient):
        return False
    return classify(failure.code, failure.reply) is Refusal.NO_SUCH_ADDRESS


def _settle(job: Job, row: int, fate: str, reason: str, *, unknown: bool = False) -> None:
    with transaction(job.office.engine) as session:
        if not lock(session, OUTBOX, job.claimed, row):
            logger.error("Outbox row %s was taken by another worker while it was being sent", row)
            return
        settle_outbox(session, row, fate, reason)
        if fate == FAILED:
            note_failure(session, row, reason)
        if unknown:
            suppress_unknown(session, row, reason)
    logger.info("Outbox row %s: %s", row, fate, extra={"outbox_id": row})
