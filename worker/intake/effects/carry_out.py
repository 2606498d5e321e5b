"""The effects of the commands of one mail, carried out in the order in which they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desk.commands.command import CommandAnswer
from desk.commands.taking_back import ChangeKind
from desk.commands.values_before import kept_of
from desk.ticket import Person, Ticket
from models.events.triggers import mark
from worker.intake.effects.deed import Deed
from worker.intake.effects.table import EFFECTS
from worker.intake.on_ticket import MailTransaction


@dataclass(frozen=True, slots=True)
class Carried:
    """The answers as they are after their effects were carried out, and what is kept of those for `#undo`."""

    outcomes: tuple[CommandAnswer, ...]
    deeds: Mapping[str, Any] = field(default_factory=dict)


def carry_out_effects(
    transaction: MailTransaction, person: Person, ticket: Ticket | None, outcomes: Sequence[CommandAnswer]
) -> Carried:
    """Carry out what the commands of a mail ask for; where one is refused by what the database says, so is its answer.

    Nothing is asked or written where they ask for nothing.
    """
    if not any(outcome.effects for outcome in outcomes):
        return Carried(tuple(outcomes))
    mark(transaction.session, actor=person.number, cause=transaction.row)
    answers, deeds = list[CommandAnswer](), list[tuple[ChangeKind, Mapping[str, Any]]]()
    for outcome in outcomes:
        answer = outcome
        for carrier, effect in ((EFFECTS[type(one)], one) for one in outcome.effects if type(one) in EFFECTS):
            deed = carrier.carry_out(transaction, person, ticket, effect)
            answer = _told(answer, deed)
            if carrier.kind is not None and deed.before is not None:
                deeds.append((carrier.kind, deed.before))
        answers.append(answer)
    return Carried(tuple(answers), kept_of(deeds))


def _told(answer: CommandAnswer, deed: Deed) -> CommandAnswer:
    if deed.refused is not None:
        return replace(answer, done=False, sentence=deed.refused, detail=())
    return replace(answer, sentence=deed.instead) if deed.instead is not None else answer
