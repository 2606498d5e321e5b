"""What somebody looks for: words of which each has to stand in a ticket, or must not where a minus is before it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from desk.reports.search.words import plain, spaced
from desk.ticket import number_in

# Of a longer line, and of more words, the beginning is looked for.
LONGEST_LINE: Final = 1_000
MOST_TERMS: Final = 20
# Words in quotes, with the quotes of several languages, or a word up to the next space.
_PIECE: Final = re.compile(r'-?["“”„«»]([^"“”„«»]*)["“”„«»]|\S+')
_QUOTES: Final = '"“”„«»'


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or words that stand side by side: `plain` without accents, `spaced` with them.

    With `number` it may be the ticket of that number, too. One that is `absent` must not stand in the ticket.
    """

    plain: str
    spaced: str
    number: int | None = None
    absent: bool = False

    @property
    def words(self) -> list[str]:
        """Its words, without accents."""
        return self.plain.split()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line asks for: each of its alternatives is a list of terms that all have to hold.

    `is_cut` where the line was too long, and only its beginning is looked for.
    """

    alternatives: tuple[tuple[Term, ...], ...]
    is_cut: bool = False

    @property
    def terms(self) -> list[Term]:
        """All terms that have to stand somewhere, in their order."""
        return [term for terms in self.alternatives for term in terms if not term.absent]

    @property
    def is_empty(self) -> bool:
        """True where nothing is asked for that could stand in a ticket: no letter, no digit, or all must not."""
        return not self.terms


def read_line(line: str) -> Wanted:
    """Read a line: words, "words side by side", `-word` for what must not stand there, `or` between alternatives.

    Signs that are no letters or digits divide words; a line of none but those asks for nothing.
    """
    alternatives: list[list[Term]] = [[]]
    count, is_cut = 0, len(line) > LONGEST_LINE
    for found in _PIECE.finditer(line[:LONGEST_LINE]):
        piece = found[0]
        if piece.lower() == "or":
            alternatives.append([])
        elif term := _term(piece.removeprefix("-").strip(_QUOTES), absent=piece.startswith("-")):
            count += 1
            if count > MOST_TERMS:
                is_cut = True
                break
            alternatives[-1].append(term)
    return Wanted(tuple(tuple(terms) for terms in alternatives if any(not one.absent for one in terms)), is_cut)


def read_words(words: Iterable[str]) -> Wanted:
    """Read words that were given one by one: each has to stand there, and those in one of them side by side."""
    terms = (_term(word) for word in words)
    return Wanted((tuple(term for term in terms if term),))


def _term(text: str, *, absent: bool = False) -> Term | None:
    folded = plain(text)
    return Term(folded, spaced(text), number_in(text.strip()), absent) if folded else None
