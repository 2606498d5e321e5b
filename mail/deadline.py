"""The end of a connection's time: then it is cut, however busily the other side goes on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Timer


class Deadline:
    """A moment so many seconds from now at which a connection is cut; None: never.

    The timeout of a socket holds for each read, so a server that sends a byte now and then would never meet it.
    """

    def __init__(self, seconds: float | None) -> None:
        self.passed = False
        self._seconds = seconds
        self._ends = None if seconds is None else time.monotonic() + seconds

    def __str__(self) -> str:
        return f"it took longer than {self._seconds:g} seconds in all"

    def within(self, timeout: float) -> float:
        """Return the timeout in seconds, or the time that is left where this is less; never 0, which means no wait."""
        return timeout if self._ends is None else max(0.001, min(timeout, self._ends - time.monotonic()))

    @contextmanager
    def watching(self, connected: socket) -> Iterator[None]:
        """Cut the connection when the time is up within the block; what reads or writes on it then ends or fails.

        `connected` is a plain socket, on which TLS may be put within the block; `passed` says that it was cut.
        """
        if self._ends is None:
            yield
            return
        # This second handle on the connection stays good when TLS takes the first one over, or when that is closed.
        with connected.dup() as handle:
            timer = Timer(max(0.0, self._ends - time.monotonic()), self._cut, [handle])
            timer.daemon = True
            timer.start()
            try:
                yield
            finally:
                timer.cancel()
                # A cut that is under way is waited for, so that the handle is not closed under its hands.
                timer.join()

    def _cut(self, handle: socket) -> None:
        self.passed = True
        with suppress(OSError):
            handle.shutdown(SHUT_RDWR)
