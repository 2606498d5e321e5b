"""How far long work is, with an estimate of its end: on stderr, where standard output may be read by a program."""

import sys
import time
from typing import TextIO

# Where nobody looks, a line now and then is enough for a log.
SELDOM_SECONDS = 30.0
OFTEN_SECONDS = 0.5
# Before so much is done, an estimate says nothing.
LEAST_SHARE = 0.01


class HowFar:
    """Says how far work is, in place on a terminal, and as a line now and then elsewhere."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._shows = self._out.isatty()
        self._began = self._shown = time.monotonic()
        self._width = 0

    def show(self, what: str, done: int, of: int) -> None:
        """Say that `done` of so many are over, where that was not said a moment ago."""
        now = time.monotonic()
        if now - self._shown < (OFTEN_SECONDS if self._shows else SELDOM_SECONDS):
            return
        self._shown = now
        share = min(done / of, 1.0) if of else 1.0
        line = f"{what}: {share:.0%}" + left(now - self._began, share)
        if self._shows:
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._out.write(line + "\n")
        self._out.flush()

    def end(self) -> None:
        """Take the line off the terminal; what began next is estimated for itself."""
        if self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()
        self._began, self._width = time.monotonic(), 0


def left(seconds: float, share: float) -> str:
    """About how long it takes until all is done, in words; empty where too little is done to say so."""
    if share < LEAST_SHARE or share >= 1:
        return ""
    rest = seconds * (1 - share) / share
    if rest < 90:
        return f", about {max(round(rest), 1)} s left"
    return f", about {round(rest / 60)} min left" if rest < 5400 else f", about {rest / 3600:.1f} h left"
