"""Commands: which lines of a mail they are, and what each asks for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.commands import COMMANDS, CUSTOMERS_MAY, Changes, Order, Setting, mistyped, obey, read, stray
from desk.ticket import Category, Person, Priority, Status
from tests.builders import ADA, ANN, BOB, CANDIDATES, CAT, EVE, a_ticket

SETTING = Setting(BOB, a_ticket(), CANDIDATES)


def lines_of(orders: Sequence[Order]) -> tuple[str, ...]:
    return tuple(order.line for order in orders)


# The reply, and: the commands on top, the text, the commands at the bottom; as staff's mail, then as a customer's.
READ = [
    ("", (), "", ()),
    ("Hello.", (), "Hello.", ()),
    ("#close", ("#close",), "", ()),
    ("#close\nHello.", ("#close",), "Hello.", ()),
    ("\n\n#close\n\n#reopen\n\nHello.\n", ("#close", "#reopen"), "Hello.", ()),
    ("Hello.\n\n#close\n\n#reopen\n", (), "Hello.", ("#close", "#reopen")),
    ("#close\nA\n\nB\n#help", ("#close",), "A\n\nB", ("#help",)),
    ("  #CLOSE  \n  Hello.", ("#CLOSE",), "  Hello.", ()),
    ("A\n#close\nB", (), "A\n#close\nB", ()),
    ("# close", (), "# close", ()),
    ("#", (), "#", ()),
    ("#1 is it", (), "#1 is it", ()),
    ("> #close", (), "> #close", ()),
    ("| #close", (), "| #close", ()),
    ("close #close", (), "close #close", ()),
]
STAFF_READ = [
    ("#reslove\nA", ("#reslove",), "A", ()),
    ("#xyzzy\nA", ("#xyzzy",), "A", ()),
    ("A\n#reslove", (), "A", ("#reslove",)),
    ("A\n#xyzzy", (), "A\n#xyzzy", ()),
    ("#priority high\nA", ("#priority high",), "A", ()),
    ("#assign\tme", ("#assign\tme",), "", ()),
    ("\ufeff#note\u200b\n\u200b\n#close\nA", ("#note", "#close"), "A", ()),
]
CUSTOMERS_READ = [
    ("#reslove\nA", (), "#reslove\nA", ()),
    ("A\n#reopne", (), "A\n#reopne", ()),
    ("#priority high\nA", (), "#priority high\nA", ()),
    ("#resolve", (), "#resolve", ()),
    ("#note\nA", (), "#note\nA", ()),
    ("A\n#close it", (), "A\n#close it", ()),
    ("#help me please", (), "#help me please", ()),
]


@pytest.mark.parametrize(("reply", "top", "text", "bottom"), READ + STAFF_READ)
def test_staffs_commands_stand_at_the_top_or_the_bottom(
    reply: str, top: tuple[str, ...], text: str, bottom: tuple[str, ...]
) -> None:
    words = read(reply, staff=True)

    assert (lines_of(words.top), words.text, lines_of(words.bottom)) == (top, text, bottom)


@pytest.mark.parametrize(("reply", "top", "text", "bottom"), READ + CUSTOMERS_READ)
def test_customers_commands_are_only_those_that_are_theirs(
    reply: str, top: tuple[str, ...], text: str, bottom: tuple[str, ...]
) -> None:
    words = read(reply, staff=False)

    assert (lines_of(words.top), words.text, lines_of(words.bottom)) == (top, text, bottom)


SOME_LINES = st.sampled_from(["", "  ", "#close", "#note why", " #help ", "#xyzzy", "#reslove", "#1", "words", "# x"])
REPLIES = st.lists(SOME_LINES | st.text(max_size=12)).map("\n".join)


@given(REPLIES, st.booleans())
def test_no_line_of_a_reply_is_lost_or_changes_its_place(reply: str, staff: bool) -> None:
    words = read(reply, staff=staff)

    kept = [*lines_of(words.top), *words.text.splitlines(), *lines_of(words.bottom)]
    assert [line.strip() for line in kept if not is_blank(line)] == [
        bare(line) if bare(line) in lines_of(words.orders) else line.strip()
        for line in reply.splitlines()
        if not is_blank(line)
    ]


@given(REPLIES, st.booleans())
def test_the_text_begins_and_ends_with_words_and_keeps_its_lines_as_they_are(reply: str, staff: bool) -> None:
    words = read(reply, staff=staff)

    text = words.text.splitlines()
    assert not text or not (is_blank(text[0]) or is_blank(text[-1]))
    assert "\n".join(text) in "\n".join(reply.splitlines())


def bare(line: str) -> str:
    return line.strip().strip("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff").strip()


def is_blank(line: str) -> bool:
    return not bare(line)


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


STRAY = [
    ("Hello.", []),
    ("Hello.\n#note\nBye.", ["#note"]),
    ("Write\n  #close  \nor #reopen in your mail", ["#close"]),
    ("> #close\n| #close\n#xyzzy\n#close it", []),
]


@pytest.mark.parametrize(("text", "lines"), STRAY)
def test_a_command_amid_the_text_is_noticed(text: str, lines: list[str]) -> None:
    found = stray(text)

    assert lines_of(found) == tuple(lines)


SAID = [
    ("#note", ""),
    ("#note One", "One"),
    ("#note One\nTwo\n#note Three", "One\nTwo\nThree"),
    ("#priority high\nOne\n#assign me", "One"),
]


@pytest.mark.parametrize(("reply", "text"), SAID)
def test_words_on_the_line_of_a_note_are_part_of_it(reply: str, text: str) -> None:
    words = read(reply, staff=True)

    assert words.said == text
