"""A text as lines and words, beside the words of our mails."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail.quoting.ours.words import words_of


@dataclass(frozen=True, slots=True)
class SentText:
    """The plain part of one outgoing mail of ours, and its HTML part ("" if none)."""

    text: str
    html: str


@dataclass(slots=True)
class Text:
    """A text by lines: `firsts` are the first words of the lines, and the end.

    `sources` say where our mails have each word, -1 for the words of others.
    """

    lines: Sequence[str]
    words: list[str]
    firsts: list[int]
    sources: list[int]
    own: dict[int, str] = field(default_factory=dict)
    heads: dict[int, str] = field(default_factory=dict)

    def span(self, line: int) -> range:
        """The words of a line."""
        return range(self.firsts[line], self.firsts[line + 1])

    def line_of(self, word: int) -> int:
        """The line in which a word stands."""
        low, high = 0, len(self.lines) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.firsts[middle + 1] <= word else (low, middle)
        return low


def read_text(lines: Sequence[str]) -> Text:
    """Read the words of lines; no word is ours yet."""
    words: list[str] = []
    firsts = [0]
    for line in lines:
        if line:
            words += words_of(line)
        firsts.append(len(words))
    return Text(lines, words, firsts, [-1] * len(words))
