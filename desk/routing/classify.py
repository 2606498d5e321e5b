"""What a mail is about and how soon it wants an answer, judged by the words its sender chose."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
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

# A word, or a mark that ends a thought; apostrophes and hyphens part words.
_TOKEN = re.compile(r"[^\W_]+|[.,;:!?\n]")

Label = Category | Priority
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordList:
    """Phrases that speak for one label, and how much each of them counts."""

    label: Label
    weight: int
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keywords:
    """The lists a mail is judged by."""

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
    """A listed phrase, with the label that it speaks for and how much it counts; `shown` is how a reason names it."""

    label: Label
    weight: int
    shown: str


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
    in_title, in_text = _tokens(title[:TITLE_LIMIT]), _tokens(text[:TEXT_LIMIT])
    category, category_reason = _category(_find_once(in_title, in_text, _index(words.categories)))
    priority, priority_reason = _priority(_find_once(in_title, in_text, _index(words.priorities)))
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
    return f"{label.value}, because the mail says {_listed(find.shown for find in finds if find.label is label)}."


def _undecided(label: Label, finds: Sequence[Find]) -> str:
    if not finds:
        return f"{label.value}, because no listed word was found."
    return f"{label.value}, because {_listed(find.shown for find in finds)} decides nothing."


def _listed(shown: Iterable[str]) -> str:
    return ", ".join(tuple(dict.fromkeys(shown))[:5])


def _find_once(in_title: Sequence[str], in_text: Sequence[str], index: "Index") -> tuple[Find, ...]:
    """Return each find once, those of the title first and with their greater weight."""
    found: dict[tuple[Label, str], Find] = {}
    for find in _finds(in_title, index):
        shown = f"{find.shown} in the title"
        found.setdefault((find.label, find.shown), Find(find.label, find.weight * TITLE_FACTOR, shown))
    for find in _finds(in_text, index):
        found.setdefault((find.label, find.shown), find)
    return tuple(found.values())


def _finds(tokens: Sequence[str], index: "Index") -> Iterator[Find]:
    """Walk the tokens once; the longest phrase that starts at a token wins, and its words are used up."""
    after = 0
    # Of many words few begin a phrase.
    for position in [place for place, token in enumerate(tokens) if token in index.lengths]:
        phrase = index.phrase_at(tokens, position) if position >= after else ()
        if phrase:
            yield from (_read(entry, tokens, position) for entry in index.entries[phrase])
            after = position + len(phrase)


def _read(entry: Find, tokens: Sequence[str], position: int) -> Find:
    """What a phrase says where it stands: one for high priority speaks for low where it is negated."""
    if entry.label is Priority.HIGH and _is_negated(tokens, position):
        return Find(Priority.LOW, entry.weight, f'"not {entry.shown}"')
    return replace(entry, shown=f'"{entry.shown}"')


def _is_negated(tokens: Sequence[str], position: int) -> bool:
    for token in reversed(tokens[max(0, position - LONGEST_GAP - 1) : position]):
        if token in keywords.NEGATORS:
            return True
        if token not in keywords.FILLERS:
            return False
    return False


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.casefold()))


@dataclass(frozen=True, slots=True)
class Index:
    """The phrases of some lists, ready for one walk: what each counts for, and the lengths a first word leads to."""

    entries: Mapping[Phrase, tuple[Find, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    def phrase_at(self, tokens: Sequence[str], position: int) -> Phrase:
        """Return the longest phrase that starts here; empty where none does."""
        for length in self.lengths.get(tokens[position], ()):
            phrase = tuple(tokens[position : position + length])
            if phrase in self.entries:
                return phrase
        return ()


@cache
def _index(lists: tuple[WordList, ...]) -> Index:
    entries: dict[Phrase, tuple[Find, ...]] = {}
    lengths: dict[str, set[int]] = defaultdict(set)
    for words in lists:
        for shown in words.phrases:
            phrase = _tokens(shown)
            entries[phrase] = (*entries.get(phrase, ()), Find(words.label, words.weight, shown))
            lengths[phrase[0]].add(len(phrase))
    return Index(entries, {word: tuple(sorted(sizes, reverse=True)) for word, sizes in lengths.items()})
