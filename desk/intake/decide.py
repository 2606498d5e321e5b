"""What becomes of a mail: RULES in order, and the first verdict wins."""

from collections.abc import Callable
from dataclasses import replace

from desk.facts import Facts, Policy
from desk.intake.admission import (
    no_single_sender,
    our_own_address,
    same_mail_twice,
    too_large,
    too_many_bytes,
    too_many_tickets,
)
from desk.intake.assessment import Assessment, assess
from desk.intake.automatic import automatic_mail, bounced_mail, passed_by
from desk.intake.customer import customer_on_ticket, new_ticket, only_a_note
from desk.intake.decision import Decision, OpenTicket, RuleName
from desk.intake.personal import out_of_office, personal_commands
from desk.intake.staff import confirmation, passed_on, staff_off_ticket, staff_on_ticket, staff_without_power
from desk.trust.web_forms import Form
from mail.inbound.message import InboundMail

RULES: tuple[tuple[RuleName, Callable[[Assessment], Decision | None]], ...] = (
    (RuleName.SAME_MAIL_TWICE, same_mail_twice),
    (RuleName.BOUNCED_MAIL, bounced_mail),
    (RuleName.NO_SINGLE_SENDER, no_single_sender),
    (RuleName.OUR_OWN_ADDRESS, our_own_address),
    (RuleName.TOO_LARGE, too_large),
    (RuleName.OUT_OF_OFFICE, out_of_office),
    (RuleName.AUTOMATIC_MAIL, automatic_mail),
    (RuleName.PASSED_BY, passed_by),
    (RuleName.CONFIRMATION, confirmation),
    (RuleName.PERSONAL_COMMANDS, personal_commands),
    (RuleName.PASSED_ON, passed_on),
    (RuleName.STAFF_WITHOUT_POWER, staff_without_power),
    (RuleName.STAFF_OFF_TICKET, staff_off_ticket),
    (RuleName.STAFF_ON_TICKET, staff_on_ticket),
    (RuleName.TOO_MANY_BYTES, too_many_bytes),
    (RuleName.ONLY_A_NOTE, only_a_note),
    (RuleName.CUSTOMER_ON_TICKET, customer_on_ticket),
    (RuleName.TOO_MANY_TICKETS, too_many_tickets),
    (RuleName.NEW_TICKET, new_ticket),
)


def decide(mail: InboundMail, facts: Facts, policy: Policy, form: Form | None = None) -> tuple[RuleName, Decision]:
    """The first rule with a verdict, with the evidence added; `mail` and `form` come from `resolve_author`."""
    assessment = assess(mail, facts, policy, form)
    verdicts = ((name, rule(assessment)) for name, rule in RULES)
    name, decision = next((name, verdict) for name, verdict in verdicts if verdict is not None)
    unanswered = decision.unanswered if isinstance(decision, OpenTicket) else None
    reason = {"unanswered": unanswered} if unanswered else {}
    return name, replace(decision, why={**decision.why, **_evidence(assessment), **reason})


def _evidence(assessment: Assessment) -> dict[str, str]:
    """How the mail was read, whichever rule it met: `standing` and `proof` are keys, the others are sentences."""
    mail, trust = assessment.mail, assessment.trust
    form = {"form": assessment.form.evidence} if assessment.form else {}
    return form | {
        "kind": f"{mail.kind}: {mail.automatic}" if mail.automatic else str(mail.kind),
        "thread": assessment.thread.sentence,
        "standing": trust.standing,
        "proof": trust.proof,
        "trust": trust.sentence,
    }
