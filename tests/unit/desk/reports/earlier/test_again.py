"""Two tickets of one customer that say the same, and others that only speak of the same thing."""

from time import process_time

import pytest

from desk.reports.earlier.again import says_the_same

FIRST = "Printer is dark\nOur printer in the hall prints dark pages since the update. Can you help us?"

SAME = (
    FIRST,
    FIRST.upper(),
    f"Fwd: {FIRST}",
    FIRST.replace("\n", "\r\n  "),
    f"{FIRST}\nIs anybody there?",
    "Printer is dark\nOur printer in the hall prints dark pages since the update. Nobody answered. Can you help?",
)
OTHER = (
    "",
    "Printer",
    "Printer is dark again, but another one\nIt is the one in the kitchen, and it has no paper since Monday.",
    "Invoice\nCan you send us the invoice of the printer in the hall?",
    "Printer is dark",
)


@pytest.mark.parametrize("text", SAME)
def test_the_same_words_are_the_same_whatever_stands_between_them(text: str) -> None:
    assert says_the_same(FIRST, text)
    assert says_the_same(text, FIRST)


@pytest.mark.parametrize("text", OTHER)
def test_other_words_are_another_question(text: str) -> None:
    assert not says_the_same(FIRST, text)
    assert not says_the_same(text, FIRST)


def test_short_texts_are_the_same_only_where_they_are_equal() -> None:
    assert says_the_same("Printer dark", "printer: dark!")
    assert not says_the_same("Printer dark", "Printer dark today")


def test_nothing_is_the_same_as_nothing() -> None:
    assert not says_the_same("", "...")


def test_long_texts_cost_no_more_than_their_beginning() -> None:
    started = process_time()

    says_the_same("word " * 200_000, "other " * 200_000)

    assert process_time() - started < 0.2
