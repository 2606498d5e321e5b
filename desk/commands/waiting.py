"""The words by which staff decide on an answer of theirs that waits: `#send` sends it at once, `#drop` never.

It waits because a colleague answered after the mail that it answers
(docs/decisions/0025-an-answer-waits-where-a-colleague-answered.md).
"""

from dataclasses import dataclass
from enum import StrEnum

from desk.commands.command import CommandAnswer
from desk.commands.confirming import bare_word
from mail.outbound.catalogue import said

# So many characters of a dropped answer does its author get back.
MOST_GIVEN_BACK = 20_000


class Word(StrEnum):
    """The first word of an answer to our mail that an answer waits."""

    SEND = "#send"
    DROP = "#drop"


class Ended(StrEnum):
    """What became of an answer whose author said a word: it was in time, or not. Values are keys of commands.toml."""

    SENT = "answer_sent"
    DROPPED = "answer_dropped"
    TOO_LATE = "answer_too_late"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author wants of an answer that waits; `further` says that they wrote more than the word."""

    word: Word
    further: bool = False


def read_wish(text: str) -> Wish | None:
    """What the own words of an answer to our mail ask for; None where the first of them is neither word."""
    words = text.split(maxsplit=1)
    bare = bare_word(words[0]) if words else ""
    word = next((word for word in Word if word == bare), None)
    return Wish(word, further=len(words) > 1) if word else None


def answer_wish(wish: Wish, ended: Ended, dropped: str = "") -> CommandAnswer:
    """The answer to a word; `dropped` are the own words of the mail that is not sent."""
    sentence = said(f"commands.{ended}")
    if wish.further:
        sentence = said("commands.further_words", sentence=sentence)
    shown = (said("formats.plain", text=dropped[:MOST_GIVEN_BACK]),) if ended is Ended.DROPPED else ()
    return CommandAnswer(wish.word, done=ended is not Ended.TOO_LATE, sentence=sentence, detail=shown)
