"""Routing rules as the operator writes them, and the rule book that judges a mail by them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from desk.routing.rule_input import RuleInput, plain, plain_object
from desk.ticket import Category, Priority, Role

if TYPE_CHECKING:
    from desk.routing.conditions import Condition

SHOWN_CAP: Final = 60
# To make one takes longer than to write a value.
_SHOWN: Final = json.JSONEncoder(ensure_ascii=False)


class Strategy(StrEnum):
    """How the owner is chosen among those who may take a ticket."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    STICKY = "sticky"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Assign:
    """Who may take a ticket, and how one of them is chosen."""

    role: Role | None = None
    """Only people of this role: `agent` or `admin`, never `customer`. Such as `"agent"`."""
    among: tuple[str, ...] = ()
    """Only these people, by their addresses; without any all of the role. Such as `["bob@desk.example"]`."""
    strategy: Strategy = Strategy.LEAST_LOADED
    """Who of them: each in turn, who has the fewest open tickets, or who had this customer last. `none`, in a rule,
    leaves the ticket without an owner. Such as `"round_robin"`."""


@dataclass(frozen=True, slots=True)
class Then:
    """What a matching rule sets: one key at least."""

    priority: Priority | None = None
    """The priority of the ticket; of several rules the last match counts. Such as `"high"`."""
    category: Category | None = None
    """The category of the ticket; of several rules the last match counts. Such as `"billing"`."""
    assign: Assign | None = None
    """Who gets the ticket; of several rules the first match counts."""
    drop: bool = False
    """The mail opens no ticket; stands alone. Never what belongs to a ticket, nor mail of staff. The admins get a list
    once a day, and `supportdesk mail restore` takes a mail in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of new tickets; one table for each rule, asked in their order."""

    name: str
    """What the rule is called where decisions are explained. Such as `"Invoices to the billing pair"`."""
    when: str
    """The condition, about ticket, sender and mail; supportdesk.toml lists the words. Such as
    `'ticket.category == "billing"'`."""
    then: Then
    """What it sets, where the condition holds."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule's part in a judgement: whether it matched, and a sentence with the values that it read."""

    rule: str
    matched: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of all rules; None for what no rule set.

    `assigned_by` is the name of the rule that assigns, `dropped_by` that of the first which drops the mail.
    """

    priority: Priority | None = None
    category: Category | None = None
    assign: Assign | None = None
    assigned_by: str | None = None
    dropped_by: str | None = None
    trace: tuple[Step, ...] = ()


class RuleFailure(Exception):
    """A rule cannot be used; `sentence` says why, without a full stop."""

    def __init__(self, rule_name: str, sentence: str) -> None:
        super().__init__(f'rule "{rule_name}": {sentence}')
        self.rule_name = rule_name
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules with their checked conditions, in the order of their evaluation."""

    entries: tuple[tuple[Rule, "Condition"], ...]

    def judge(self, rule_input: RuleInput) -> Judgement:
        """Evaluate every rule in order.

        A later match overrides an earlier priority and category, and rules see what earlier ones set. The first match
        that assigns wins. A condition that fails on the values counts as not matched.
        """
        judgement, current, trace = Judgement(), plain(rule_input), list[Step]()
        for rule, condition in self.entries:
            step = _ask(rule, condition, current)
            trace.append(step)
            if step.matched:
                judgement, current = _with_effect(judgement, rule), _as_set_by(rule.then, current)
        return replace(judgement, trace=tuple(trace))


def compile_rules(rules: Sequence[Rule]) -> RuleBook:
    """Check every rule and return the book; raises RuleFailure for the first that cannot be used."""
    if not rules:
        return RuleBook(())
    # The library takes half a second to import and 5 MB, which only who has rules needs.
    from desk.routing.conditions import compile_condition  # noqa: PLC0415
    from desk.routing.grammar import ConditionFailure  # noqa: PLC0415

    entries: dict[str, tuple[Rule, Condition]] = {}
    for rule in rules:
        if rule.then == Then():
            raise RuleFailure(rule.name, '"then" sets nothing; give it priority, category, assign or drop')
        if rule.then.drop and rule.then != Then(drop=True):
            sentence = '"drop" stands alone in "then", for what is dropped has no owner, priority or category'
            raise RuleFailure(rule.name, sentence)
        if rule.then.assign is not None and rule.then.assign.role is Role.CUSTOMER:
            raise RuleFailure(rule.name, "tickets are assigned to agents and admins, never to customers")
        if rule.name in entries:
            raise RuleFailure(rule.name, "another rule has the same name")
        try:
            entries[rule.name] = (rule, compile_condition(rule.when))
        except ConditionFailure as failure:
            raise RuleFailure(rule.name, str(failure)) from failure
    return RuleBook(tuple(entries.values()))


def _ask(rule: Rule, condition: "Condition", rule_input: RuleInput) -> Step:
    values = " and ".join(_value_sentence(rule_input, of, name) for of, name in condition.reads) or "it reads no value"
    answer = condition.ask(rule_input)
    if answer.failure:
        return Step(rule.name, matched=False, sentence=f"Could not be asked ({answer.failure}): {values}.")
    return Step(rule.name, answer.holds, f"{'Matched' if answer.holds else 'Did not match'}: {values}.")


def _value_sentence(rule_input: RuleInput, of: str, name: str) -> str:
    text = _SHOWN.encode(getattr(getattr(rule_input, of), name))
    return f"{of}.{name} is {text if len(text) <= SHOWN_CAP else text[:SHOWN_CAP] + '…'}"


def _with_effect(judgement: Judgement, rule: Rule) -> Judgement:
    then = rule.then
    if then.drop:
        return replace(judgement, dropped_by=judgement.dropped_by or rule.name)
    is_first = then.assign is not None and judgement.assign is None
    return replace(
        judgement,
        priority=then.priority or judgement.priority,
        category=then.category or judgement.category,
        assign=then.assign if is_first else judgement.assign,
        assigned_by=rule.name if is_first else judgement.assigned_by,
    )


def _as_set_by(then: Then, rule_input: RuleInput) -> RuleInput:
    """The input as later rules see it."""
    if then.priority is None and then.category is None:
        return rule_input
    ticket = rule_input.ticket
    ticket = replace(ticket, priority=then.priority or ticket.priority, category=then.category or ticket.category)
    return replace(rule_input, ticket=plain_object(ticket))
