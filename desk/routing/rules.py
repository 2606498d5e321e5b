"""Routing rules as the operator writes them, and the book that judges a case by them."""

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


class Strategy(StrEnum):
    """How one is chosen among those who may take a ticket."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    STICKY = "sticky"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Assign:
    """Who may take a ticket, by role and by address (empty: all), and how one of them is chosen."""

    role: Role | None = None
    among: tuple[str, ...] = ()
    strategy: Strategy = Strategy.LEAST_LOADED


@dataclass(frozen=True, slots=True)
class Then:
    """What a matching rule sets; None leaves a thing as it is."""

    priority: Priority | None = None
    category: Category | None = None
    assign: Assign | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the condition as text, and what follows."""

    name: str
    when: str
    then: Then


@dataclass(frozen=True, slots=True)
class Step:
    """One rule's part in a judgement: whether it matched, and the values it saw."""

    rule: str
    matched: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say together; None where no rule spoke. `assigned_by` names the rule that assigns."""

    priority: Priority | None = None
    category: Category | None = None
    assign: Assign | None = None
    assigned_by: str | None = None
    trace: tuple[Step, ...] = ()


class RuleFailure(Exception):
    """A rule cannot be used: its name, and a sentence that says why."""

    def __init__(self, rule_name: str, sentence: str) -> None:
        super().__init__(f'rule "{rule_name}": {sentence}')
        self.rule_name = rule_name
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules with their checked conditions, in the order they are asked."""

    entries: tuple[tuple[Rule, "Condition"], ...]

    def judge(self, case: RuleInput) -> Judgement:
        """Ask every rule in order.

        A later match overrides an earlier priority and category, and rules further down see what those above them
        set. The first match that assigns wins. A condition that fails on the values counts as not matched.
        """
        judgement, seen = Judgement(), plain(case)
        for rule, condition in self.entries:
            step = _ask(rule, condition, seen)
            judgement = replace(judgement, trace=(*judgement.trace, step))
            if step.matched:
                judgement, seen = _with_effect(judgement, rule), _as_set_by(rule.then, seen)
        return judgement


def compile_rules(rules: Sequence[Rule]) -> RuleBook:
    """Check every rule and return the book; raises RuleFailure for the first that cannot be used."""
    # The library takes half a second to import; who only holds rules does not pay for it.
    from desk.routing.conditions import compile_condition  # noqa: PLC0415
    from desk.routing.grammar import ConditionFailure  # noqa: PLC0415

    entries: dict[str, tuple[Rule, Condition]] = {}
    for rule in rules:
        _check_effect(rule)
        if rule.name in entries:
            raise RuleFailure(rule.name, "another rule has the same name")
        try:
            entries[rule.name] = (rule, compile_condition(rule.when))
        except ConditionFailure as failure:
            raise RuleFailure(rule.name, str(failure)) from failure
    return RuleBook(tuple(entries.values()))


def _check_effect(rule: Rule) -> None:
    if rule.then == Then():
        raise RuleFailure(rule.name, '"then" sets nothing; give it priority, category or assign')
    if rule.then.assign is not None and rule.then.assign.role is Role.CUSTOMER:
        raise RuleFailure(rule.name, "tickets are assigned to agents and admins, never to customers")


def _ask(rule: Rule, condition: "Condition", case: RuleInput) -> Step:
    saw = " and ".join(_value_sentence(case, of, name) for of, name in condition.reads) or "it reads no value"
    answer = condition.ask(case)
    if answer.failure:
        return Step(rule.name, matched=False, sentence=f"Could not be asked ({answer.failure}): {saw}.")
    return Step(rule.name, answer.holds, f"{'Matched' if answer.holds else 'Did not match'}: {saw}.")


def _value_sentence(case: RuleInput, of: str, name: str) -> str:
    text = json.dumps(getattr(getattr(case, of), name), ensure_ascii=False)
    return f"{of}.{name} is {text if len(text) <= SHOWN_CAP else text[:SHOWN_CAP] + '…'}"


def _with_effect(judgement: Judgement, rule: Rule) -> Judgement:
    then = rule.then
    judgement = replace(
        judgement, priority=then.priority or judgement.priority, category=then.category or judgement.category
    )
    if then.assign is None or judgement.assign is not None:
        return judgement
    return replace(judgement, assign=then.assign, assigned_by=rule.name)


def _as_set_by(then: Then, case: RuleInput) -> RuleInput:
    """The case as the rules further down see it."""
    ticket = case.ticket
    ticket = replace(ticket, priority=then.priority or ticket.priority, category=then.category or ticket.category)
    return replace(case, ticket=plain_object(ticket))
