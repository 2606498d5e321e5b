"""The end of a connection's time: then it is cut, however busily the server goes on sending."""

import time
from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Timer


class Cutoff:
    """Cuts one connection when its time is up, in seconds from now; None: never.

    The timeout of a socket holds for each read, so a server that sends a byte now and then would never meet it.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._timer: Timer | None = None
        self._handle: socket | None = None
        self._passed = False

    def __str__(self) -> str:
        return f"it took longer than {self._seconds:g} seconds in all"

    @property
    def passed(self) -> bool:
        """Whether the connection was cut."""
        return self._passed

    def within(self, timeout: float) -> float:
        """Return the timeout, or the time that is left where this is less."""
        return timeout if self._ends is None else max(0.001, min(timeout, self._ends - time.monotonic()))

    def watch(self, connected: socket) -> None:
        """Begin to watch a connection; TLS may be put on it later."""
        if self._ends is None:
            return
        # This second handle on the connection stays good when TLS takes the first one over.
        self._handle = connected.dup()
        self._timer = Timer(max(0.0, self._ends - time.monotonic()), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            # A cut that is under way is waited for, so that the handle is not closed under its hands.
            self._timer.join()
        if self._handle is not None:
            self._handle.close()

    def _cut(self) -> None:
        self._passed = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(SHUT_RDWR)
