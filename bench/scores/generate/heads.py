"""What programs write above the mail that they quote: a line that says who wrote, or a block of labels."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.scores.generate.languages import Language, Quoted


@dataclass(frozen=True, slots=True)
class Above:
    """What a head is made of: the language, who is quoted, and recipient and subject of the quoted mail."""

    language: Language
    quoted: Quoted
    to: str
    subject: str


Head = Callable[[Above], list[str]]


def wrote(family: str) -> Head:
    """Return the head of a family of programs whose line stands in each language."""
    return lambda above: [above.quoted.fill(above.language.patterns[family])]


def line(**patterns: str) -> Head:
    """Return the head of a program that has its own line in some languages, and the English one in the others."""
    return lambda above: above.quoted.fill(patterns.get(above.language.code, patterns["en"])).split("\n")


def block(divider: str = "", order: Sequence[int] = (0, 1, 2, 3), shape: str = "{} <{}>", when: str = "") -> Head:
    """Return a block of From, Sent, To and Subject in this order, below a divider; `{}` in it is the original's name.

    `when` is a pattern for the date; without it, the long date of the language is used.
    """

    def head(above: Above) -> list[str]:
        quoted, language = above.quoted, above.language
        values = (
            shape.format(quoted.name, quoted.address),
            quoted.fill(when or language.patterns["long"]),
            above.to,
            above.subject,
        )
        labels = language.lists["labels"]
        colon = "：" if language.code == "zh" and not when else ":"  # noqa: RUF001
        rows = [f"{labels[at]}{colon} {values[at]}" for at in order]
        return [*([divider.format(language.patterns["original"])] if divider else []), *rows]

    return head


def after_blank(head: Head) -> Head:
    """Return the head with a blank line below it."""
    return lambda above: [*head(above), ""]


def in_no_language(head: Head, above: Above) -> list[str]:
    """Return the head with each of its words changed to one of no language; names, addresses and dates stay."""
    held = ("\ue001", "\ue002", "\ue003", "\ue004")
    quoted = replace(above.quoted, name=held[0], address=held[1])
    lines = head(replace(above, quoted=quoted, to=held[2], subject=held[3]))
    values = (above.quoted.name, above.quoted.address, above.to, above.subject)
    return [_filled(_WORD.sub(_changed, line), held, values) for line in lines]


def _changed(word: re.Match[str]) -> str:
    """Return a word with each letter moved on; a capital stays one."""
    return "".join(_MOVED.get(letter, letter) for letter in word[0])


def _filled(line: str, held: Sequence[str], values: Sequence[str]) -> str:
    for mark, value in zip(held, values, strict=True):
        line = line.replace(mark, value)
    return line


# Letters with marks and of other alphabets stay as they are.
_WORD = re.compile(r"[^\W\d_]{2,}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_MOVED = {letter: _ALPHABET[(at + 5) % 26] for at, letter in enumerate(_ALPHABET)}
_MOVED |= {letter.upper(): moved.upper() for letter, moved in _MOVED.items()}
