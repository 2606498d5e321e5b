"""Which process holds a connection: a kill explains a mail sent twice only where that is known."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from bench.chaos.processes import Desk, owner_of_port
from seed.stack.child import Program


@contextmanager
def opening_and_closing() -> Iterator[None]:
    """Another thread opens and closes files without an end, as those do that carry mails."""
    stop = Event()

    def work() -> None:
        while not stop.is_set():
            for handle in [os.open(os.devnull, os.O_RDONLY) for _ in range(50)]:
                os.close(handle)

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_owner_of_a_connection_is_found_while_it_opens_and_closes_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        port = client.getsockname()[1]
        with opening_and_closing():
            found = {owner_of_port(port) for _ in range(20)}

    assert found == {os.getpid()}


def test_an_earlier_connection_from_the_port_is_not_taken_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        with reused_port(0) as first:
            first.connect(server.getsockname())
            port = first.getsockname()[1]
        # It is listed for a while longer, with no process that holds it.
        with reused_port(port) as client:
            client.connect(other.getsockname())
            assert owner_of_port(port) == os.getpid()


def reused_port(port: int) -> socket.socket:
    """A socket at a port at which another one may have been."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind(("127.0.0.1", port))
    return client


def test_a_worker_is_ready_once_it_has_said_so_since_its_last_start(tmp_path: Path) -> None:
    log, line = tmp_path / "log", b'{"event": "wire2@chaos ready.", "level": "info"}\n'
    one = Desk().add("worker", Program("worker", log, os.geteuid()), (sys.executable, "-c", ""))
    one.process.wait()
    found = [one.is_ready]
    for _ in range(2):
        log.write_bytes(log.read_bytes() + line)
        found.append(one.is_ready)
        one.restart()
        one.process.wait()
        found.append(one.is_ready)
    one.hold.close()

    assert found == [False, True, False, True, False]
