"""Which of a ticket's texts shows best that it is the one looked for, and what stands around the first word there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.reports.search.terms import Term
from desk.reports.search.words import LONGEST_WORD, SIGN, plain, without_accents

# An excerpt begins so many characters before the word, and has so many at most.
_LEAD: Final = 40
LONGEST_EXCERPT: Final = 120
_WORD: Final = re.compile(rf"{SIGN}|(?:(?!{SIGN})[^\W_])+")


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of a text as the search compares it, and where it begins there."""

    plain: str
    start: int


def words_of(text: str) -> list[TextWord]:
    """The words of a text in their order."""
    return [TextWord(without_accents(found[0].lower())[:LONGEST_WORD], found.start()) for found in _WORD.finditer(text)]


def without_exact(terms: Sequence[Term], texts: Iterable[Sequence[TextWord]]) -> list[str]:
    """The terms of one word that stand in none of the texts as they are written, so that only a stem can be theirs."""
    there = {word.plain for words in texts for word in words}
    return [term.plain for term in terms if len(term.words) == 1 and term.plain not in there]


def best_excerpt(
    texts: Sequence[tuple[str, Sequence[TextWord]]], terms: Sequence[Term], alike: Mapping[str, frozenset[str]]
) -> tuple[int, str] | None:
    """The place of the text in which most terms stand, the first of several, and its excerpt; None where none stands.

    `alike` gives for a word of a text the words of terms that have a stem in common with it.
    """
    best: tuple[int, int, int] | None = None
    for place, (text, words) in enumerate(texts):
        starts = [start for term in terms if (start := _start(term, text, words, alike)) is not None]
        if starts and (best is None or len(starts) > best[0]):
            best = len(starts), place, min(starts)
    if best is None:
        return None
    _, place, start = best
    return place, excerpt_at(texts[place][0], start)


def excerpt_at(text: str, start: int) -> str:
    """A hundred characters or so of a text around a place, in one line, marked where the text has more."""
    first = max(0, start - _LEAD)
    last = first + LONGEST_EXCERPT
    shown = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


def _start(term: Term, text: str, words: Sequence[TextWord], alike: Mapping[str, frozenset[str]]) -> int | None:
    """Where a term stands first in a text."""
    wanted = term.words
    for at in range(len(words) - len(wanted) + 1):
        if all(_is(words[at + step].plain, word, alike) for step, word in enumerate(wanted)):
            return words[at].start
    # Of a name or an address a part is enough; they are one line.
    return 0 if len(text) < LONGEST_EXCERPT * 4 and "@" in text and term.plain in plain(text) else None


def _is(word: str, wanted: str, alike: Mapping[str, frozenset[str]]) -> bool:
    return word == wanted or wanted in alike.get(word, ())
