"""Category and priority of a mail by the keywords in its title and text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress, count
from typing import Final

from desk.routing import keywords
from desk.ticket import Category, Priority

TITLE_LIMIT: Final = 1000
TEXT_LIMIT: Final = 20 * 1024
TITLE_FACTOR: Final = 2
STRONG: Final = 3
WEAK: Final = 1
# A strong word is enough, and so are two weak ones or a weak one in the title.
ENOUGH: Final = 2
LONGEST_GAP: Final = 3

# Marks that end a part of a sentence.
_MARKS = tuple(mark.encode() for mark in ".,;:!?\n")
# The bytes of UTF-8, with blanks for those of ASCII that are neither letter nor digit nor mark; what else is neither.
_BLANKED = bytes(code if code > 127 or chr(code).isalnum() or bytes([code]) in _MARKS else 32 for code in range(256))
_ODD = re.compile(r"[^\x00-\x7f\w]")

Label = Category | Priority
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordList:
    """Phrases that count for one label, and the weight of each."""

    label: Label
    weight: int
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Keywords:
    """The word lists for categories and for priorities; known by itself, as to compare hundreds of words takes long."""

    categories: tuple[WordList, ...]
    priorities: tuple[WordList, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """A category and a priority, each with the sentence that says why."""

    category: Category
    priority: Priority
    category_reason: str
    priority_reason: str


@dataclass(frozen=True, slots=True)
class Find:
    """A listed phrase with its label and weight; `wording` is how the reason quotes it, between quotation marks."""

    label: Label
    weight: int
    wording: str


# Where two categories weigh the same, the upper one is taken.
DEFAULT: Final = Keywords(
    categories=(
        WordList(Category.BILLING, STRONG, keywords.BILLING_STRONG),
        WordList(Category.BILLING, WEAK, keywords.BILLING_WEAK),
        WordList(Category.TECHNICAL_ISSUE, STRONG, keywords.TECHNICAL_STRONG),
        WordList(Category.TECHNICAL_ISSUE, WEAK, keywords.TECHNICAL_WEAK),
        WordList(Category.FEATURE_REQUEST, STRONG, keywords.FEATURE_STRONG),
        WordList(Category.FEATURE_REQUEST, WEAK, keywords.FEATURE_WEAK),
    ),
    priorities=(
        WordList(Priority.HIGH, STRONG, keywords.HIGH_STRONG),
        WordList(Priority.HIGH, WEAK, keywords.HIGH_WEAK),
        WordList(Priority.LOW, STRONG, keywords.LOW_STRONG),
    ),
)


def classify(title: str, text: str, words: Keywords = DEFAULT) -> Classification:
    """Judge a mail by its title and the first 20 KB of its text, in time linear in their length.

    Every phrase counts once, in the title twice its weight. Without enough words: general inquiry, medium.
    """
    categories, priorities, starts = _indexes(words)
    in_title, in_text = (_tokenised(part, starts) for part in (title[:TITLE_LIMIT], text[:TEXT_LIMIT]))
    category, category_reason = _category(_find_once(in_title, in_text, categories))
    priority, priority_reason = _priority(_find_once(in_title, in_text, priorities))
    return Classification(category, priority, category_reason, priority_reason)


def _category(finds: Sequence[Find]) -> tuple[Category, str]:
    scores = _scores(finds)
    best = max((label for label in scores if isinstance(label, Category)), key=scores.__getitem__, default=None)
    if best is None or scores[best] < ENOUGH:
        return Category.GENERAL_INQUIRY, _undecided(Category.GENERAL_INQUIRY, finds)
    return best, _because(best, finds)


def _priority(finds: Sequence[Find]) -> tuple[Priority, str]:
    scores = _scores(finds)
    net = scores.get(Priority.HIGH, 0) - scores.get(Priority.LOW, 0)
    if net >= ENOUGH:
        return Priority.HIGH, _because(Priority.HIGH, finds)
    if net <= -ENOUGH:
        return Priority.LOW, _because(Priority.LOW, finds)
    return Priority.MEDIUM, _undecided(Priority.MEDIUM, finds)


def _scores(finds: Iterable[Find]) -> dict[Label, int]:
    scores: dict[Label, int] = defaultdict(int)
    for find in finds:
        scores[find.label] += find.weight
    return dict(scores)


def _because(label: Label, finds: Iterable[Find]) -> str:
    return f"{label.value}, because the mail says {_listed(find.wording for find in finds if find.label is label)}."


def _undecided(label: Label, finds: Sequence[Find]) -> str:
    if not finds:
        return f"{label.value}, because no listed word was found."
    return f"{label.value}, because {_listed(find.wording for find in finds)} decides nothing."


def _listed(wordings: Iterable[str]) -> str:
    return ", ".join(tuple(dict.fromkeys(wordings))[:5])


def _find_once(in_title: "Tokenised", in_text: "Tokenised", index: "Index") -> tuple[Find, ...]:
    """Each phrase once for each label, those of the title first and with TITLE_FACTOR times their weight."""
    finds: dict[tuple[Label, str], Find] = {}
    for find in _finds(in_title, index):
        wording = f"{find.wording} in the title"
        finds.setdefault((find.label, find.wording), Find(find.label, find.weight * TITLE_FACTOR, wording))
    for find in _finds(in_text, index):
        finds.setdefault((find.label, find.wording), find)
    return tuple(finds.values())


def _finds(text: "Tokenised", index: "Index") -> Iterator[Find]:
    """The phrases in a text: the longest that starts at a token is taken, and the next starts behind its end.

    A negated phrase for high priority counts for low.
    """
    next_free, tokens = 0, text.tokens
    for position in text.places:
        phrase = index.phrase_at(tokens, position) if position >= next_free else ()
        if not phrase:
            continue
        next_free = position + len(phrase)
        for entry in index.entries[phrase]:
            if entry.label is Priority.HIGH and _is_negated(tokens, position):
                yield Find(Priority.LOW, entry.weight, f'"not {entry.wording[1:]}')
            else:
                yield entry


def _is_negated(tokens: Sequence[str], position: int) -> bool:
    """True where a negator stands before the position, with at most LONGEST_GAP filler words between them."""
    for token in reversed(tokens[max(0, position - LONGEST_GAP - 1) : position]):
        if token in keywords.NEGATORS:
            return True
        if token not in keywords.FILLERS:
            return False
    return False


def tokens_of(text: str) -> tuple[str, ...]:
    """The words and marks of a text; apostrophes, hyphens and the like split words.

    To blank out what is between them takes half the time of an expression that finds them.
    """
    plain = text.casefold().encode("utf-8", "surrogatepass").translate(_BLANKED)
    for mark in _MARKS:
        plain = plain.replace(mark, b" %b " % mark)
    words = plain.decode("utf-8", "surrogatepass")
    return tuple(filter(None, (words if words.isascii() else _ODD.sub(" ", words)).split(" ")))


@dataclass(frozen=True, slots=True)
class Tokenised:
    """The tokens of a text, and the places of those that begin a phrase of one of the word lists."""

    tokens: tuple[str, ...]
    places: tuple[int, ...]


def _tokenised(text: str, starts: frozenset[str]) -> Tokenised:
    tokens = tokens_of(text)
    # Few of the words begin a phrase.
    return Tokenised(tokens, tuple(compress(count(), map(starts.__contains__, tokens))))


@dataclass(frozen=True, slots=True)
class Index:
    """The phrases of word lists as `_finds` needs them.

    `entries` are the finds by phrase, `lengths` the lengths of the phrases that begin with a word, longest first.
    """

    entries: Mapping[Phrase, tuple[Find, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    def phrase_at(self, tokens: Sequence[str], position: int) -> Phrase:
        """The longest phrase that starts at this position; empty where none does."""
        for length in self.lengths.get(tokens[position], ()):
            phrase = tuple(tokens[position : position + length])
            if phrase in self.entries:
                return phrase
        return ()


@cache
def _indexes(words: Keywords) -> tuple[Index, Index, frozenset[str]]:
    """The phrases for categories and for priorities, and the words with which one of them begins."""
    categories, priorities = _index(words.categories), _index(words.priorities)
    return categories, priorities, frozenset((*categories.lengths, *priorities.lengths))


def _index(lists: tuple[WordList, ...]) -> Index:
    entries: dict[Phrase, tuple[Find, ...]] = {}
    lengths: dict[str, set[int]] = defaultdict(set)
    for words in lists:
        for wording in words.phrases:
            phrase = tokens_of(wording)
            entries[phrase] = (*entries.get(phrase, ()), Find(words.label, words.weight, f'"{wording}"'))
            lengths[phrase[0]].add(len(phrase))
    return Index(entries, {word: tuple(sorted(sizes, reverse=True)) for word, sizes in lengths.items()})
