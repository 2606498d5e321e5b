"""The decision on a mail: RULES in order, and the first that gives one wins."""

from collections.abc import Callable
from dataclasses import replace

from desk.facts import Facts, Policy
from desk.intake.admission import (
    no_single_sender,
    our_own_address,
    round_trip,
    same_mail_twice,
    too_large,
    too_many_bytes,
    too_many_on_ticket,
    too_many_refuted,
    too_many_tickets,
)
from desk.intake.assessment import Assessment, assess
from desk.intake.automatic import automatic_mail, bounced_mail, passed_by, reaction
from desk.intake.customer import customer_on_ticket, new_ticket, only_a_note
from desk.intake.decision import Decision, NotApplied, OpenTicket, RuleName
from desk.intake.personal import out_of_office, personal_commands
from desk.intake.staff import (
    confirmation,
    passed_on,
    staff_off_ticket,
    staff_on_ticket,
    staff_without_power,
    waiting_answer,
)
from desk.trust.web_forms import Form
from mail.bounce.signs import sentence_of
from mail.inbound.message import InboundMail

RULES: tuple[tuple[RuleName, Callable[[Assessment], Decision | None]], ...] = (
    (RuleName.SAME_MAIL_TWICE, same_mail_twice),
    (RuleName.BOUNCED_MAIL, bounced_mail),
    (RuleName.NO_SINGLE_SENDER, no_single_sender),
    (RuleName.ROUND_TRIP, round_trip),
    (RuleName.OUR_OWN_ADDRESS, our_own_address),
    (RuleName.TOO_LARGE, too_large),
    (RuleName.OUT_OF_OFFICE, out_of_office),
    (RuleName.TOO_MANY_ON_TICKET, too_many_on_ticket),
    (RuleName.TOO_MANY_REFUTED, too_many_refuted),
    (RuleName.AUTOMATIC_MAIL, automatic_mail),
    (RuleName.REACTION, reaction),
    (RuleName.PASSED_BY, passed_by),
    (RuleName.CONFIRMATION, confirmation),
    (RuleName.PERSONAL_COMMANDS, personal_commands),
    (RuleName.PASSED_ON, passed_on),
    (RuleName.STAFF_WITHOUT_POWER, staff_without_power),
    (RuleName.WAITING_ANSWER, waiting_answer),
    (RuleName.STAFF_OFF_TICKET, staff_off_ticket),
    (RuleName.STAFF_ON_TICKET, staff_on_ticket),
    (RuleName.TOO_MANY_BYTES, too_many_bytes),
    (RuleName.ONLY_A_NOTE, only_a_note),
    (RuleName.CUSTOMER_ON_TICKET, customer_on_ticket),
    (RuleName.TOO_MANY_TICKETS, too_many_tickets),
    (RuleName.NEW_TICKET, new_ticket),
)
WAITED = "It waited for a word of its author, since a colleague had answered after the mail that it answers."


def decide(mail: InboundMail, facts: Facts, policy: Policy, form: Form | None = None) -> tuple[RuleName, Decision]:
    """The first rule that decides, and its decision with the evidence; `mail` and `form` are from `resolve_author`."""
    assessment = assess(mail, facts, policy, form)
    decisions = ((name, rule(assessment)) for name, rule in RULES)
    name, decision = next((name, decision) for name, decision in decisions if decision is not None)
    # Whichever rule decides: `standing`, `proof`, `drop` and `withheld` are keys, all others are sentences.
    why = {
        **decision.why,
        **({"form": form.evidence} if form else {}),
        "kind": f"{mail.kind}: {mail.automatic}" if mail.automatic else str(mail.kind),
        **({"signs": sentence_of(mail.signs)} if mail.signs else {}),
        "thread": assessment.thread.sentence,
        "standing": assessment.trust.standing,
        "proof": assessment.trust.proof,
        "trust": assessment.trust.sentence,
    }
    if (lesser := assessment.facts.lesser_twins) and name is not RuleName.SAME_MAIL_TWICE:
        is_shorter = lesser[0].shorter and lesser[0].proof == assessment.trust.proof
        more = "holds more words" if is_shorter else "proves more"
        why["twin"] = f"It {more} than the same mail in ledger row {lesser[0].row}, which came before."
    if facts.restored:
        why["restored"] = "An admin took it for a person's, which proves nothing of its sender."
    if facts.waited:
        why["waited"] = WAITED
    if isinstance(decision, NotApplied) and decision.drop:
        why["drop"] = decision.drop
    if isinstance(decision, OpenTicket) and decision.unanswered:
        why["unanswered"] = decision.unanswered
    return name, replace(decision, why=why)
