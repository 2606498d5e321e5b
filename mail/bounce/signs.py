"""Evidence that a program wrote a mail: signs with weights that add up, and the two thresholds for their sum."""

from collections.abc import Iterable
from dataclasses import dataclass

# From this sum on a mail opens no ticket, and from the lower one on it opens one that is not acknowledged.
NO_TICKET = 10
UNANSWERED = 5
# What only says that some program wrote the mail, such as an alarm, never reaches NO_TICKET, however much there is.
MOST_OF_A_PROGRAM = NO_TICKET - 1


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign found in a mail: its weight, and a sentence that names where it stands.

    `machine` is True for what programs write and people do not, and False for words, which anybody may write. Words
    count beside at least `beside` of machine-made weight, and nothing without it.
    """

    weight: int
    why: str
    machine: bool = True
    beside: int = 0


def weigh(signs: Iterable[Sign]) -> int:
    """The sum of the signs; words count only beside what a program made."""
    signs = tuple(signs)
    made = [sign.weight for sign in signs if sign.machine]
    program = max((weight for weight in made if weight >= NO_TICKET), default=min(sum(made), MOST_OF_A_PROGRAM))
    return program + sum(sign.weight for sign in signs if not sign.machine and sign.beside <= program)


def sentence_of(signs: Iterable[Sign]) -> str:
    """The signs as people read them: each with its weight, then the sum and what it means."""
    signs = tuple(signs)
    total = weigh(signs)
    means = "opens no ticket" if total >= NO_TICKET else "is not acknowledged" if total >= UNANSWERED else "of a person"
    return f"{' '.join(f'{sign.why} (+{sign.weight})' for sign in signs)} In all {total}: {means}."
