"""The decision on a mail: RULES in order, and the first that gives one wins."""

from collections.abc import Callable
from dataclasses import replace

from desk.commands.command import Changes
from desk.facts import Facts, Policy, Wanted
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
from desk.intake.decision import Act, Decision, Hold, KeepNote, NotApplied, OpenTicket, Personal
from desk.intake.off_ticket.many import many_tickets
from desk.intake.off_ticket.personal import customers_questions, opened_for, out_of_office, personal_commands
from desk.intake.off_ticket.questions import confirmation, waiting_answer
from desk.intake.off_ticket.taking_back import take_back
from desk.intake.rule_names import RuleName
from desk.intake.staff import (
    passed_on,
    staff_off_ticket,
    staff_on_ticket,
    staff_without_power,
)
from desk.routing.route import Choice
from desk.routing.rules import Strategy
from desk.ticket import Status, Ticket
from desk.trust.judge import Power
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
    (RuleName.OPENED_FOR, opened_for),
    (RuleName.WAITING_ANSWER, waiting_answer),
    (RuleName.MANY_TICKETS, many_tickets),
    (RuleName.TAKING_BACK, take_back),
    (RuleName.STAFF_OFF_TICKET, staff_off_ticket),
    (RuleName.STAFF_ON_TICKET, staff_on_ticket),
    (RuleName.TOO_MANY_BYTES, too_many_bytes),
    (RuleName.ONLY_A_NOTE, only_a_note),
    (RuleName.CUSTOMERS_QUESTIONS, customers_questions),
    (RuleName.CUSTOMER_ON_TICKET, customer_on_ticket),
    (RuleName.TOO_MANY_TICKETS, too_many_tickets),
    (RuleName.NEW_TICKET, new_ticket),
)
IMPORTED = "It was brought along from a file: nobody is told of it, and it obeys and proves nothing."
UNASKED = Choice(None, Strategy.NONE, "It was brought along from a file, so nobody is given it.")
WAITED = "It waited for a word of its author, since a colleague had answered after the mail that it answers."


def decide(mail: InboundMail, facts: Facts, policy: Policy, form: Form | None = None) -> tuple[RuleName, Decision]:
    """The first rule that decides, and its decision with the evidence; `mail` and `form` are from `resolve_author`."""
    assessment = assess(mail, facts, policy, form)
    decisions = ((name, rule(assessment)) for name, rule in RULES)
    name, decision = next((name, decision) for name, decision in decisions if decision is not None)
    if facts.imported:
        decision = quiet(decision, assessment)
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
    if facts.imported:
        why["imported"] = IMPORTED
    if isinstance(decision, NotApplied) and decision.drop:
        why["drop"] = decision.drop
    if isinstance(decision, OpenTicket) and decision.unanswered:
        why["unanswered"] = decision.unanswered
    return name, replace(decision, why=why)


def wanted_of_import(wanted: Wanted) -> Wanted:
    """What is asked about an old mail: no signature in it counts, and a number in its subject may be another desk's."""
    return replace(wanted, outbox=(), tickets=(), merges=(), many=(), bounced=False)


def as_it_was(facts: Facts) -> Facts:
    """The facts of an old mail, decided as at its own time: nothing is too much, and a ticket goes on that is over now.

    Raises AssertionError where it was not brought along.
    """
    assert facts.imported, "only an old mail is decided as at another time"
    tickets = {
        number: replace(known, ticket=replace(known.ticket, status=Status.OPEN))
        for number, known in facts.tickets.items()
    }
    return replace(facts, now=facts.imported.at, floods={}, guest_of=frozenset(), tickets=tickets)


def quiet(decision: Decision, assessment: Assessment) -> Decision:
    """What an old mail does of what it would do today: words stay words, and everything else is left undone.

    No command is obeyed but the one that keeps words internal; nobody in Cc takes part; nothing waits for anybody.
    """
    match decision:
        case OpenTicket():
            return replace(decision, owner=UNASKED, cc=(), unanswered=None, outcomes=(), receipt=None)
        case Act():
            only_words = Changes(note=decision.changes.note)
            left = replace(decision, changes=only_words, outcomes=(), cc=(), accepted=None)
            return replace(left, proven=False, vouched="", receipt=None)
        case KeepNote():
            return decision
        case NotApplied():
            return replace(decision, drop=None)
        case Hold() if assessment.ticket is not None and assessment.trust.power is Power.FULL:
            return _held_words(decision, assessment, assessment.ticket)
        case _:
            reason = decision.reason if not isinstance(decision, Personal) else "It is about its author alone."
            return NotApplied(reason)


def _held_words(hold: Hold, assessment: Assessment, ticket: Ticket) -> Act | KeepNote:
    """The words of staff that would be sent back to them today; those that went to the customer are no secret."""
    addressed = {address.email for address in (*assessment.mail.to, *assessment.mail.cc)}
    if ticket.customer.email in addressed:
        text = assessment.mail.reply or assessment.full_text
        return Act(hold.person, ticket.number, text, Changes(), (), assessment.thread.sentence)
    return KeepNote(assessment.author, ticket.number, assessment.full_text, hold.reason)
