"""One figure of the scores, and how texts are compared for it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_EXTRA_LINES = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """How many cases of a set were right, and the ids of those that were not."""

    group: str
    part: str
    right: int
    cases: int
    wanted: float | None = None
    missed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the figure is kept under."""
        return f"{self.group}: {self.part}"

    @property
    def percent(self) -> float:
        """The share of right cases, 0 to 100."""
        return 100 * self.right / self.cases if self.cases else 0.0


def figure(group: str, part: str, verdicts: Iterable[tuple[str, bool]], wanted: float | None = None) -> Figure:
    """Return the figure of verdicts, each the id of a case and whether it was right."""
    judged = list(verdicts)
    missed = tuple(name for name, right in judged if not right)
    return Figure(group, part, len(judged) - len(missed), len(judged), wanted, missed)


def cases(corpus: Path, name: str) -> list[dict[str, Any]]:
    """Return the cases of a set, none where the corpus has no such file."""
    path = corpus / f"{name}.jsonl"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(line) for line in text.split("\n") if line]


def one_line(text: str) -> str:
    """Return a text with one space in place of each run of white space, and no zero-width spaces."""
    return " ".join(text.replace("\u200b", "").split())


def lines(text: str) -> Counter[str]:
    """Return the non-blank lines of a text, each with its white space normalised."""
    return Counter(filter(None, map(one_line, text.split("\n"))))


def is_exact(candidates: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether any candidate is any of the expected texts."""
    wanted = set(map(one_line, expected))
    return any(one_line(text) in wanted for text in candidates)


def is_whole(candidates: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether some candidate misses no line of some expected text."""
    return any(not lines(wanted) - lines(text) for text in candidates for wanted in expected)


def is_soft(candidates: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether some candidate misses no line of an expected text and has at most three lines too many."""
    return any(
        not lines(wanted) - lines(text) and (lines(text) - lines(wanted)).total() <= MOST_EXTRA_LINES
        for text in candidates
        for wanted in expected
    )
