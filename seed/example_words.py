"""The words of the example tickets in each language that the demo speaks: the files of `seed/words`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WORDS = Path(__file__).with_name("words")
ENGLISH: Final = "en"
# A test compares these with the files here and the folders of `seed/story/mails`.
LANGUAGES: Final = (ENGLISH, "de")


@dataclass(frozen=True, slots=True)
class TicketWords:
    """What people wrote in a ticket: its title, its description, and its comments in their order."""

    title: str
    text: str
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExampleWords:
    """One language: the words of an outage as a regular expression, and the tickets by the `word` of their outline."""

    outage: str
    tickets: Mapping[str, TicketWords]


def example_words(language: str) -> ExampleWords:
    """The words in one of LANGUAGES."""
    read = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))
    tickets = {
        word: TicketWords(one["title"], one["text"], tuple(one["comments"])) for word, one in read["tickets"].items()
    }
    return ExampleWords(read["outage"], tickets)
