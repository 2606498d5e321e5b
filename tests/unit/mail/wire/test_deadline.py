"""One thread cuts every connection whose time is up, and no other."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mail.deadline import Deadline


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    with ExitStack() as opened:
        yield [tuple(map(opened.enter_context, socket.socketpair())) for _ in range(3)]  # type: ignore[misc]


def test_each_connection_is_cut_at_its_own_time(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    cut: list[tuple[int, float]] = []
    began = time.monotonic()

    def read(place: int, seconds: float) -> None:
        deadline = Deadline(seconds)
        with deadline.watching(pairs[place][0]):
            assert pairs[place][0].recv(1) == b""
        assert deadline.passed
        cut.append((place, time.monotonic() - began))

    # The second ends first, so the thread has to wake before it meant to.
    readers = [threading.Thread(target=read, args=one) for one in ((0, 0.6), (1, 0.2), (2, 0.4))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(5)

    assert [place for place, _ in cut] == [1, 2, 0]
    assert all(0.2 <= seconds < 3 for _, seconds in cut)


def test_what_ended_in_time_is_never_cut(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    ours, theirs = pairs[0]
    deadline = Deadline(0.1)
    with deadline.watching(ours):
        pass
    time.sleep(0.3)
    theirs.sendall(b"a")

    assert (ours.recv(1), deadline.passed) == (b"a", False)


def test_many_deadlines_take_one_thread(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    before = {thread for thread in threading.enumerate() if thread.name != "deadlines"}
    with ExitStack() as watching:
        for _ in range(50):
            watching.enter_context(Deadline(60).watching(pairs[0][0]))
        more = set(threading.enumerate()) - before

    assert len(more) == 1


def test_a_fork_has_a_watch_of_its_own(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    with Deadline(60).watching(pairs[0][0]):
        child = os.fork()
        if child == 0:
            deadline = Deadline(0.1)
            with deadline.watching(pairs[1][0]):
                pairs[1][0].settimeout(5)
                was_cut = pairs[1][0].recv(1) == b""
            os._exit(0 if was_cut and deadline.passed else 1)
        _, status = os.waitpid(child, 0)

    assert status == 0
