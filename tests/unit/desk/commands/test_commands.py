"""Commands: what each asks for, and how it is answered."""

import importlib
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from desk.commands.command import Changes, Command, CommandAnswer, Setting
from desk.commands.confirming import Choice, read_choice
from desk.commands.each.use import UseAnswer
from desk.commands.each.watch import Watch
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import answer_mistyped, is_well_formed, obey
from desk.commands.table import ADMINS_MAY, COMMANDS, CUSTOMERS_MAY, GUESTS_MAY, STAFF_MAY, TABLE, HelpGroup
from desk.intake.off_ticket.personal import OFF_TICKET
from desk.ticket import Category, Person, Priority, Status
from desk.trust.judge import Power
from mail.outbound.catalogue import said
from tests.support.values.builders import ADA, ANN, BOB, CANDIDATES, CAT, DAN, EVE, a_ticket
from tests.support.values.words import english

SETTING = Setting(BOB, a_ticket(), CANDIDATES)
ROOT = Path(__file__).parents[4]
# What these take is free text, which their own readers read.
FREE = frozenset({"note", "away", "search", "say", "split", "report"})
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "templates").rglob("body.*")))


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
    ("#cc", False, Changes(), "Write #cc and, for each person, + and an address"),
    ("#cc -bob@desk.example", False, Changes(), "Nobody who is called bob@desk.example takes part"),
    ("#wait", False, Changes(), "Write #wait and until when"),
    ("#wait off", False, Changes(), "The ticket does not wait."),
    ("#for dora@acme.example", False, Changes(), "write it in a mail of its own to the address of the desk."),
    ("#tell", False, Changes(), "ann@customer.example knows of this ticket already."),
    ("#split", False, Changes(), "Write below #split what the new ticket is about"),
    ("#split Toner", False, Changes(), "Write below #split what the new ticket is about"),
    ("#watch", True, Changes(effects=(Watch(1042),)), "You get the mails about SD-1042 from now on"),
    ("#watch SD-7", False, Changes(), "There is no ticket SD-7."),
    ("#unwatch", True, Changes(effects=(Watch(1042, ends=True),)), "You watch SD-1042 no longer."),
    ("#unwatch SD-7", False, Changes(), "There is no ticket SD-7."),
    ("#say", False, Changes(), "This desk has no texts to send by name."),
    ("#say refund", False, Changes(), "This desk has no texts to send by name."),
    ("#accept", False, Changes(), "the one that you answered tells of none now."),
    ("#merge", False, Changes(), "Write #merge and the number of the ticket"),
    ("#list", True, Changes(), "Your tickets that are not over"),
    ("#list Waiting", True, Changes(), "The tickets that wait for an answer"),
    ("#list bob", True, Changes(), "Your tickets that are not over"),
    ("#list cat", False, Changes(), "Only admins see the tickets of others."),
    ("#list zoe", False, Changes(), "Write #list and one of: mine, open, unassigned, waiting, or the name"),
    ("#show", True, Changes(), "SD-1042 as it is now"),
    ("#show #12", True, Changes(), "SD-12 as it is now"),
    ("#show me", False, Changes(), "Write #show and the number of a ticket"),
    ("#search invoice", True, Changes(), "in which “invoice” stands"),
    ("#search", False, Changes(), "Write #search and the words"),
    ("#search " + "x " * 21, False, Changes(), "That is more than can be looked for: 20 words"),
    ("#search " + "x" * 10_000, False, Changes(), "1,000 signs in all"),
    ("#history", True, Changes(), "What was done on SD-1042"),
    ("#history SD-12", True, Changes(), "What was done on SD-12"),
    ("#more", False, Changes(), "needs an answer to a mail that shows one"),
    ("#use", True, Changes(effects=(UseAnswer(1),)), "Answer 1 is in this mail."),
    ("#use 2", True, Changes(effects=(UseAnswer(2),)), "Answer 2 is in this mail."),
    ("#use it", False, Changes(), "Write the number of an answer, such as #use 1."),
    ("#away until 2026-12-24", False, Changes(), "Write this in a mail that holds nothing else"),
    ("#back for cat", False, Changes(), "Write this in a mail that holds nothing else"),
    ("#back", False, Changes(), "Write this in a mail that holds nothing else"),
    ("#quarantine", False, Changes(), "This command is for admins."),
    ("#quarantine retry 12", False, Changes(), "This command is for admins."),
    ("#report", False, Changes(), "This command is for admins."),
    ("#report daily", False, Changes(), "This command is for admins."),
    ("#undo", False, Changes(), "Write #undo alone in a mail; nothing was taken back."),
    ("#stop", False, Changes(), "This command is for customers; to give a ticket away, write #assign"),
    ("#confirm", False, Changes(), "the one that you answered asks nothing."),
    ("#send", False, Changes(), "no answer waits for the one that you answered."),
    ("#drop", False, Changes(), "no answer waits for the one that you answered."),
    ("#help", True, Changes(), "You can write, each on a line of its own:"),
    ("#reslove", False, Changes(), "There is no command #reslove; did you mean #resolve?"),
    ("#xyzzy", False, Changes(), "There is no command #xyzzy; #help lists them."),
]


@pytest.mark.parametrize(("line", "done", "changes", "sentence"), OBEYED)
def test_every_command_is_done_or_refused_with_a_sentence(
    line: str, done: bool, changes: Changes, sentence: str
) -> None:
    asked, outcomes = obey(parse_reply(line, staff=True).orders, SETTING)

    assert (asked, [(outcome.line, outcome.done) for outcome in outcomes]) == (changes, [(line.strip(), done)])
    assert sentence in english(outcomes[0].sentence)


def test_every_command_stands_in_the_table_above() -> None:
    assert {order.name for line, *_ in OBEYED for order in parse_reply(line, staff=True).orders} >= COMMANDS.keys()


def test_several_commands_add_up_and_each_is_answered() -> None:
    orders = parse_reply("#priority high\n#status waiting\n#assign cat\n#note", staff=True).orders

    changes, outcomes = obey(orders, SETTING)

    assert changes == Changes(priority=Priority.HIGH, assignee=CAT.number, note=True)
    assert [outcome.done for outcome in outcomes] == [True, False, True, True]


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_ticket_that_is_over_is_reopened(status: Status) -> None:
    changes, _ = obey(parse_reply("#reopen", staff=True).orders, replace(SETTING, ticket=a_ticket(status=status)))

    assert changes.status is Status.OPEN


def test_a_name_that_two_people_share_assigns_nobody() -> None:
    twin = replace(CANDIDATES[1], number=9, email="cat@other.example")

    changes, outcomes = obey(parse_reply("#assign cat", staff=True).orders, replace(SETTING, staff=(*CANDIDATES, twin)))

    assert (changes.assignee, outcomes[0].done) == (None, False)


def obeyed(line: str, person: Person, **changes: Any) -> tuple[Changes, CommandAnswer]:
    """What one command of this person asks for on Ann's ticket, and its answer."""
    setting = replace(Setting(person, a_ticket(), ()), **changes)
    asked, (outcome,) = obey(parse_reply(line, staff=True).orders, setting)
    return asked, outcome


OTHERS_REQUEST = (
    "This is somebody else's request: only they and the people of the desk may do that. #stop ends your part."
)
REFUSED = [
    *((ANN, name, "This command is for the people of the desk.") for name in COMMANDS if name not in CUSTOMERS_MAY),
    *((DAN, name, OTHERS_REQUEST) for name in COMMANDS if name not in GUESTS_MAY),
    *((EVE, name, OTHERS_REQUEST) for name in COMMANDS if name not in GUESTS_MAY),
]


@pytest.mark.parametrize(("person", "name", "sentence"), REFUSED)
def test_nobody_gets_the_commands_of_others(person: Person, name: str, sentence: str) -> None:
    changes, outcome = obeyed(f"#{name}" + (" high" if name == "priority" else ""), person)

    assert (changes, outcome.done, english(outcome.sentence)) == (Changes(), False, sentence)


HELPED = [
    (ANN, CUSTOMERS_MAY),
    (DAN, GUESTS_MAY),
    (EVE, GUESTS_MAY),
    (BOB, STAFF_MAY),
    (ADA, ADMINS_MAY),
]


@pytest.mark.parametrize(("person", "names"), HELPED)
def test_everybody_is_told_of_their_own_commands_only(person: Person, names: Sequence[str]) -> None:
    _, outcome = obeyed("#help", person)

    lines = [line for line in map(english, outcome.detail) if line.startswith("#")]
    assert [line.split()[0].strip("#:") for line in lines] == list(names)


def test_staff_read_their_commands_in_groups_and_customers_their_few_without() -> None:
    of_staff, of_customers = (list(map(english, obeyed("#help", who)[1].detail)) for who in (BOB, ANN))
    heads = [line for line in of_staff if line and not line.startswith("#")]

    assert heads == [english(said(f"commands.group_{group}")) for group in HelpGroup]
    assert [of_staff[place - 1] for place in map(of_staff.index, heads[1:])] == [""] * (len(heads) - 1)
    assert all(line.startswith("#") for line in of_customers)


def test_every_command_is_in_the_help_of_somebody() -> None:
    helped = " ".join(english(line) for person, _ in HELPED for line in obeyed("#help", person)[1].detail)

    assert commands_in(helped) == COMMANDS.keys()


def test_each_command_has_a_file_of_its_own_and_a_line_in_the_table() -> None:
    files = {path.stem for path in (ROOT / "desk/commands/each").glob("*.py")} - {"__init__"}
    commands = [importlib.import_module(f"desk.commands.each.{name}").COMMAND for name in files]

    assert sorted(TABLE, key=id) == sorted(commands, key=id)
    assert len(COMMANDS) == len(TABLE)


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.name)
def test_the_example_in_the_help_of_a_command_is_one_that_the_desk_understands(one: Command) -> None:
    (order,) = parse_reply(one.example or one.usage, staff=True).orders

    confirms = one.name == "confirm" and isinstance(read_choice(one.example, listed=2), Choice)
    assert order.name == one.name
    assert bool(order.argument) == bool(one.takes)
    assert confirms or (is_well_formed(order) and one.fits(order.argument, {"carol"})) or one.name in FREE


@pytest.mark.parametrize(("name", "values"), [("status", Status), ("priority", Priority), ("category", Category)])
def test_the_help_names_each_value_that_a_command_takes(name: str, values: type[StrEnum]) -> None:
    (takes_of_it,) = (one.takes for one in TABLE if one.name == name)

    assert takes_of_it.split(" | ") == [str(value) for value in values]


def test_a_line_of_help_says_what_a_command_takes_what_it_does_and_an_example() -> None:
    lines = list(map(english, obeyed("#help", BOB)[1].detail))

    assert "#assign me | NAME | none: gives the ticket to somebody. Example: #assign carol" in lines


def test_customers_read_of_their_request_in_the_help_and_of_nothing_that_is_for_staff() -> None:
    detail = "\n".join(map(english, obeyed("#help", ANN)[1].detail))

    assert "#close: the request is over" in detail
    assert not {"ticket", "assign", "note", "priority"} & set(re.findall("[a-z]+", detail))


def commands_in(text: str) -> set[str]:
    """What stands in a text as a command: a word behind a number sign that no other word or address holds."""
    return set(re.findall(r"(?<![\w&#/(.-])#([a-z]+)\b", text))


def test_the_page_about_mails_names_every_command() -> None:
    named = commands_in((ROOT / "docs/by-mail.md").read_text(encoding="utf-8"))

    assert named == COMMANDS.keys()


def test_the_page_about_security_names_each_command_of_who_has_less_than_the_full_power_of_staff() -> None:
    named = commands_in((ROOT / "docs/security.md").read_text(encoding="utf-8"))

    assert named >= {*CUSTOMERS_MAY, *GUESTS_MAY, *OFF_TICKET[Power.READ]}


@pytest.mark.parametrize("page", [page.relative_to(ROOT).as_posix() for page in PAGES])
def test_no_page_and_no_mail_names_a_command_that_is_not_there(page: str) -> None:
    assert commands_in((ROOT / page).read_text(encoding="utf-8")) <= COMMANDS.keys()


def test_a_guest_stops_to_take_part() -> None:
    changes, outcome = obeyed("#stop", DAN)

    assert (changes, outcome.done) == (Changes(leaves=True), True)


def test_who_wrote_the_request_cannot_stop_to_take_part_in_it() -> None:
    changes, outcome = obeyed("#stop", ANN)

    assert (changes, english(outcome.sentence)) == (Changes(), "This is your own request; write #close to end it.")


def test_a_note_from_outside_is_accepted_where_the_answered_mail_told_of_one() -> None:
    changes, outcome = obeyed("#accept", BOB, answers_note=True)

    assert (changes, outcome.done) == (Changes(accept=True), True)


def test_no_customer_accepts_a_note() -> None:
    changes, outcome = obeyed("#accept", ANN, answers_note=True)

    assert (changes, outcome.done) == (Changes(), False)


MISTYPED = [
    ("#close", []),
    ("#assign nobody-here", []),
    ("#note any words", []),
    ("#reslove", ["#reslove"]),
    ("#close now", ["#close now"]),
    ("#accept", []),
    ("#accept it", ["#accept it"]),
    ("#merge SD-12", []),
    ("#acept", ["#acept"]),
    ("#stop it", ["#stop it"]),
    ("#xyzzy\n#close\n#reopen it", ["#xyzzy", "#reopen it"]),
]


@pytest.mark.parametrize(("reply", "lines"), MISTYPED)
def test_a_command_that_is_none_as_it_stands_is_mistyped(reply: str, lines: list[str]) -> None:
    found = answer_mistyped(parse_reply(reply, staff=True).orders)

    assert [outcome.line for outcome in found] == lines
    assert not any(outcome.done for outcome in found)


def test_of_every_command_that_takes_something_a_line_with_it_stands_in_these_tables() -> None:
    lines = [*(line for line, *_ in OBEYED), *(line for line, wrong in MISTYPED if not wrong)]

    orders = [order for line in lines for order in parse_reply(line, staff=True).orders]
    assert {order.name for order in orders if order.argument} >= {one.name for one in TABLE if one.takes} - {"confirm"}
