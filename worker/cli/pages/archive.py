"""How far an archive run is, and what it did, in sentences."""

import sys
import time
from typing import Final

import click

from worker.admin.archive import ArchiveProgress, ArchiveRun

# In seconds between two lines: on a terminal, and in a log.
OFTEN: Final = 1
SELDOM: Final = 60


class Meter:
    """Shows on standard error how far a run is: one line that changes on a terminal, a line a minute elsewhere."""

    def __init__(self) -> None:
        self.latest: ArchiveProgress | None = None
        self._on_terminal = sys.stderr.isatty()
        self._shown_at = time.monotonic()

    @property
    def so_far(self) -> str:
        """What was done till now, as a sentence."""
        return f"{_tickets(self.latest.archived if self.latest else 0)} archived till then."

    def show(self, progress: ArchiveProgress) -> None:
        """Take note of the progress, and show it if it is time."""
        self.latest = progress
        moment = time.monotonic()
        if moment - self._shown_at < (OFTEN if self._on_terminal else SELDOM):
            return
        self._shown_at = moment
        line = f"{progress.archived:,} of about {progress.of:,} tickets"
        line += f", about {_duration(progress.left)} left" if progress.left is not None else ""
        click.echo(f"\r{line:<60}" if self._on_terminal else line, err=True, nl=not self._on_terminal)

    def end(self) -> None:
        """Take the line off the terminal."""
        if self._on_terminal:
            click.echo(f"\r{'':<60}\r", err=True, nl=False)


def sentence_of(run: ArchiveRun) -> str:
    """What a run did, or would do."""
    if run.dry:
        would = (
            f"{_tickets(run.archived).replace(' were', '').replace(' was', '')} would be archived; nothing was changed."
        )
    else:
        would = f"{_tickets(run.archived)} archived."
    stayed = (
        ""
        if not run.stayed
        else f" As old, and staying, since something about them or one merged with them is not done yet: {run.stayed}."
    )
    return f"{would}{stayed}"


def _tickets(count: int) -> str:
    return "1 ticket was" if count == 1 else f"{count:,} tickets were"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
