"""How far a long command is, on standard error: a line that is written over on a terminal, else one now and then."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import click

T = TypeVar("T")
EVERY_SECONDS: Final = 0.5
# Where nobody watches, a log shows that the command lives.
EVERY_SECONDS_IN_LOGS: Final = 30.0


class Progress:
    """Counts what is done of at most `total`, and says how long the rest may take; None where nobody knows how many."""

    def __init__(self, doing: str, total: int | None) -> None:
        self.doing, self.total, self.done = doing, total, 0
        self.on_terminal = sys.stderr.isatty()
        self.began = self.spoke = time.monotonic()

    def follow(self, values: Iterable[T]) -> Iterator[T]:
        """Give each value, and count it once the next is asked for."""
        for value in values:
            yield value
            self.done += 1
            self._speak()
        if self.on_terminal and self.done:
            click.echo("\r\x1b[K", nl=False, err=True)

    def _speak(self) -> None:
        now = time.monotonic()
        if now - self.spoke < (EVERY_SECONDS if self.on_terminal else EVERY_SECONDS_IN_LOGS):
            return
        self.spoke = now
        line = f"{self.doing}: {self.done:,}"
        if self.total is not None:
            left = (now - self.began) / self.done * (self.total - self.done)
            line = f"{line} of at most {self.total:,}, {_duration(left)} left"
        click.echo(f"\r\x1b[K{line}" if self.on_terminal else line, nl=not self.on_terminal, err=True)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
