"""A mail's own words: which of its lines are commands, and that none is lost."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.commands.command import Order
from desk.commands.lines.parser import find_stray, parse_reply


def lines_of(orders: Sequence[Order]) -> tuple[str, ...]:
    return tuple(order.line for order in orders)


Row = tuple[str, tuple[str, ...], str, tuple[str, ...]]

# The reply, and: the commands on top, the text, the commands at the bottom; whoever sent it, staff, a customer.
READ: list[Row] = [
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
STAFF_READ: list[Row] = [
    ("#reslove\nA", ("#reslove",), "A", ()),
    ("#xyzzy\nA", ("#xyzzy",), "A", ()),
    ("A\n#reslove", (), "A", ("#reslove",)),
    ("A\n#xyzzy", (), "A\n#xyzzy", ()),
    ("#priority high\nA", ("#priority high",), "A", ()),
    ("#assign\tme", ("#assign\tme",), "", ()),
    ("\ufeff#note\u200b\n\u200b\n#close\nA", ("#note", "#close"), "A", ()),
]
CUSTOMERS_READ: list[Row] = [
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
    words = parse_reply(reply, staff=True)

    assert (lines_of(words.top), words.text, lines_of(words.bottom)) == (top, text, bottom)


@pytest.mark.parametrize(("reply", "top", "text", "bottom"), READ + CUSTOMERS_READ)
def test_customers_commands_are_only_those_that_are_theirs(
    reply: str, top: tuple[str, ...], text: str, bottom: tuple[str, ...]
) -> None:
    words = parse_reply(reply, staff=False)

    assert (lines_of(words.top), words.text, lines_of(words.bottom)) == (top, text, bottom)


SOME_LINES = st.sampled_from(["", "  ", "#close", "#note why", " #help ", "#xyzzy", "#reslove", "#1", "words", "# x"])
REPLIES = st.lists(SOME_LINES | st.text(max_size=12)).map("\n".join)


@given(REPLIES, st.booleans())
def test_no_line_of_a_reply_is_lost_or_changes_its_place(reply: str, staff: bool) -> None:
    words = parse_reply(reply, staff=staff)

    kept = [*lines_of(words.top), *words.text.splitlines(), *lines_of(words.bottom)]
    assert filled(kept) == filled(reply.splitlines())


@given(REPLIES, st.booleans())
def test_the_text_begins_and_ends_with_words_and_keeps_its_lines_as_they_are(reply: str, staff: bool) -> None:
    words = parse_reply(reply, staff=staff)

    text = words.text.splitlines()
    assert not text or not (is_blank(text[0]) or is_blank(text[-1]))
    assert "\n".join(text) in "\n".join(reply.splitlines())


def bare(line: str) -> str:
    return line.strip().strip("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff").strip()


def filled(lines: Iterable[str]) -> list[str]:
    return [bare(line) for line in lines if bare(line)]


def is_blank(line: str) -> bool:
    return not bare(line)


STRAY = [
    ("Hello.", []),
    ("Hello.\n#note\nBye.", ["#note"]),
    ("Write\n  #close  \nor #reopen in your mail", ["#close"]),
    ("> #close\n| #close\n#xyzzy\n#close it", []),
]


@pytest.mark.parametrize(("text", "lines"), STRAY)
def test_a_command_amid_the_text_is_noticed(text: str, lines: list[str]) -> None:
    found = find_stray(text)

    assert lines_of(found) == tuple(lines)


SAID = [
    ("#note", ""),
    ("#note One", "One"),
    ("#note One\nTwo\n#note Three", "One\nTwo\nThree"),
    ("#priority high\nOne\n#assign me", "One"),
]


@pytest.mark.parametrize(("reply", "text"), SAID)
def test_words_on_the_line_of_a_note_are_part_of_it(reply: str, text: str) -> None:
    words = parse_reply(reply, staff=True)

    assert words.text_and_notes == text
