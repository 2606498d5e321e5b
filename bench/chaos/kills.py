"""Which process is killed when: a seeded choice among the desk's processes, again and again."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from bench.chaos.processes import BROKER, Desk, ManagedProcess, await_broker
from seed.stack.child import log_tail
from worker.runtime.bell import DESK, WIRE

# How often each is chosen beside the others. A child of a pool costs little to replace, a worker takes seconds.
WEIGHTS: Final[Mapping[str, int]] = {
    f"{WIRE} child": 40,
    f"{DESK} child": 40,
    f"{WIRE} worker": 5,
    f"{DESK} worker": 5,
    "beat": 5,
    BROKER: 5,
}
WIRE_KINDS: Final = frozenset({f"{WIRE} child", f"{WIRE} worker"})
CHILD: Final = " child"
# So often a process of one kind may end by itself, such as a worker that finds no broker when it starts.
MOST_ENDS: Final = 20


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: what kind of process, when (monotonic), and the ids of the process and of those that end with it."""

    kind: str
    at: float
    processes: frozenset[int] = frozenset()


@dataclass(slots=True)
class Killer:
    """Kills one process after the other, and starts again what has ended.

    `waiting` are the processes that are down, each with the moment (monotonic) at which it is started again. `chosen`
    is a kind that could not be killed yet. `ended` counts the processes that ended by themselves, by kind.
    """

    desk: Desk
    broker_port: int
    dice: random.Random
    kills: list[Kill] = field(default_factory=list)
    waiting: list[tuple[float, ManagedProcess]] = field(default_factory=list)
    chosen: str = ""
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def counted(self) -> Counter[str]:
        """The number of kills by kind."""
        return Counter(kill.kind for kill in self.kills)

    def kill_next(self) -> bool:
        """Kill a process of a kind that the dice choose; False where all of that kind are still starting."""
        kind = self.chosen or self.dice.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        killed = self._kill_child(kind) if kind.endswith(CHILD) else self._kill_process(kind)
        self.chosen = "" if killed else kind
        return killed

    def restart_due(self, *, all_now: bool = False) -> None:
        """Start again what was killed long enough ago, or at once all that is down."""
        for entry in list(self.waiting):
            due, one = entry
            if not all_now and time.monotonic() < due:
                continue
            self.waiting.remove(entry)
            self.desk.restart(one)
            if one.kind == BROKER:
                await_broker(self.desk, self.broker_port)

    def restart_ended(self) -> None:
        """Start again, a second later, what ended by itself; RuntimeError after more than MOST_ENDS times."""
        down = [one for _, one in self.waiting]
        for one in self.desk.processes:
            if one not in down and one.process.poll() is not None:
                self.ended[one.kind] += 1
                if self.ended[one.kind] > MOST_ENDS:
                    raise RuntimeError(f"the {one.kind} keeps ending: {log_tail(one.program)}")
                self.waiting.append((time.monotonic() + 1, one))

    def _kill_child(self, kind: str) -> bool:
        workers = self._standing(f"{kind.removesuffix(CHILD)} worker")
        children = sorted(pid for one in workers for pid in self.desk.children(one))
        if not children:
            return False
        child = self.dice.choice(children)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        self.kills.append(Kill(kind, time.monotonic(), frozenset({child})))
        return True

    def _kill_process(self, kind: str) -> bool:
        standing = self._standing(kind)
        if not standing:
            return False
        one = self.dice.choice(standing)
        ended = frozenset({one.process.pid, *self.desk.children(one)})
        one.kill()
        self.kills.append(Kill(kind, time.monotonic(), ended))
        self.waiting.append((time.monotonic() + self.dice.uniform(0, 1.5), one))
        return True

    def _standing(self, kind: str) -> list[ManagedProcess]:
        """The processes of a kind that are up; a worker is up when it takes tasks, and has children."""
        down = [one for _, one in self.waiting]
        up = (one for one in self.desk.of_kind(kind) if one not in down)
        return [one for one in up if not kind.endswith(" worker") or (one.is_ready and self.desk.children(one))]
