"""Which lines of HTML are the words of a text: each run of its lines is looked for, from line start to line end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Of so many runs a text may be made: what stands between two of them was left out.
MOST_RUNS = 60
# A place where a run begins is known by so many letters, of so many lines.
KEY_LETTERS, KEY_LINES, MOST_PLACES = 60, 8, 200


@dataclass(frozen=True, slots=True)
class Runs:
    """The lines of HTML that hold a text, as ranges in order, and the letters that they hold together."""

    ranges: Sequence[range]
    letters: str


class _Shown:
    """The letters of all lines of HTML, and where lines begin and end among them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.letters = "".join(lines)
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        at = 0
        for number, line in enumerate(lines):
            if line:
                self.starts[at] = number
                at += len(line)
                self.ends[at] = number

    def find(self, key: str, start: int) -> int | None:
        """Return where a line begins with the key, at `start` or behind it."""
        at = self.letters.find(key, start)
        for _ in range(MOST_PLACES):
            if at < 0 or at in self.starts:
                break
            at = self.letters.find(key, at + 1)
        return at if at in self.starts else None


def align(text: Sequence[Collection[str]], lines: Sequence[str]) -> Runs | None:
    """Return the lines of HTML that hold a text; None where one of its lines is not found.

    `text` has for each of its lines with letters the ways in which they may be shown, `lines` the letters of each line
    of HTML. Linear but for the number of runs, which is bounded.
    """
    shown, ranges, used = _Shown(lines), list[range](), list[str]()
    at = done = 0
    while done < len(text):
        start = _start(shown, text, done, at)
        found = _extend(shown, text, done, start) if start is not None else None
        if start is None or found is None or len(ranges) == MOST_RUNS:
            return None
        words, at = found
        ranges.append(range(shown.starts[start], shown.ends[at] + 1))
        used += words
        done += len(words)
    return Runs(ranges, "".join(used))


def _start(shown: _Shown, text: Sequence[Collection[str]], line: int, at: int) -> int | None:
    """Return where the run that begins with a line of the text begins; the more letters are alike, the better."""
    for way in (0, -1):
        key, count = "", 0
        while len(key) < KEY_LETTERS and count < KEY_LINES and line + count < len(text):
            key += tuple(text[line + count])[way]
            count += 1
        if key and (found := shown.find(key, at)) is not None:
            return found
    places = [found for way in text[line] if way and (found := shown.find(way, at)) is not None]
    return min(places, default=None)


def _extend(shown: _Shown, text: Sequence[Collection[str]], line: int, start: int) -> tuple[list[str], int] | None:
    """Return the words of the run from `start`, a text for each line, and where the run ends; None where none does."""
    words: list[str] = []
    at, best = start, None
    for ways in text[line:]:
        found = next((way for way in ways if shown.letters.startswith(way, at)), None)
        if found is None:
            break
        words.append(found)
        at += len(found)
        if at in shown.ends:
            best = len(words), at
    return (words[: best[0]], best[1]) if best else None
