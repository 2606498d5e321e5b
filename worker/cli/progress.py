"""How far a long command is, said on standard error, since standard output may be read by a program."""

import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, Self, TypeVar

import click

T = TypeVar("T")
# In seconds between two lines: one that is written over on a terminal, and new ones in a log.
OFTEN: Final = 0.5
SELDOM: Final = 30.0
# The rest is judged by the speed of the latest moments, so many of them: mails that were there already go faster.
MOMENTS: Final = 240
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Says how much is done and about how long the rest takes; its line leaves the terminal where the block ends."""

    def __init__(self) -> None:
        self.done = 0
        self._on_terminal = sys.stderr.isatty()
        self._doing = ""
        self._moments: deque[tuple[float, int]] = deque(maxlen=MOMENTS)
        self._spoke = time.monotonic()
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def show(self, doing: str, done: int, of: int | None = None) -> None:
        """Take note that so much is done, of so much where that is known, and say so if it was not said just now."""
        now, self.done = time.monotonic(), done
        self._remember(now, doing)
        if now - self._spoke < (OFTEN if self._on_terminal else SELDOM):
            return
        self._spoke = now
        line = f"{doing}: {done:,}"
        if of is not None:
            line += f" of {max(of, done):,}{self._left(now, of - done)}"
        self._is_shown = self._on_terminal
        click.echo(f"{_CLEAR}{line}." if self._on_terminal else f"{line}.", nl=not self._on_terminal, err=True)

    def follow(self, doing: str, values: Iterable[T], of: int | None = None) -> Iterator[T]:
        """Give each value, and count it once the next is asked for."""
        for done, value in enumerate(values, 1):
            yield value
            self.show(doing, done, of)

    def end(self) -> None:
        """Take the line off the terminal."""
        if self._is_shown:
            click.echo(_CLEAR, nl=False, err=True)
            self._is_shown = False

    def _remember(self, now: float, doing: str) -> None:
        """Keep the moment; work of another name has a speed of its own."""
        if doing != self._doing:
            self._doing = doing
            self._moments.clear()
        if not self._moments or now - self._moments[-1][0] >= OFTEN:
            self._moments.append((now, self.done))

    def _left(self, now: float, rest: int) -> str:
        then, before = self._moments[0]
        if self.done == before or rest <= 0:
            return ""
        return f", about {duration((now - then) / (self.done - before) * rest)} left"


def duration(seconds: float) -> str:
    """Seconds in the unit that tells them best, rounded: "40 s", "85 min", "3 h"."""
    if round(seconds) < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{round(seconds / 3600)} h"
