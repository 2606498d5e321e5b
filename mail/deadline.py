"""A time limit for a whole connection: after it the connection is cut, even while the other side still sends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from itertools import count
from math import inf
from socket import SHUT_RDWR, socket
from threading import Condition, Lock, Thread


class Deadline:
    """A time limit in seconds from now, after which a connection is cut; None: no limit.

    The timeout of a socket holds for each read alone: a server that sends a byte now and then would never exceed it.
    """

    def __init__(self, seconds: float | None) -> None:
        self.passed = False
        self._seconds = seconds
        self._ends = None if seconds is None else time.monotonic() + seconds

    def __str__(self) -> str:
        return f"it took longer than {self._seconds:g} seconds in all"

    def within(self, timeout: float) -> float:
        """Return the timeout in seconds, or the time left if that is less; never 0, which means not to wait."""
        return timeout if self._ends is None else max(0.001, min(timeout, self._ends - time.monotonic()))

    @contextmanager
    def watching(self, connected: socket) -> Iterator[None]:
        """Cut the connection if the time runs out within the block; a read or write on it then ends or fails.

        `connected` is a plain socket, on which TLS may start within the block; `passed` is True after a cut.
        """
        if self._ends is None:
            yield
            return
        # This second handle stays valid when TLS takes over the first one, or when the first one is closed.
        with connected.dup() as handle:
            watchdog = _Watchdog.of_process()
            watched = watchdog.watch(self, handle, self._ends)
            try:
                yield
            finally:
                # The handle must not be closed while a cut is still using it.
                watchdog.leave(watched)


class _Watchdog:
    """One thread that cuts every connection of the process whose time is up: a timer for each mail is a thread each."""

    _running: "_Watchdog | None" = None
    _starting = Lock()

    def __init__(self) -> None:
        self._numbers = count()
        self._due: list[tuple[float, int]] = []
        self._watched: dict[int, tuple[Deadline, socket]] = {}
        self._changed = Condition()
        self._wakes = inf
        Thread(target=self._run, name="deadlines", daemon=True).start()

    @classmethod
    def of_process(cls) -> "_Watchdog":
        """That of this process; a fork has no threads, and begins with none."""
        with cls._starting:
            if cls._running is None:
                cls._running = cls()
            return cls._running

    @classmethod
    def forget(cls) -> None:
        """Let the next one who asks begin anew."""
        cls._running, cls._starting = None, Lock()

    def watch(self, deadline: Deadline, handle: socket, ends: float) -> int:
        """Cut this connection at `ends` (monotonic); the number to leave with."""
        with self._changed:
            number = next(self._numbers)
            self._watched[number] = (deadline, handle)
            heappush(self._due, (ends, number))
            if ends < self._wakes:
                self._changed.notify()
        return number

    def leave(self, number: int) -> None:
        """Watch no longer; afterwards nothing touches the handle."""
        with self._changed:
            del self._watched[number]
            while self._due and self._due[0][1] not in self._watched:
                heappop(self._due)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for deadline, handle in self._up(now):
                    deadline.passed = True
                    with suppress(OSError):
                        handle.shutdown(SHUT_RDWR)
                self._wakes = self._due[0][0] if self._due else inf
                self._changed.wait(None if self._wakes == inf else self._wakes - now)

    def _up(self, now: float) -> Iterator[tuple[Deadline, socket]]:
        while self._due and self._due[0][0] <= now:
            _, number = heappop(self._due)
            if number in self._watched:
                yield self._watched[number]


os.register_at_fork(after_in_child=_Watchdog.forget)
