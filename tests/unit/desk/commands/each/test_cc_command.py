"""`#cc`: who is added, who is taken off, and what is said of each who is not."""

from dataclasses import replace
from typing import Any

import pytest

from desk.commands.command import Changes, Circle, CommandAnswer, Setting
from desk.commands.each.cc import Cc
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from tests.support.values.builders import ANN, BOB, CANDIDATES, SUPPORT, a_ticket
from tests.support.values.words import english

DAN, DORA, KOFI = "dan@customer.example", "dora@acme.example", "kofi@ledger.example"
LIST = "all@acme.example"
CIRCLE = Circle(frozenset({DAN, DORA}), 3, frozenset({SUPPORT}), frozenset({LIST}))
SETTING = Setting(BOB, a_ticket(), CANDIDATES, circle=CIRCLE)


def asked(lines: str, **changes: Any) -> tuple[Changes, tuple[CommandAnswer, ...]]:
    return obey(parse_reply(lines, staff=True).orders, replace(SETTING, **changes))


# A line, and who is added and removed.
DONE = [
    (f"#cc {KOFI}", (KOFI,), ()),
    (f"#cc +{KOFI}", (KOFI,), ()),
    (f"#cc + {KOFI}", (KOFI,), ()),
    ("#cc +Kofi@Ledger.Example", (KOFI,), ()),
    (f"#cc <{KOFI}>", (KOFI,), ()),
    (f"#cc +{KOFI} <mailto:{KOFI}>", (KOFI,), ()),
    (f"#cc +{KOFI}[mailto:{KOFI}] -dan", (), (DAN,)),
    (f"#cc +{KOFI}, eve@elsewhere.example", (KOFI, "eve@elsewhere.example"), ()),
    (f"#cc +{KOFI} -dan", (KOFI,), (DAN,)),
    (f"#cc -dan +{KOFI}", (KOFI,), (DAN,)),
    (f"#cc -{DORA}", (), (DORA,)),
    ("#cc -DOR", (), (DORA,)),
    ("#cc \u2013dan", (), (DAN,)),
    (f"#cc +{KOFI} +{KOFI}", (KOFI,), ()),
    (f"#cc +{KOFI} {SUPPORT}", (KOFI,), ()),
]


@pytest.mark.parametrize(("line", "added", "removed"), DONE)
def test_who_is_named_is_added_or_taken_off(line: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    changes, outcomes = asked(line)

    assert (changes, outcomes[0].done) == (Changes(effects=(Cc(added, removed),)), True)
    assert outcomes[0].effects == changes.effects
    assert all(one in english(outcomes[0].sentence) for one in (*added, *removed))


# A line, and why nobody is added or removed.
REFUSED = [
    ("#cc", "Write #cc and, for each person, + and an address"),
    ("#cc + -", "Write #cc and, for each person, + and an address"),
    ("#cc +kofi", "Nobody was added as “kofi”: that is no whole address."),
    (f"#cc +{ANN.email}", f"{ANN.email} was not added, for the ticket is theirs."),
    (f"#cc +{DAN}", f"{DAN} was not added, for they take part already."),
    (f"#cc +{SUPPORT}", f"{SUPPORT} was not added, for it is an address of this desk."),
    ("#cc +support+12.abc@desk.example", "was not added, for it is an address of this desk."),
    (f"#cc +{LIST}", f"{LIST} was not added, for it is the address of a mailing list."),
    ("#cc +cat@desk.example", "was not added, for they are one of the people of the desk."),
    (f"#cc -{ANN.email}", f"{ANN.email} was not removed, for the ticket is theirs."),
    ("#cc -ann", f"{ANN.email} was not removed, for the ticket is theirs."),
    ("#cc -zoe", "Nobody who is called zoe takes part in this ticket."),
    ("#cc -d", f"d may be one of these, so nobody was removed: {DAN}, {DORA}."),
]


@pytest.mark.parametrize(("line", "sentence"), REFUSED)
def test_who_is_not_added_or_removed_is_said_with_the_reason(line: str, sentence: str) -> None:
    changes, outcomes = asked(line)

    assert (changes, outcomes[0].done) == (Changes(), False)
    assert sentence in english(outcomes[0].sentence)


def test_of_several_each_is_told_of() -> None:
    _, outcomes = asked(f"#cc +{KOFI} -dan +{SUPPORT} -zoe")

    assert english(outcomes[0].sentence) == (
        f"From now on these get the answers, too: {KOFI}. From now on these get no more answers: {DAN}. "
        f"{SUPPORT} was not added, for it is an address of this desk. "
        "Nobody who is called zoe takes part in this ticket."
    )


def test_no_more_people_are_added_than_the_limit_and_lines_count_together() -> None:
    lines = "\n".join(f"#cc +p{number}@acme.example" for number in range(5))

    changes, outcomes = asked(lines)

    assert [outcome.done for outcome in outcomes] == [True, True, True, False, False]
    assert len(changes.effects) == 3
    assert "at most 10 people take part in a ticket besides its customer" in english(outcomes[-1].sentence)


def test_who_was_removed_in_the_same_mail_makes_room() -> None:
    changes, _ = asked(f"#cc -dan\n#cc +{KOFI}", circle=replace(CIRCLE, room=0))

    assert changes.effects == (Cc((), (DAN,)), Cc((KOFI,), ()))


def test_a_thousand_names_in_a_line_are_read_up_to_a_bound() -> None:
    changes, _ = asked("#cc " + " ".join(f"p{number}@acme.example" for number in range(1000)))

    assert len(changes.effects) == 1
    assert len(asked("#cc " + "-zoe " * 1000)[1][0].sentence.key) < 100
