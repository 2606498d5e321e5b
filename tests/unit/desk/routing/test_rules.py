"""Routing rules: what conditions see, what is refused at load, and how judgements add up."""

import time
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from rule_engine import DataType

from desk.routing.grammar import CLOSED, OBJECTS
from desk.routing.regex_guard import TEXT_CAP, why_slow
from desk.routing.rule_input import CaseMail, CaseSender, CaseTicket, RuleInput
from desk.routing.rules import Assign, Judgement, Rule, RuleFailure, Strategy, Then, compile_rules
from desk.ticket import Category, Priority, Role

CASE = RuleInput(
    CaseTicket("Wrong invoice", "The invoice of May is wrong.", Category.BILLING, Priority.MEDIUM),
    CaseSender("ann@acme.example", "acme.example", "Ann", Role.CUSTOMER, is_new=True),
    CaseMail("Wrong invoice", ("support@desk.example", "boss@acme.example"), (), "support", has_attachments=True),
)
HIGH = Then(priority=Priority.HIGH)


def judged(when: str, case: RuleInput = CASE) -> Judgement:
    return compile_rules([Rule("one", when, HIGH)]).judge(case)


HOLDING = [
    'ticket.category == "billing" and sender.domain in ["acme.example"]',
    'ticket.priority == "medium" and ticket.status == "open"',
    'ticket.title.starts_with("Wrong")',
    'ticket.title.as_lower == "wrong invoice"',
    '"invoice of May" in ticket.description',
    '"boss@acme.example" in mail.to',
    '[a for a in mail.to if a =~~ "acme"].length > 0',
    "sender.is_new and mail.has_attachments and not mail.automatic",
    'sender.role == "customer" and sender.email == "ann@acme.example"',
    'mail.mailbox == "support" and mail.cc.is_empty',
    'mail.subject =~~ "(?i)INVOICE"',
    'mail.subject !~~ "refund"',
    'ticket.priority in ["medium", "high"]',
    'mail.to[0] == "support@desk.example"',
    'sender.is_new ? true : (sender.name == "x")',
    "true",
]
FAILING = [
    'ticket.category == "technical_issue"',
    'sender.domain == "ACME.example"',
    'mail.subject =~ "invoice"',
    "mail.automatic",
]


def test_a_condition_may_read_each_part_of_a_case_and_each_as_what_it_is() -> None:
    kinds = {str: DataType.STRING, bool: DataType.BOOLEAN, tuple[str, ...]: DataType.ARRAY(DataType.STRING)}
    parts = {
        of: {name: kinds[kind] for name, kind in get_type_hints(part).items()}
        for of, part in get_type_hints(RuleInput).items()
    }

    assert parts == OBJECTS


def test_a_part_whose_values_are_an_enums_takes_no_other_value_in_a_comparison() -> None:
    enums = {
        (of, field.name): type(field.default)
        for of, part in get_type_hints(RuleInput).items()
        for field in fields(part)
        if isinstance(field.default, StrEnum)
    }

    assert enums == CLOSED


def test_each_part_of_a_case_is_asked_in_the_table_above() -> None:
    asked = " ".join(HOLDING)

    assert [f"{of}.{name}" for of in OBJECTS for name in OBJECTS[of] if f"{of}.{name}" not in asked] == []


@pytest.mark.parametrize("when", HOLDING)
def test_a_condition_that_holds_matches(when: str) -> None:
    judgement = judged(when)

    assert judgement.priority is Priority.HIGH, judgement.trace


@pytest.mark.parametrize("when", FAILING)
def test_a_condition_that_does_not_hold_sets_nothing(when: str) -> None:
    judgement = judged(when)

    assert judgement.priority is None


REFUSED = [
    ('tiket.priority == "high"', 'there is no "tiket"; did you mean "ticket"?'),
    ('ticket.prioritty == "high"', '"ticket" has no "prioritty"; did you mean "priority"?'),
    ('ticket.title.as_lowr == "x"', '"text" has no "as_lowr"; did you mean "as_lower"?'),
    ("sender.is_new == True", 'there is no "True"; did you mean "true"?'),
    ('ticket.priority == "urgent"', 'ticket.priority is never "urgent"; it is one of low, medium, high'),
    ('"boss" == sender.role', 'sender.role is never "boss"; it is one of admin, agent, customer'),
    (
        'ticket.status in ["open", "new"]',
        'ticket.status is never "new"; it is one of open, in_progress, resolved, closed',
    ),
    ("ticket.priority == 3", "text is compared with a number, and they are never equal"),
    ("sender.is_new == 1", "true or false is compared with a number, and they are never equal"),
    ('mail.to == "a@b.example"', "a list is compared with text, and they are never equal"),
    ("ticket.priority > 3", "the types do not fit: data type mismatch"),
    ("ticket.title", "the condition gives text, not true or false"),
    ("mail.to", "the condition gives a list, not true or false"),
    ("", "the condition cannot be read: syntax error at its end"),
    ('ticket.title == "a', "the condition cannot be read: syntax error (illegal character '\"') at: line 1:16"),
    ('ticket.title = "a"', "the condition cannot be read: syntax error (illegal character '=') at: line 1:13"),
    ('ticket.title =~ "("', '"(" is no regular expression: missing ), unterminated subpattern at position 0'),
    ("ticket.__class__ == 1", '"ticket" has no "__class__"'),
    ("ticket.title.__class__ == 1", '"text" has no "__class__"'),
    ("$now == $now", '"$now" is not offered here'),
    ("$range(1000000000).length > 1", '"$range" is not offered here'),
    (
        "ticket.title.to_flt > 1",
        '".to_flt" is not offered here; there are as_lower, as_upper, ends_with, is_empty, length, starts_with',
    ),
    ("(1 << ticket.title.length) > 2", "conditions do not hold a bitwiseshift"),
    ('ticket.title + "x" == "y"', "conditions do not hold a add"),
    ("mail.subject =~ ticket.title", "a regular expression must be written out, not taken from a value"),
    (
        'mail.subject =~ "(a+)+$"',
        'the regular expression "(a+)+$" could take for ever: it repeats a group',
    ),
    (
        '[a for a in mail.to if a =~ "(a+)+$"].length > 0',
        'the regular expression "(a+)+$" could take for ever: it repeats a group',
    ),
    ("true or " * 300 + "true", "the condition is longer than 2000 characters"),
]


@pytest.mark.parametrize(("when", "sentence"), REFUSED)
def test_a_condition_that_could_never_work_is_refused_at_load(when: str, sentence: str) -> None:
    with pytest.raises(RuleFailure) as caught:
        compile_rules([Rule("Invoices", when, HIGH)])

    assert str(caught.value) == f'rule "Invoices": {sentence}'


def test_a_rule_that_sets_nothing_is_refused() -> None:
    with pytest.raises(RuleFailure, match='"then" sets nothing'):
        compile_rules([Rule("idle", "true", Then())])


def test_a_rule_that_assigns_customers_is_refused() -> None:
    with pytest.raises(RuleFailure, match="never to customers"):
        compile_rules([Rule("odd", "true", Then(assign=Assign(role=Role.CUSTOMER)))])


@pytest.mark.parametrize("more", [{"priority": Priority.HIGH}, {"category": Category.BILLING}, {"assign": Assign()}])
def test_a_rule_that_drops_and_sets_something_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(RuleFailure, match='"drop" stands alone'):
        compile_rules([Rule("odd", "true", Then(drop=True, **more))])


def test_the_first_match_that_drops_is_named() -> None:
    names = (("no", "false"), ("first", "true"), ("second", "true"))

    judgement = compile_rules([Rule(name, when, Then(drop=True)) for name, when in names]).judge(CASE)

    assert judgement.dropped_by == "first"


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(RuleFailure, match='rule "twin": another rule has the same name'):
        compile_rules([Rule("twin", "true", HIGH), Rule("twin", "true", HIGH)])


def test_a_later_match_overrides_priority_and_category() -> None:
    book = compile_rules(
        [
            Rule("first", "true", Then(Priority.HIGH, Category.BILLING)),
            Rule("second", "true", Then(priority=Priority.LOW)),
        ]
    )

    judgement = book.judge(CASE)

    assert (judgement.priority, judgement.category) == (Priority.LOW, Category.BILLING)


def test_the_first_assigning_rule_wins() -> None:
    first, second = Assign(among=("bob@desk.example",)), Assign(strategy=Strategy.NONE)
    book = compile_rules([Rule("first", "true", Then(assign=first)), Rule("second", "true", Then(assign=second))])

    judgement = book.judge(CASE)

    assert (judgement.assign, judgement.assigned_by) == (first, "first")


def test_a_rule_sees_what_the_rules_above_it_set() -> None:
    book = compile_rules(
        [Rule("raise", "true", HIGH), Rule("high ones", 'ticket.priority == "high"', Then(assign=Assign()))]
    )

    judgement = book.judge(CASE)

    assert judgement.assigned_by == "high ones"


def test_the_trace_shows_each_rule_with_the_values_it_saw() -> None:
    rules = [Rule("yes", "sender.is_new", HIGH), Rule("no", 'sender.domain == "x" and mail.cc.is_empty', HIGH)]

    trace = compile_rules(rules).judge(CASE).trace

    assert [(step.rule, step.matched, step.sentence) for step in trace] == [
        ("yes", True, "Matched: sender.is_new is true."),
        ("no", False, 'Did not match: sender.domain is "acme.example" and mail.cc is [].'),
    ]


def test_a_condition_that_fails_on_the_values_counts_as_not_matched() -> None:
    judgement = judged('mail.to[7] == "x"')

    assert [(step.matched, step.sentence[:36]) for step in judgement.trace] == [
        (False, "Could not be asked (lookup operation")
    ]


def test_texts_are_capped_before_they_are_matched() -> None:
    case = replace(CASE, ticket=replace(CASE.ticket, description="x" * TEXT_CAP + "needle"))

    judgement = judged('"needle" in ticket.description', case)

    assert judgement.priority is None


SLOW = [
    *("(a+)+$", "(a|a)*b", "(a?){30}b", "(a{1,9}){1,9}b", "((a*))*", "(?:a+)+b", "(a*)*"),
    *(".*.*x", "a*a*b", "\\s+\\d+x", "a?" * 30 + "b", "a{0,200}a{0,200}b", "(a|b)" * 20, "a*a{1000}b", "a*a{1000,}"),
    *("(a)\\1", "(?=a)", "(?<=a)b", "(?P<n>a)", "(?s)a", "a(?i)b"),
]
QUICK = [
    *("invoice", "(?i)invoice|rechnung", "^\\[urgent\\]", "order\\s+\\d+", "colou?r", "INV-\\d{4,8}", "^Re: .*bill"),
    *("(foo|bar)?baz", "[a+*(]+x", "\\(a+\\)", "(a|b)c*", "a{2}{", "(?:x|y)\\s{0,9}z\\d{1,12}"),
]


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_could_take_for_ever_is_told(pattern: str) -> None:
    assert why_slow(pattern) is not None


@pytest.mark.parametrize("pattern", QUICK)
def test_a_pattern_of_bounded_cost_is_let_through(pattern: str) -> None:
    assert why_slow(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (".*x", "a" * 9999),
        ("a{0,90}a{0,90}b", "a" * 9999),
        ("(a|aa)a*b", "a" * 9999),
        ("a{0,9}a{0,9}a{0,9}[ab]?b", "a" * 9999),
    ],
)
def test_the_dearest_pattern_let_through_stays_below_a_second(pattern: str, text: str) -> None:
    book = compile_rules([Rule("dear", f'mail.subject =~~ "{pattern}" or true', HIGH)])
    start = time.perf_counter()

    book.judge(replace(CASE, mail=replace(CASE.mail, subject=text)))

    assert time.perf_counter() - start < 1
