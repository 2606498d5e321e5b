"""What a mail of commands does with their effects: to its ticket, or to each of many with one answer to all lines."""

from dataclasses import replace

from desk.commands.command import CommandAnswer
from desk.intake.decision import Act, ActOnMany
from models.events.rows import add_command_answer
from models.ledger.rows import Fate
from worker.intake import on_ticket
from worker.intake.effects.carry_out import carry_out_effects
from worker.intake.on_ticket import APPLIED, MailTransaction


def act_with_effects(transaction: MailTransaction, decision: Act | ActOnMany) -> Fate:
    """Write what a mail does to its ticket, or to each of many, and first what its commands ask for besides."""
    if isinstance(decision, ActOnMany):
        return _act_on_many(transaction, decision)
    ticket = transaction.facts.tickets[decision.ticket].ticket
    carried = carry_out_effects(transaction, decision.person, ticket, decision.outcomes)
    return on_ticket.act(transaction, replace(decision, outcomes=carried.outcomes), carried.deeds)


def _act_on_many(transaction: MailTransaction, decision: ActOnMany) -> Fate:
    """Write what the lines of a mail do, ticket by ticket, in the mail's one transaction, and the answer to them."""
    answers: dict[int, CommandAnswer] = {}
    for part in decision.parts:
        outcomes = part.outcomes
        if part.act is not None:
            ticket = transaction.facts.tickets[part.act.ticket].ticket
            carried = carry_out_effects(transaction, decision.person, ticket, outcomes)
            outcomes = carried.outcomes
            on_ticket.act(transaction, replace(part.act, outcomes=()), carried.deeds, keeps_mail=False)
        answers |= dict(zip(part.places, outcomes, strict=True))
    in_order = [answers[place] for place in sorted(answers)]
    add_command_answer(transaction.session, None, decision.person.number, in_order, transaction.row)
    return Fate(APPLIED, decision.reason, person=decision.person.number)
