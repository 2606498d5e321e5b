"""The words of texts and of lines that somebody looks for, and the excerpt that shows a find."""

import time

import pytest

from desk.reports.search.excerpt import best_excerpt, without_exact, words_of
from desk.reports.search.terms import LONGEST_LINE, MOST_TERMS, Term, read_line, read_words
from desk.reports.search.words import grams, plain, spaced, within

WORDS = [
    ("", ""),
    ("% … -- !?", ""),
    ("My PRINTER is broken.", "my printer is broken"),
    ("Größe", "grosse"),
    ("GRÖSSE", "grosse"),
    ("G\u0072o\u0308\u00dfe", "grosse"),
    ("Émeraude à l\u2019œuvre", "emeraude a l oeuvre"),
    ("Łódź, Ærø", "lodz aero"),
    ("100% of a_b.\\c", "100 of a b c"),
    ("SD-1042 [SD-7] #12", "sd 1042 sd 7 12"),
    ("ann@customer.example", "ann customer example"),
    ("(.*)+ | & ! <-> ' \" \\ :*", ""),
    ("don't „Rechnung“ «oui»", "don t rechnung oui"),
    ("請求書 no", "請 求 書 no"),
    ("\uff21\uff22\uff23\uff11\uff12", "abc12"),
    ("Ελλάδα и Ёлка", "ελλαδα и елка"),
    ("이메일 확인", "이메일 확인"),
    ("a\u00a0b\u200bc\nd\te", "a b c d e"),
    ("x" * 150, "x" * 100),
]

LINES = [
    ("toner paper", [["toner", "paper"]]),
    ('"paper jam" toner', [["paper jam", "toner"]]),
    ("„Papier Stau“ Toner", [["papier stau", "toner"]]),
    ('"unclosed toner', [["unclosed", "toner"]]),
    ("toner -paper", [["toner", "!paper"]]),
    ('toner -"paper jam"', [["toner", "!paper jam"]]),
    ("toner or drum", [["toner"], ["drum"]]),
    ("or toner OR", [["toner"]]),
    ("-toner", []),
    ("%", []),
    ("' \" \\ & | ! ( ) <-> :*", []),
    ("", []),
    ("customer.example", [["customer example"]]),
    ("the a und", [["the", "a", "und"]]),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_two_spellings_of_a_word_become_the_same(text: str, words: str) -> None:
    assert plain(text) == words
    assert plain(words) == words


def test_accents_stay_where_the_stem_of_a_word_depends_on_them() -> None:
    assert spaced("Réparée: Häuser!") == "réparée häuser"


def test_of_long_texts_so_many_characters_are_taken() -> None:
    assert list(within(["abc", "", "defg", "h"], 5)) == ["abc", "", "de"]
    assert list(within(["abc"], 9)) == ["abc"]


def test_three_letters_side_by_side_are_the_least_that_is_looked_for_in_a_name() -> None:
    assert grams("abcabc") == ["abc", "bca", "cab"]
    assert grams("ab") == []


@pytest.mark.parametrize(("line", "alternatives"), LINES)
def test_a_line_is_read_word_by_word(line: str, alternatives: list[list[str]]) -> None:
    wanted = read_line(line)

    assert [[("!" if one.absent else "") + one.plain for one in terms] for terms in wanted.alternatives] == alternatives
    assert wanted.is_empty == (not alternatives)
    assert not wanted.is_cut


@pytest.mark.parametrize("word", ["SD-12", "[SD-12]", "#12", "12", "sd-12"])
def test_a_word_may_be_the_number_of_a_ticket(word: str) -> None:
    (terms,) = read_line(f"{word} toner").alternatives

    assert [one.number for one in terms] == [12, None]


@pytest.mark.parametrize("line", ["x" * (LONGEST_LINE + 1), "word " * 5000, "a" * 10_000, '"' * 10_000, "- " * 9000])
def test_of_a_line_that_is_too_long_the_beginning_is_looked_for(line: str) -> None:
    began = time.perf_counter()
    wanted = read_line(line)

    assert wanted.is_cut
    assert len(wanted.terms) <= MOST_TERMS
    assert time.perf_counter() - began < 0.5


def test_words_that_are_given_one_by_one_stand_side_by_side_in_each() -> None:
    (terms,) = read_words(["the  model", "%", "a-b"]).alternatives

    assert [one.plain for one in terms] == ["the model", "a b"]


TEXTS = ["Größe of paper", "before it " * 20 + "a NEEDLE " + "after it " * 20, "Ann Weber <ann@customer.example>"]


@pytest.mark.parametrize(
    ("words", "place", "begins"),
    [
        (["grosse"], 0, "Größe of paper"),
        (["needle"], 1, "…"),
        (["needle", "paper", "before"], 1, "before it"),
        (["tomer.exam"], 2, "Ann Weber"),
        (["paper", "houses"], 0, "Größe of paper"),
    ],
)
def test_the_text_in_which_most_words_stand_is_shown(words: list[str], place: int, begins: str) -> None:
    found = best_excerpt([(text, words_of(text)) for text in TEXTS], read_words(words).terms, {})

    assert found is not None
    assert found[0] == place
    assert found[1].startswith(begins)
    assert len(found[1]) <= 122


def test_what_stands_nowhere_has_no_excerpt_unless_a_stem_does() -> None:
    text = "Two Häuser"
    terms = [Term("haus", "haus")]

    assert best_excerpt([(text, words_of(text))], terms, {}) is None
    assert without_exact(terms, [words_of(text)]) == ["haus"]
    assert best_excerpt([(text, words_of(text))], terms, {"hauser": frozenset({"haus"})}) == (0, text)
