"""What becomes of a mail: RULES in order, and the first verdict wins."""

from collections.abc import Callable
from dataclasses import replace

from desk.admission import (
    no_single_sender,
    our_own_address,
    same_mail_twice,
    too_large,
    too_many_bytes,
    too_many_tickets,
)
from desk.arrival import Arrival, arrive
from desk.customer_mail import customer_on_ticket, new_ticket, only_a_note
from desk.decisions import Decision, OpenTicket
from desk.facts import Facts, Policy
from desk.robots import automatic_mail, bounced_mail, passed_by
from desk.staff_mail import confirmation, passed_on, staff_off_ticket, staff_on_ticket, staff_without_power
from desk.staff_matters import out_of_office, personal_commands
from mail.message import InboundMail

RULES: tuple[Callable[[Arrival], Decision | None], ...] = (
    same_mail_twice,
    bounced_mail,
    no_single_sender,
    our_own_address,
    too_large,
    out_of_office,
    automatic_mail,
    passed_by,
    confirmation,
    personal_commands,
    passed_on,
    staff_without_power,
    staff_off_ticket,
    staff_on_ticket,
    too_many_bytes,
    only_a_note,
    customer_on_ticket,
    too_many_tickets,
    new_ticket,
)


def decide(mail: InboundMail, facts: Facts, policy: Policy) -> tuple[str, Decision]:
    """The name of the first rule with a verdict, and that verdict with the evidence for it."""
    arrival = arrive(mail, facts, policy)
    verdicts = ((rule.__name__, rule(arrival)) for rule in RULES)
    name, decision = next((name, verdict) for name, verdict in verdicts if verdict is not None)
    return name, replace(decision, why={**decision.why, **_why(arrival), **_unanswered(decision)})


def _unanswered(decision: Decision) -> dict[str, str]:
    reason = decision.unanswered if isinstance(decision, OpenTicket) else None
    return {"unanswered": reason} if reason else {}


def _why(arrival: Arrival) -> dict[str, str]:
    """How the mail was read, whichever rule it met: kind, thread and trust, each as a word and a sentence."""
    mail, trust = arrival.mail, arrival.trust
    form = {"form": arrival.form.evidence} if arrival.form else {}
    return form | {
        "kind": f"{mail.kind}: {mail.automatic}" if mail.automatic else str(mail.kind),
        "thread": arrival.thread.sentence,
        "proof": trust.proof,
        "trust": trust.sentence,
    }
