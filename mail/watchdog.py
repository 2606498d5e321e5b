"""A watchdog: ends a conversation that takes longer than it may, however slowly the other side goes on talking."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Protocol


class Talks(Protocol):
    """A client with a connection; `sock` is None before it is made and after it is closed."""

    sock: socket.socket | None


@contextmanager
def watched(client: Talks, seconds: float) -> Iterator[None]:
    """Cut the client's connection when the block lasts longer; whatever reads or writes on it then gets an OSError.

    A socket's own timeout begins anew with each byte, so a server that sends one now and then would never meet it.
    """
    timer = Timer(seconds, _cut, [client])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(client: Talks) -> None:
    connection = client.sock
    if connection is not None:
        with suppress(OSError):
            # The plain socket's own method, since the TLS one takes its state away while another thread reads.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
