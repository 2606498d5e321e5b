"""A server that runs as our child process: started, awaited, stopped by its own id, and never left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seed.stack.account import StackError

TETHER = Path(__file__).with_name("tether.py")
ROOT = Path(__file__).parents[2]
START_SECONDS = 30
STOP_SECONDS = 20
PORT_TRIES = 5


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run: its name for people, log, user, the signal that ends it, and its standard input (`feed`)."""

    name: str
    log: Path
    uid: int
    end: signal.Signals = signal.SIGTERM
    feed: bytes = b""


@contextmanager
def running(program: Program, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the end of the block; if this process is killed, the kernel ends it too.

    That holds for the thread that enters here: the child goes when its thread goes.
    """
    # A child that is a module of this project finds it there, whether it is installed or not.
    python_path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(program.end.value), str(program.uid)]
    with program.log.open("ab") as log:
        # In a session of its own it gets no Ctrl-C, so that this process stops everything in order.
        process = subprocess.Popen(
            [*tether, *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            env=os.environ | {"PYTHONPATH": python_path},
            start_new_session=True,
        )
    try:
        _feed(process, program.feed)
        yield process
    finally:
        _stop(process, program.end)


def _feed(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdin is not None
    # A process that ended at once is noticed by await_ready.
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(text)


def _stop(process: subprocess.Popen[bytes], end: signal.Signals) -> None:
    # A process that has ended but was not waited for keeps its id, so this cannot reach another one.
    process.send_signal(end)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_ready(program: Program, process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
    """Wait until the server answers; False where it ended instead. Raises StackError after half a minute."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if process.poll() is not None:
            return False
        if ready():
            return True
        time.sleep(0.02)
    raise StackError(f"{program.name} is not ready after {START_SECONDS} s: {log_tail(program)}")


@contextmanager
def serving(
    program: Program, command: Callable[[int], Sequence[str]], ready: Callable[[int, int], bool]
) -> Iterator[int]:
    """Run a server on a free port and give the port; on another one where that was taken meanwhile.

    `command` makes the arguments for a port, `ready` asks the server, given its port and process id.
    """
    for _ in range(PORT_TRIES):
        port = free_port()
        with running(program, command(port)) as process:
            if await_ready(program, process, partial(ready, port, process.pid)):
                yield port
                return
    raise StackError(f"{program.name} does not start: {log_tail(program)}")


def free_port() -> int:
    """Return a TCP port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def log_tail(program: Program) -> str:
    """Return the end of the log, for an error message."""
    return program.log.read_text(errors="replace")[-1000:].strip() or f"{program.log} is empty"
