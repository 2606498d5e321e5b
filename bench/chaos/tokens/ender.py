"""The ends of the token, one after another: at a moment that the dice choose, or in the middle of a FETCH."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty
from threading import Event
from typing import Final

from bench.chaos.tokens.gate import IMAP, Gate, PlannedEnd
from bench.chaos.tokens.provider import NEW_SECONDS, Provider, Trouble

# How many seconds a trouble of the provider lasts.
SHORTEST, LONGEST = 2.0, 6.0
# So many seconds an end waits for a FETCH, and somebody who is to agree again for the desk to notice.
FETCH_SECONDS, NOTICE_SECONDS = 10.0, 30.0
# The next end waits until the desk works again with a token that is not new any more, but not longer than this.
MOST_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05
PASSING: Final = tuple(trouble for trouble in Trouble if trouble is not Trouble.REFUSES)


def make_troubles(dice: random.Random, count: int) -> tuple[Trouble | None, ...]:
    """The trouble that comes along with each of so many ends: every second is alone, and one is a refusal."""
    passing = [PASSING[place // 2 % len(PASSING)] if place % 2 else None for place in range(max(0, count - 1))]
    dice.shuffle(passing)
    middle = count // 2
    return (*passing[:middle], *([Trouble.REFUSES] if count else []), *passing[middle:])


@dataclass(slots=True)
class Ender:
    """Ends the token so many times; `agree` is what an operator does whose consent was refused.

    `failure` is what ended it early.
    """

    provider: Provider
    gate: Gate
    agree: Callable[[], Sequence[str]]
    dice: random.Random
    count: int
    stop: Event = field(default_factory=Event)
    failure: str = ""

    def run(self, seconds: float) -> None:
        """Make all ends, spread over so many seconds, or over more where the desk needs longer to work again.

        What goes wrong is kept in `failure`, for nobody waits for this thread's exceptions.
        """
        pause, began = seconds / max(self.count, 1), time.monotonic()
        try:
            for number, trouble in enumerate(make_troubles(self.dice, self.count)):
                self._wait_until(began + (number + self.dice.uniform(0.3, 0.9)) * pause)
                self._end(PlannedEnd(trouble, self.dice.uniform(SHORTEST, LONGEST)), in_fetch=number % 4 < 2)
                if self.stop.is_set():
                    return
        except Exception as error:  # noqa: BLE001
            self.failure = f"{type(error).__name__}: {error}"

    def _wait_until(self, due: float) -> None:
        latest = time.monotonic() + MOST_SECONDS
        while not self.stop.wait(LOOK_SECONDS):
            now = time.monotonic()
            is_new = now < self.provider.given_at + NEW_SECONDS
            if now >= due and (now >= latest or (self._works_again() and not is_new)):
                return

    def _works_again(self) -> bool:
        if not self.provider.ends:
            return True
        last = self.provider.ends[-1].at
        return any(protocol == IMAP and at > last for protocol, at in reversed(self.gate.let_in[-20:]))

    def _end(self, planned: PlannedEnd, *, in_fetch: bool) -> None:
        wanted = len(self.provider.ends) + 1
        if in_fetch:
            self.gate.planned.put(planned)
            self._wait_for(lambda: len(self.provider.ends) >= wanted, FETCH_SECONDS)
            with suppress(Empty):
                self.gate.planned.get_nowait()
                in_fetch = False
        if not in_fetch:
            self.provider.end(planned.trouble, planned.seconds, in_fetch=False)
        if planned.trouble is Trouble.REFUSES:
            self._agree()

    def _agree(self) -> None:
        """Agree again, as an operator does a while after the desk was refused."""
        self._wait_for(lambda: self.provider.troubled[Trouble.REFUSES] > 0, NOTICE_SECONDS)
        self.stop.wait(self.dice.uniform(SHORTEST, LONGEST))
        self.agree()
        self.provider.agreed()

    def _wait_for(self, happened: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not happened() and time.monotonic() < ends:
            time.sleep(LOOK_SECONDS)
