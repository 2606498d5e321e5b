"""Words are found in whatever case they are written, in every language known."""

import re

import pytest

from mail.bounce import phrases
from mail.inbound.programs import challenge
from mail.mime import subject
from mail.mime.text import lowered
from mail.quoting.labels import FORWARDED, says_forwarded
from mail.quoting.signature import closings, footers, notices

# Expressions that are asked of text in lower case only, by what their modules call them.
ASKED_OF_LOWER_CASE = [
    *(one.pattern for table in (phrases.FAILURES, phrases.DELAYS, phrases.EXPIRED) for one in table),
    *(one.pattern for one in (phrases.DAEMONS, phrases.SUBJECTS, phrases.ENDS, phrases.ASIDES)),
    phrases.PASSED_ON.pattern,
    challenge.ASKS.pattern,
    subject.ANSWER.pattern,
    footers.FOOTER.pattern,
    closings.CLOSES.pattern,
    closings.BRIEF.pattern,
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "hello"),
        ("GRÜSSE", "grüsse"),
        ("ПЕРЕАДРЕСОВАНО", "переадресовано"),
        ("İLETİ BAŞLANGICI", "ileti başlangici"),
        ("ileti başlang\u0131c\u0131", "ileti başlangici"),
    ],
)
def test_both_letters_i_of_turkish_are_one(text: str, expected: str) -> None:
    assert lowered(text) == expected


@pytest.mark.parametrize("word", FORWARDED)
def test_a_word_for_a_forward_is_found_in_capitals_too(word: str) -> None:
    assert says_forwarded(f"---- {word.upper()} ----")


@pytest.mark.parametrize(
    "word", [*FORWARDED, *(word for table in (*notices.TELLING, *notices.COMMON) for word in table)]
)
def test_words_that_are_looked_for_in_lower_case_are_written_so(word: str) -> None:
    assert lowered(word) == word


@pytest.mark.parametrize("pattern", ASKED_OF_LOWER_CASE, ids=range(len(ASKED_OF_LOWER_CASE)))
def test_expressions_that_are_asked_of_lower_case_are_written_so(pattern: str) -> None:
    literal = re.sub(r"\\.|\(\?P<\w+>", "", pattern)

    assert literal == literal.lower()
