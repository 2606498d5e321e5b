"""Commands: what each asks for, and how it is answered."""

from dataclasses import replace

import pytest

from desk.commands import COMMANDS, CUSTOMERS_MAY, Changes, Setting, mistyped, obey
from desk.ticket import Category, Person, Priority, Status
from desk.words import read
from tests.builders import ADA, ANN, BOB, CANDIDATES, CAT, EVE, a_ticket

SETTING = Setting(BOB, a_ticket(), CANDIDATES)


# A command, and: whether it is done, what changes, what is said.
OBEYED = [
    ("#resolve", True, Changes(status=Status.RESOLVED), "The ticket is now resolved."),
    ("#close", True, Changes(status=Status.CLOSED), "The ticket is now closed."),
    ("#reopen", False, Changes(), "The ticket is open already."),
    ("#status in progress", True, Changes(status=Status.IN_PROGRESS), "The ticket is now in progress."),
    ("#status IN-PROGRESS", True, Changes(status=Status.IN_PROGRESS), "The ticket is now in progress."),
    ("#status open", False, Changes(), "The ticket is open already."),
    ("#status", False, Changes(), "A status is one of: open, in_progress, resolved, closed."),
    ("#status waiting", False, Changes(), "A status is one of: open, in_progress, resolved, closed."),
    ("#priority high", True, Changes(priority=Priority.HIGH), "The priority is now high."),
    ("#priority", False, Changes(), "A priority is one of: low, medium, high."),
    ("#priority urgent", False, Changes(), "A priority is one of: low, medium, high."),
    ("#category Feature Request", True, Changes(category=Category.FEATURE_REQUEST), "is now feature request."),
    ("#category", False, Changes(), "A category is one of: technical_issue, billing,"),
    ("#assign me", True, Changes(assignee=BOB.number), "The ticket is now assigned to Bob."),
    ("#assign none", True, Changes(assignee=0), "The ticket belongs to nobody now."),
    ("#assign Cat", True, Changes(assignee=CAT.number), "The ticket is now assigned to Cat."),
    ("#assign CAT@desk.example", True, Changes(assignee=CAT.number), "The ticket is now assigned to Cat."),
    ("#assign ann", False, Changes(), "Write #assign and one of: me, none, bob, cat, ada."),
    ("#assign", False, Changes(), "Write #assign and one of: me, none, bob, cat, ada."),
    ("#note", True, Changes(note=True), "What you wrote stays internal"),
    ("#help", True, Changes(), "#resolve, #close, #reopen, #status, #assign, #priority, #category, #note, #help."),
    ("#reslove", False, Changes(), "There is no command #reslove; did you mean #resolve?"),
    ("#xyzzy", False, Changes(), "There is no command #xyzzy; #help lists them."),
]


@pytest.mark.parametrize(("line", "done", "changes", "sentence"), OBEYED)
def test_every_command_is_done_or_refused_with_a_sentence(
    line: str, done: bool, changes: Changes, sentence: str
) -> None:
    asked, outcomes = obey(read(line, staff=True).orders, SETTING)

    assert (asked, [(outcome.line, outcome.done) for outcome in outcomes]) == (changes, [(line, done)])
    assert sentence in outcomes[0].sentence


def test_several_commands_add_up_and_each_is_answered() -> None:
    orders = read("#priority high\n#status waiting\n#assign cat\n#note", staff=True).orders

    changes, outcomes = obey(orders, SETTING)

    assert changes == Changes(priority=Priority.HIGH, assignee=CAT.number, note=True)
    assert [outcome.done for outcome in outcomes] == [True, False, True, True]


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_ticket_that_is_over_is_reopened(status: Status) -> None:
    changes, _ = obey(read("#reopen", staff=True).orders, replace(SETTING, ticket=a_ticket(status=status)))

    assert changes.status is Status.OPEN


def test_a_name_that_two_people_share_assigns_nobody() -> None:
    twin = replace(CANDIDATES[1], number=9, email="cat@other.example")

    changes, outcomes = obey(read("#assign cat", staff=True).orders, replace(SETTING, staff=(*CANDIDATES, twin)))

    assert (changes.assignee, outcomes[0].done) == (None, False)


@pytest.mark.parametrize("person", [ANN, EVE])
@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in CUSTOMERS_MAY])
def test_only_staff_get_the_commands_of_staff(name: str, person: Person) -> None:
    orders = read(f"#{name}" + (" high" if name == "priority" else ""), staff=True).orders

    changes, outcomes = obey(orders, Setting(person, a_ticket(), ()))

    assert changes == Changes()
    assert [outcome.sentence for outcome in outcomes] == ["This command is for the people of the desk."]


def test_customers_are_told_of_their_own_commands_only() -> None:
    _, outcomes = obey(read("#help", staff=False).orders, Setting(ANN, a_ticket(), ()))

    assert outcomes[0].sentence.endswith(": #close, #reopen, #help.")


@pytest.mark.parametrize("person", [BOB, ADA])
def test_staff_are_told_of_all_commands(person: Person) -> None:
    _, outcomes = obey(read("#help", staff=True).orders, Setting(person, a_ticket(), ()))

    assert all(f"#{name}" in outcomes[0].sentence for name in COMMANDS)


MISTYPED = [
    ("#close", []),
    ("#assign nobody-here", []),
    ("#note any words", []),
    ("#reslove", ["#reslove"]),
    ("#close now", ["#close now"]),
    ("#xyzzy\n#close\n#reopen it", ["#xyzzy", "#reopen it"]),
]


@pytest.mark.parametrize(("reply", "lines"), MISTYPED)
def test_a_command_that_is_none_as_it_stands_is_mistyped(reply: str, lines: list[str]) -> None:
    found = mistyped(read(reply, staff=True).orders)

    assert [outcome.line for outcome in found] == lines
    assert not any(outcome.done for outcome in found)
