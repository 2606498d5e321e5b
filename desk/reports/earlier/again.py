"""Whether a customer's new ticket says the same as one that they opened shortly before."""

import re
from datetime import timedelta

# So long after a ticket its customer may have sent the same once more, because nobody answered yet.
SOON = timedelta(days=2)
# So many of the words of both are in both, and at least so many, unless the texts are the same.
SAME_PART = 0.6
FEWEST_SAME = 5
MOST_SIGNS = 4_000

_WORD = re.compile(r"[^\W_]+")


def says_the_same(one: str, other: str) -> bool:
    """True where two texts have most of their words in common; an empty text says nothing."""
    first, second = _words(one), _words(other)
    same = first & second
    if not same:
        return False
    return first == second or (len(same) >= FEWEST_SAME and len(same) >= SAME_PART * len(first | second))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text[:MOST_SIGNS]))
