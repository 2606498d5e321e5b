"""The word by which staff say that held mails are theirs: `#confirm` for a list, `#confirm 2` for one mail of it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from desk.commands.lines.parser import INVISIBLE, SIGNS

CONFIRM = "#confirm"
_NUMBER = re.compile(r"\d{1,18}")
_BETWEEN = ",;.!"


class Unclear(StrEnum):
    """An answer of which one cannot know what it confirms: its first word is not the word, or which mails it means.

    Values are keys of held.toml.
    """

    NO_WORD = "no_word"
    WHICH = "which"


@dataclass(frozen=True, slots=True)
class Choice:
    """What an answer to a question confirms, by the numbers of its list; without numbers all that asks for none."""

    numbers: tuple[int, ...] = ()


def read_choice(text: str, listed: int) -> Choice | Unclear:
    """What the words of an answer confirm of a list of so many mails.

    Of several mails nothing is confirmed where the answer holds more than the word and numbers on its first line, or a
    number of the list below that: "#confirm all but 2" must not confirm the second.
    """
    first, _, below = text.strip().partition("\n")
    words = first.split()
    if not words or bare_word(words[0]) != CONFIRM:
        return Unclear.NO_WORD
    rest = [word for word in (word.strip(_BETWEEN + INVISIBLE) for word in words[1:]) if word]
    named = [int(word) for word in rest if _NUMBER.fullmatch(word)]
    if listed == 1 and not named:
        return Choice()
    if len(named) < len(rest) or not all(1 <= number <= listed for number in named):
        return Unclear.WHICH
    if any(1 <= int(number) <= listed for number in _NUMBER.findall(below)):
        return Unclear.WHICH
    return Choice(tuple(dict.fromkeys(named)))


def bare_word(word: str) -> str:
    """A word in lower case, without the signs around it and with the usual sign of a command."""
    return word.strip(INVISIBLE).lower().rstrip(_BETWEEN).replace(SIGNS[1], SIGNS[0])
