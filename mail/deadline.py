"""A time limit for a whole connection: after it the connection is cut, even while the other side still sends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Timer


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
            timer = Timer(max(0.0, self._ends - time.monotonic()), self._cut, [handle])
            timer.daemon = True
            timer.start()
            try:
                yield
            finally:
                timer.cancel()
                # The handle must not be closed while a cut is still using it.
                timer.join()

    def _cut(self, handle: socket) -> None:
        self.passed = True
        with suppress(OSError):
            handle.shutdown(SHUT_RDWR)
