"""The guard on regular expressions: it bounds the cost of a pattern on a text of TEXT_CAP characters."""

import re
from dataclasses import dataclass, field
from typing import Final

TEXT_CAP: Final = 2048
# Ways to try a pattern from one start: 10,000 ways times 2,048 starts take about half a second.
MOST_WAYS: Final = 10_000

_TOKEN = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<flag>^\(\?i\))"
    r"|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))"
    r"|(?P<bar>\|)"
    r"|(?P<repeat>(?:[*+?]|\{\d*(?:,\d*)?\})[?+]?)"
    r"|(?P<plain>.)",
    re.DOTALL,
)


def why_slow(pattern: str) -> str | None:
    """Why this pattern could take long on a hostile text; None where it cannot.

    A repeated group, a look-around and a back-reference are refused outright. Otherwise the cost is bounded by the
    product of how often each part may repeat and how many alternatives each group has; a repeat at the very end
    counts for its least number, because nothing behind it can fail.
    """
    scan = _Scan()
    tokens = [(str(token.lastgroup), token.group()) for token in _TOKEN.finditer(pattern)]
    # The ends of groups can fail no more than the end of the pattern.
    last = len(tokens) - 1
    while last > 0 and tokens[last][0] == "close":
        last -= 1
    for position, (kind, text) in enumerate(tokens):
        reason = scan.read(kind, text, at_end=position >= last)
        if reason:
            return reason
    ways = scan.ways * scan.choices[0]
    if ways > MOST_WAYS:
        return "it has too many open repeats, so bound them, as in \\s{0,9} or [0-9]{1,12}"
    return None


@dataclass(slots=True)
class _Scan:
    """The state of reading a pattern: the ways so far, the alternatives of each open group, the last token's kind."""

    ways: int = 1
    choices: list[int] = field(default_factory=lambda: [1])
    previous: str = ""

    def read(self, kind: str, text: str, *, at_end: bool) -> str | None:
        """Count the next token; the reason where it is refused."""
        previous, self.previous = self.previous, kind
        if kind == "escape" and text[1].isdigit():
            return "it refers back to a group"
        if kind == "repeat" and previous == "open":
            return "it holds a group that starts with (? and is not (?:"
        if kind == "repeat" and previous == "close" and text[0] != "?":
            return "it repeats a group"
        if kind == "repeat":
            self.ways *= _cost(text, at_end=at_end)
        elif kind == "open":
            self.choices.append(1)
        elif kind == "bar":
            self.choices[-1] += 1
        elif kind == "close" and len(self.choices) > 1:
            self.ways *= self.choices.pop()
        return None


def _cost(repeat: str, *, at_end: bool) -> int:
    """The factor of a repeat: its greatest number, or at the end of the pattern its least; between 1 and TEXT_CAP."""
    if repeat[0] in "?*+":
        least, most = int(repeat[0] == "+"), 2 if repeat[0] == "?" else TEXT_CAP
    else:
        low, comma, high = repeat.strip("{}?+").partition(",")
        least = int(low or 0)
        most = int(high or TEXT_CAP) if comma else least
    return min(TEXT_CAP, max(1, least if at_end else most))
