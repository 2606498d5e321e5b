"""How like an earlier ticket is to a question: by the words that both have, of which the rare ones count most.

BM25 (Robertson and Zaragoza, 2009) with squared weights, as in a cosine of tf-idf vectors. What the numbers here give
is measured by `make scores` (docs/scores.md).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

# Of a question so many characters are looked at, and so many of its words.
MOST_SIGNS = 4_000
MOST_DIFFERENT = 400
# The rarest of these are asked for, which stand in so many tickets all in all.
MOST_WORDS = 40
MOST_ROWS = 40_000
# How common a word is that is none of the common ones, as a part of the least common of those: a guess, as most are
# far rarer.
RARER = 0.1
# So many tickets with most of these words are gathered, and so many resolved ones of them are compared.
MOST_GATHERED = 300
MOST_COMPARED = 60
# So many are chosen, of some of which nothing may be shown, and so many are shown.
MOST_CHOSEN = 6
MOST_SHOWN = 3
# A question of fewer words is like any other.
FEWEST_WORDS = 8
# How like the first has to be, in words that both texts have and hardly any other; fewer are in common by chance.
THRESHOLD = 3.25
# How like the others have to be, as a part of the first.
PART_OF_FIRST = 0.4
# On a desk of fewer tickets a word that stands in one of them is not known to be rare.
FEWEST_TICKETS = 250
# How soon a word that is repeated counts no more.
SATURATION = 1.6


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: the forms under which the index may hold it, and which part of all tickets has it (0 to 1).

    The part is None where it is less than that of any common word.
    """

    forms: tuple[str, ...]
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket with words of the question: how many different words it has, and how often each of those is there."""

    number: int
    length: int
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Like:
    """A ticket, and how like it is: the number of words in common, each by its weight."""

    number: int
    score: float


def words_of_question(spaced: str, names: frozenset[str]) -> list[str]:
    """The different words of a question in their order, without those of its author's name and address.

    The question comes as small words with a space between them. Empty where there are too few to tell it from others.
    """
    words = [word for word in dict.fromkeys(spaced.split()) if _tells(word) and word.casefold() not in names]
    return words[:MOST_DIFFERENT] if len(words) >= FEWEST_WORDS else []


def _tells(word: str) -> bool:
    # In Chinese and Japanese each sign is a word.
    return len(word) > 1 or not word.isascii()


def rarest(words: Sequence[Word], tickets: int) -> list[Word]:
    """The words to ask for, the rarest first, so that no more rows than MOST_ROWS are to be expected of an index."""
    least = min((word.share for word in words if word.share is not None), default=0.0)
    asked, rows = list[Word](), 0.0
    for word in sorted(words, key=lambda word: word.share or 0.0)[: 2 * MOST_WORDS]:
        rows += (least * RARER if word.share is None else word.share) * tickets
        if asked and rows > MOST_ROWS:
            break
        asked.append(word)
    return asked


def weights(found: Mapping[int, Iterable[int]], tickets: int) -> dict[int, float]:
    """What each word weighs, from 0 to 1, the MOST_WORDS rarest of them; `found` are the words of each ticket.

    1 is a word that stands in one ticket of many.
    """
    tickets_with = Counter(word for words in found.values() for word in words)
    kept = sorted(tickets_with.items(), key=lambda item: (item[1], item[0]))[:MOST_WORDS]
    most = max(tickets, FEWEST_TICKETS)
    # How many of so many tickets would have it: between as many as here, and the same part of them.
    scale = sqrt(most / max(tickets, 1))
    return {word: _rarity(with_it * scale, most) ** 2 for word, with_it in kept}


def _rarity(with_it: float, tickets: int) -> float:
    without = max(tickets - with_it, 0.0)
    return log(1 + (without + 0.5) / (with_it + 0.5)) / log(1 + tickets)


def gathered(found: Mapping[int, Iterable[int]], weighed: Mapping[int, float]) -> list[int]:
    """The tickets with most of the words by weight, the best first, a newer one before its equal."""
    sums = defaultdict[int, float](float)
    for number, words in found.items():
        sums[number] = sum(weighed.get(word, 0.0) for word in words)
    return sorted(sums, key=lambda number: (-sums[number], -number))[:MOST_GATHERED]


def ranked(candidates: Sequence[Candidate], weighed: Mapping[int, float]) -> list[Like]:
    """The tickets by how like they are, the most like first, a newer one before its equal."""
    mean = sum(one.length for one in candidates) / max(len(candidates), 1)
    likes = (Like(one.number, _score(one, weighed, mean)) for one in candidates)
    return sorted(likes, key=lambda like: (-like.score, -like.number))


def like_enough(likes: Sequence[Like], threshold: float = THRESHOLD) -> list[Like]:
    """Those of ranked tickets whose answers may be of use; none where the first is not like enough."""
    if not likes or likes[0].score < threshold:
        return []
    return [one for one in likes if one.score >= likes[0].score * PART_OF_FIRST][:MOST_CHOSEN]


def _score(candidate: Candidate, weighed: Mapping[int, float], mean: float) -> float:
    # A long ticket has many words of any question.
    dampened = SATURATION * candidate.length / max(mean, 1.0)
    return sum(
        weighed[word] * count * (SATURATION + 1) / (count + dampened)
        for word, count in candidate.counts.items()
        if word in weighed
    )
