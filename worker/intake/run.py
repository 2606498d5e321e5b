"""Intake: undecided rows of the ledger, each read, decided and carried out in a transaction of its own."""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from desk.commands.command import Changes
from desk.facts import Facts, Policy
from desk.intake.assessment import CUT_BY_SENT, as_persons, questions, with_own_words
from desk.intake.decide import decide
from desk.intake.decision import Act, ActOnMany, Decision, OpenTicket, Personal, Wait
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.trust.threads import grants_to_spend
from desk.trust.web_forms import Form, resolve_author
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.db.claims import Claimed
from models.intake.facts import gather
from models.ledger.mails import LedgerMail, lock_mail
from models.ledger.rows import LEDGER, Fate, quarantine, settle
from models.ledger.waits import let_wait, put_off_for_word
from models.outbox.rows import spend
from worker.intake.archived import facts_with_archived
from worker.intake.carry_out import carry_out, row_columns
from worker.intake.old_mail import take_in_quietly
from worker.intake.on_ticket import MailTransaction
from worker.intake.welcome import welcome_writer
from worker.runtime import queue_run
from worker.runtime.limits import memory_limit, time_limit
from worker.runtime.logs import log_fate
from worker.runtime.queue_run import Run
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

BATCH = 10


@dataclass(slots=True)
class IntakeBatch:
    """A claimed batch, the operator's choices for it, and the staff among whom its tickets are shared out.

    `staff` is read with the first mail and kept true as its members get tickets; None: the next mail reads it anew.
    What other workers give them meanwhile is seen with the next claim.
    """

    services: Services
    claimed: Claimed
    staff: tuple[Candidate, ...] | None = None
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        self.policy = self.services.fresh_policy()


def receive_due(services: Services, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Decide what is undecided, in the ledger's order, for about so many seconds."""
    batches = queue_run.claim_batches(services.queue(LEDGER), BATCH)
    return queue_run.run_for(seconds, batches, lambda claimed: _receive(IntakeBatch(services, claimed)))


def _receive(job: IntakeBatch) -> int:
    for row in job.claimed.ids:
        if job.claimed.is_worn_out:
            seconds = job.services.limits.mail_seconds
            reason = f"It ended its process three times: it took longer than {seconds} s, or brought the process down."
            _give_up(job, row, reason)
            continue
        failed_last_try = queue_run.try_row(job.services.queue(LEDGER), job.claimed, row, partial(take_in, job, row))
        if failed_last_try:
            _give_up(job, row, "It raised an error three times.")
    return len(job.claimed.ids)


def take_in(job: IntakeBatch, row: int) -> None:
    """Read, decide and carry out one mail within its limits; nothing happens where the row is no longer ours.

    1. Lock the row by the claim's token.
    2. Parse its raw bytes, read what has to be known about it, decide.
    3. Carry the decision out and write the fate with its evidence; all of it commits together.
    """
    limits = job.services.limits
    # The memory limit ends before the transaction does, so that a roll-back has the room that it needs.
    with (
        time_limit(limits.mail_seconds),
        transaction(job.services.engine) as session,
        memory_limit(limits.mail_megabytes),
    ):
        ledger_mail = lock_mail(session, job.claimed, row)
        if ledger_mail is None or (ledger_mail.waited and put_off_for_word(session, row)):
            return
        decision: Decision | None = None
        if ledger_mail.imported:
            rule, _, fate = take_in_quietly(session, job.services, ledger_mail, job.staff)
        else:
            rule, decision, fate, candidates = _decide_and_carry_out(job, session, ledger_mail)
    if decision is not None:
        job.staff = _staff_after(decision, candidates, ledger_mail.now)
    log_fate(logger, f"Ledger row {row}", f"{fate.word} by {rule}", fate.ticket, ledger_id=row)


def _decide_and_carry_out(
    job: IntakeBatch, session: Session, ledger_mail: LedgerMail
) -> tuple[RuleName, Decision, Fate, tuple[Candidate, ...]]:
    row, policy = ledger_mail.row, job.policy
    parsed = parse(ledger_mail.raw)
    parsed = as_persons(parsed) if ledger_mail.restored else parsed
    mail, form = resolve_author(parsed, ledger_mail.mailbox, policy)
    facts = _read_facts(session, ledger_mail, mail, form, job)
    facts = welcome_writer(session, mail, facts, policy)
    as_parsed, mail = mail, with_own_words(mail, facts, policy)
    rule, decision = decide(mail, facts, policy, form)
    fate = carry_out(MailTransaction(session, row, mail, facts, job.services), decision)
    if spent := grants_to_spend(mail, facts, policy):
        spend(session, spent)
    words = {} if mail is as_parsed else {"words": CUT_BY_SENT}
    evidence = {"rule": rule, **decision.why, **words, **fate.evidence}
    fate = replace(fate, evidence=evidence, **row_columns(mail))
    if isinstance(decision, Wait):
        let_wait(session, row, fate, timedelta(minutes=policy.limits.answer_waits_minutes))
    else:
        settle(session, row, fate)
    return rule, decision, fate, facts.candidates


def _read_facts(
    session: Session, ledger_mail: LedgerMail, mail: InboundMail, form: Form | None, job: IntakeBatch
) -> Facts:
    policy, by_form = job.policy, form is not None and form.author is not None

    def ask() -> Facts:
        return replace(
            gather(session, ledger_mail, questions(mail, policy), job.staff, ledger_mail.now), by_form=by_form
        )

    def decision_on(facts: Facts) -> Decision:
        facts = welcome_writer(session, mail, facts, policy)
        return decide(with_own_words(mail, facts, policy), facts, policy, form)[1]

    facts = ask()
    return facts_with_archived(session, facts, ask, decision_on) if facts.archived else facts


def _staff_after(decision: Decision, staff: tuple[Candidate, ...], now: datetime) -> tuple[Candidate, ...] | None:
    """The staff with the ticket that a committed decision gave one of them; None where it changed more of them."""
    if isinstance(decision, OpenTicket):
        given = decision.owner.number
        counted = (
            replace(one, open_tickets=one.open_tickets + 1, last_assigned_at=now) if one.number == given else one
            for one in staff
        )
        return tuple(counted) or None
    if isinstance(decision, ActOnMany | Personal) or (isinstance(decision, Act) and decision.changes != Changes()):
        return None
    return staff


def _give_up(job: IntakeBatch, row: int, reason: str) -> None:
    with transaction(job.services.engine) as session:
        quarantine(session, row, reason)
    logger.error("Ledger row %s is in quarantine: %s", row, reason, extra={"ledger_id": row})
