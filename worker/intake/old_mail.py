"""Old mail that was brought along from files: decided by the same rules, at its own time, and told to nobody.

So is whatever decides such a row again later.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from desk.facts import Facts, Imported, Policy
from desk.intake.assessment import as_persons, questions
from desk.intake.decide import as_it_was, decide, wanted_of_import
from desk.intake.decision import Act, Decision, OpenTicket
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.ticket import STAFF_ROLES, THE_DESK, Person, Role
from desk.tokens import is_ours
from desk.trust.web_forms import Form, resolve_author
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.events.triggers import mark
from models.intake.facts import gather
from models.intake.imports import close_imported, end_later, give_imported
from models.ledger.mails import LedgerMail
from models.ledger.rows import Fate, settle
from models.people.rows import ensure_desk
from worker.intake.carry_out import carry_out, row_columns
from worker.intake.on_ticket import APPLIED, MailTransaction
from worker.runtime.services import Services


@dataclass(frozen=True, slots=True)
class OldMail:
    """An old mail as it was read, with what is known of it and its web form."""

    mail: InboundMail
    facts: Facts
    form: Form | None


def take_in_quietly(
    session: Session, services: Services, ledger_mail: LedgerMail, staff: tuple[Candidate, ...] | None
) -> tuple[RuleName, Decision, Fate]:
    """Decide an old mail whose row is locked, carry it out and write its fate; no event is recorded and none is told.

    `staff` is as for other mail.
    """
    # A transaction stays quiet, whatever else is marked in it.
    mark(session, quiet=True)
    old = read_old_mail(session, services, ledger_mail, staff)
    facts = _with_desk(session, services, old)
    rule, decision = decide(old.mail, facts, services.policy, old.form)
    fate = carry_out(MailTransaction(session, ledger_mail.row, old.mail, facts, services), decision)
    _keep_times(session, facts, decision, fate)
    evidence = {"rule": rule, **decision.why, **fate.evidence}
    fate = replace(fate, evidence=evidence, **row_columns(old.mail))
    settle(session, ledger_mail.row, fate)
    return rule, decision, fate


def read_old_mail(
    session: Session, services: Services, ledger_mail: LedgerMail, staff: tuple[Candidate, ...] | None
) -> OldMail:
    """Read an old mail and what is known of it, as at its own time."""
    policy = services.policy
    parsed = parse(ledger_mail.raw)
    parsed = as_persons(parsed) if ledger_mail.restored else parsed
    mail, form = resolve_author(parsed, ledger_mail.mailbox, policy)
    wanted = wanted_of_import(questions(mail, policy))
    facts = replace(gather(session, ledger_mail, wanted, staff, ledger_mail.now), imported=ledger_mail.imported)
    by_form = form is not None and form.author is not None
    return OldMail(mail, replace(as_it_was(facts), by_form=by_form), form)


def is_the_desks(policy: Policy, mail: InboundMail, imported: Imported | None) -> bool:
    """Whether a mail bears the desk's own address, and the operator vouches for such ones."""
    vouched = imported is not None and imported.vouched and len(mail.senders) == 1
    return vouched and is_ours(mail.senders[0].email, policy.own_addresses)


def as_staff(person: Person) -> Person:
    """Somebody whose words count as staff's in this one decision."""
    return replace(person, role=Role.AGENT, staff_role=Role.AGENT)


def _with_desk(session: Session, services: Services, old: OldMail) -> Facts:
    if not is_the_desks(services.policy, old.mail, old.facts.imported):
        return old.facts
    desk = ensure_desk(session, services.settings.desk.name, old.facts.now)
    return replace(old.facts, sender=as_staff(desk))


def _keep_times(session: Session, facts: Facts, decision: Decision, fate: Fate) -> None:
    """Let the ticket be as old as its mails, and be that of who answered it."""
    if facts.imported is None or fate.ticket is None or fate.word != APPLIED:
        return
    at = facts.imported.at
    if isinstance(decision, OpenTicket):
        if not facts.imported.stays_open:
            close_imported(session, fate.ticket, at)
        return
    end_later(session, fate.ticket, at)
    if isinstance(decision, Act) and decision.text and not decision.changes.note and _answers(decision.person):
        give_imported(session, fate.ticket, decision.person.user_id, at)


def _answers(person: Person) -> bool:
    return person.staff_role in STAFF_ROLES and person.user_id != THE_DESK
