"""A mail of thousands of commands: so many are carried out as anybody types, and few of those that read."""

import pytest

from desk.commands.command import Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import MOST_COMMANDS, MOST_MISTYPED, MOST_READ, obey
from desk.intake.decide import decide
from desk.intake.decision import Hold
from desk.ticket import Person
from tests.support.values.builders import (
    ANN,
    BOB,
    CANDIDATES,
    POLICY,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    some_facts,
)
from tests.support.values.words import english

MANY = 20_000


@pytest.mark.parametrize(("person", "line"), [(BOB, "#priority high"), (BOB, "#help"), (ANN, "#help"), (ANN, "#close")])
def test_of_thousands_of_commands_the_first_are_obeyed_and_the_next_is_answered_for_all(
    person: Person, line: str
) -> None:
    orders = parse_reply("\n".join([line] * MANY), staff=person.is_staff).orders
    assert len(orders) == MANY

    _, outcomes = obey(orders, Setting(person, a_ticket(), CANDIDATES))

    assert len(outcomes) == MOST_COMMANDS + 1
    assert all(one.done for one in outcomes[:MOST_COMMANDS])
    assert (outcomes[-1].done, english(outcomes[-1].sentence)) == (
        False,
        "A mail may hold 50 commands. This one and all below it were left out.",
    )


def test_as_many_commands_as_a_mail_may_hold_are_all_obeyed() -> None:
    _, outcomes = obey(parse_reply("#help\n" * MOST_COMMANDS, staff=True).orders, Setting(BOB, a_ticket(), CANDIDATES))

    assert [one.done for one in outcomes] == [True] * MOST_COMMANDS


@pytest.mark.parametrize(
    ("person", "line"),
    [(BOB, "#list"), (BOB, "#show 12"), (BOB, "#search toner"), (BOB, "#history"), (ANN, "#list"), (ANN, "#show 12")],
)
def test_so_much_is_read_for_one_mail_and_the_other_commands_are_obeyed(person: Person, line: str) -> None:
    lines = [*[line] * MOST_READ, line, "#help", line]
    orders = parse_reply("\n".join(lines), staff=person.is_staff).orders

    _, outcomes = obey(orders, Setting(person, a_ticket(), CANDIDATES))

    assert [one.ask is not None for one in outcomes] == [*[True] * MOST_READ, False, False, False]
    assert [one.done for one in outcomes[MOST_READ:]] == [False, True, False]
    assert english(outcomes[-1].sentence).startswith("A mail may ask for 10 lists or tickets.")


@pytest.mark.parametrize("line", ["#resolvx", "#resolvx {}", "#x{}", "#close {}"])
def test_a_mail_of_thousands_of_mistyped_commands_is_held_and_a_few_are_told(line: str) -> None:
    lines = [line.format(number) for number in range(5_000)]
    grant = a_grant(BOB)

    _, decision = decide(a_mail("\n".join(lines), BOB.email, (address_of(grant),)), some_facts(BOB, (grant,)), POLICY)

    assert isinstance(decision, Hold)
    assert decision.told is not None
    assert english(decision.told).count("#") <= 2 * MOST_MISTYPED + 3
