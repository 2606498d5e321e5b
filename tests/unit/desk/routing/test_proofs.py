"""What is proven of the literals of two conditions, and what only looks alike and proves nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.routing.reach import Colleague, Fault, find_faults, find_nobody
from desk.routing.rules import Assign, Rule, Then, compile_rules
from desk.ticket import Priority, Role

BOB, CAT = "bob@desk.example", "cat@desk.example"
TO_BOB, TO_CAT = Then(assign=Assign(among=(BOB,))), Then(assign=Assign(among=(CAT,)))
HIGH = Then(priority=Priority.HIGH)
NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


def found(*rules: tuple[str, Then]) -> list[tuple[int | None, Fault, str]]:
    book = compile_rules([Rule(f"r{place}", when, then) for place, (when, then) in enumerate(rules)])
    return [(one.place, one.fault, one.sentence) for one in find_faults(book, ["support", "sales"])]


def faults(*rules: tuple[str, Then]) -> list[tuple[int | None, Fault]]:
    return [(place, fault) for place, fault, _ in found(*rules)]


@pytest.mark.parametrize(
    "when",
    [
        '"closed" == ticket.status',
        'ticket.title == "a red" and ticket.title.starts_with("red")',
        'ticket.title == "red a" and ticket.title.ends_with("red")',
        'ticket.title == "red" and not "e" in ticket.title',
        'ticket.title.ends_with("A") and ticket.title.ends_with("B")',
        'sender.domain in ["a.example", "b.example"] and sender.domain != "a.example" and sender.domain != "b.example"',
    ],
)
def test_what_cannot_hold_together_never_matches(when: str) -> None:
    assert faults((when, HIGH)) == [(0, Fault.NEVER)]


@pytest.mark.parametrize(
    "when",
    [
        'sender.domain != "ACME.example"',
        'not "Boss@acme.example" in mail.cc',
        'sender.domain in ["ACME.example", "b.example"]',
        'ticket.title.ends_with("B") and ticket.title.ends_with("AB")',
        '"aa@x.example" in mail.to and not "a@x.example" in mail.to',
        'ticket.title == "a red" and ticket.title.ends_with("red") and "re" in ticket.title',
        'mail.mailbox in ["suport", ticket.title]',
    ],
)
def test_what_can_hold_together_may_match(when: str) -> None:
    assert faults((when, HIGH)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("sender.is_new == false", "not sender.is_new"),
        ('"a.example" == sender.domain', 'sender.domain == "a.example"'),
        # What the second has besides can never match.
        ('sender.domain == "a.example"', 'ticket.status == "closed" or sender.domain == "a.example"'),
        # Of two that it names, what else it asks leaves one.
        (
            'sender.domain != "c.example"',
            'sender.domain in ["b.example", "c.example"] and sender.domain.ends_with("b.example")',
        ),
        ("ticket.title.length in [1, 2]", "ticket.title.length in [1, 2]"),
    ],
)
def test_the_first_takes_all_that_the_second_does(first: str, second: str) -> None:
    assert faults((first, TO_BOB), (second, TO_CAT)) == [(1, Fault.NO_EFFECT)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('sender.domain != "a.example"', 'sender.domain != "b.example"'),
        ('"a@x.example" in mail.to', '"aa@x.example" in mail.to'),
        ("ticket.title.length in [1, 2]", "ticket.title.length in [3, 4]"),
        ("ticket.title.length in {1, 2}", "ticket.title.length in {3, 4}"),
        ('ticket.title == "red"', '"red" in ticket.title'),
        # Where there is one address, the first fails and does not match.
        ("ticket.title.starts_with(mail.to[1]) or sender.is_new", "sender.is_new"),
    ],
)
def test_what_the_second_takes_is_not_all_taken(first: str, second: str) -> None:
    assert faults((first, TO_BOB), (second, TO_CAT)) == []


def test_findings_stand_in_the_order_of_the_rules_and_say_what_is_left_of_them() -> None:
    told = found(("true", TO_BOB), ("sender.is_new", Then(Priority.LOW, assign=Assign())), ("false", HIGH))

    assert [(place, fault) for place, fault, _ in told] == [(1, Fault.NO_EFFECT), (2, Fault.NEVER)]
    assert told[0][2].startswith("assigns nothing: all that it takes is assigned by")


def test_only_who_is_in_force_gets_tickets_and_who_is_away_for_a_while_does() -> None:
    gone = Colleague(CAT, Role.AGENT, in_force=False)
    away = Colleague(CAT, Role.AGENT, away_until=NOW + timedelta(days=300))

    told = [
        [one.sentence for one in find_nobody([], Assign(among=(CAT,)), (cat, *others), NOW)]
        for cat, others in ((gone, ()), (gone, (Colleague(BOB, Role.AGENT),)), (away, ()))
    ]

    assert [sentences[1:] for sentences in told] == [
        ["assigns to nobody: none of those whom it names is staff, so its tickets have no owner"],
        ["assigns to nobody: none of those whom it names is staff, so any agent gets its tickets"],
        [],
    ]
    assert told[2] == []
