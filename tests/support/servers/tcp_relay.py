"""A TCP relay before a server, which a test can cut or let change the answers, and waiting for a condition."""

import socket
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import suppress
from threading import Thread


class Relay:
    """A relay to a port of this machine; `change` is applied to each piece that the server sends."""

    def __init__(self, port: int, change: Callable[[bytes], bytes] = lambda piece: piece) -> None:
        self._server, self._change = port, change
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._links: list[socket.socket] = []
        self.connections = 0
        self._threads: list[Thread] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads.append(Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def cut(self) -> None:
        """Break every connection."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the listener and every connection."""
        for end in (self._listener, *self._links):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for end in (self._listener, *self._links):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self.connections += 1
                self._links += [client, server]
                self._start(self._carry, client, server, lambda piece: piece)
                self._start(self._carry, server, client, self._change)

    def _carry(self, source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                for byte in in_two_packets(change(piece)):
                    target.sendall(byte)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def in_two_packets(piece: bytes) -> Iterator[bytes]:
    """An untagged EXISTS in two packets with a pause between them; anything else as it is."""
    if b"EXISTS" not in piece or piece.count(b"\r\n") > 2:
        yield piece
        return
    middle = piece.index(b"EXISTS") + 3
    yield piece[:middle]
    time.sleep(0.2)
    yield piece[middle:]


def wait_until(met: Callable[[], bool], seconds: float = 2) -> bool:
    """Wait until a condition is met; False where it is not after so many seconds."""
    ends = time.monotonic() + seconds
    while not met() and time.monotonic() < ends:
        time.sleep(0.01)
    return met()


def more_rings_than(number: int, rings: Sized) -> Callable[[], bool]:
    """The condition that there are more than so many rings."""
    return lambda: len(rings) > number
