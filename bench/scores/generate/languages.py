"""The languages of the generated mails: what programs write around a quote, and what people write."""

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("languages.toml")
MONDAYS = (2, 9, 16, 23)


@dataclass(frozen=True, slots=True)
class Language:
    """One language by its code; `patterns` are the lines above a quote by family of programs."""

    code: str
    patterns: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]

    def pick(self, rng: random.Random, name: str) -> str:
        """Return one of a list of words or sentences."""
        return rng.choice(self.lists[name])


@dataclass(frozen=True, slots=True)
class Quoted:
    """Whose mail is quoted, and when it was sent: a Monday morning of November 2026."""

    name: str
    address: str
    day: int
    hour: int
    minute: int

    def fill(self, pattern: str) -> str:
        """Return a pattern of the languages with name, address and date in it."""
        return pattern.format(
            n=self.name,
            a=self.address,
            d=self.day,
            dd=f"{self.day:02}",
            h=self.hour,
            hh=f"{self.hour:02}",
            m=f"{self.minute:02}",
        )


@cache
def languages() -> dict[str, Language]:
    """Return all languages by code; a pattern that a language lacks is the English one."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    english = {name: value for name, value in table["en"].items() if isinstance(value, str)}
    return {
        code: Language(
            code,
            {"ios": words["apple"], **{name: words.get(name, english[name]) for name in english if name != "ios"}}
            | ({"ios": words["ios"]} if "ios" in words else {}),
            {name: tuple(value) for name, value in words.items() if isinstance(value, list)},
        )
        for code, words in table.items()
    }


def some_quoted(rng: random.Random, name: str, address: str) -> Quoted:
    """Return a date at random, with the name and address of who is quoted."""
    return Quoted(name, address, rng.choice(MONDAYS), rng.randint(7, 11), rng.randint(10, 59))
