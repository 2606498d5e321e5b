"""The desk's processes and its broker as chaos runs them: each can be killed by its id and started again."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from seed.stack import valkey
from seed.stack.account import StackError
from seed.stack.child import Program, last_words, running
from worker.runtime.bell import DESK, WIRE

CELERY = (sys.executable, "-P", "-m", "celery", "-A", "worker.app")
CHILDREN = 2
WORKER = ("worker", "-c", str(CHILDREN), "--without-gossip", "--without-mingle", "--loglevel", "INFO")
BEAT = ("beat", "--loglevel", "INFO", "--pidfile=")
BROKER = "broker"
START_SECONDS = 30
STATE, PARENT, SESSION, STARTED = 0, 1, 3, 19


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as the kernel lists it; id and start together are never used twice."""

    pid: int
    parent: int
    session: int
    started: int


@dataclass(slots=True)
class Tended:
    """One process that is started again whenever it was killed; `kind` is what the table calls it."""

    kind: str
    program: Program
    command: Sequence[str]
    process: Popen[bytes]
    hold: ExitStack
    starts: int = 1

    def kill(self) -> None:
        """End it with SIGKILL; its children are left to themselves."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start it once more, where it was."""
        self.hold.close()
        self.process = self.hold.enter_context(running(self.program, self.command))
        self.starts += 1


@dataclass(slots=True)
class Desk:
    """All of them."""

    tended: list[Tended] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    def of(self, *kinds: str) -> list[Tended]:
        """The processes of these kinds."""
        return [one for one in self.tended if one.kind in kinds]

    def add(self, kind: str, program: Program, command: Sequence[str]) -> Tended:
        """Start a process and look after it."""
        hold = ExitStack()
        one = Tended(kind, program, command, hold.enter_context(running(program, command)), hold)
        self.tended.append(one)
        self.sessions.add(one.process.pid)
        return one

    def restart(self, one: Tended) -> None:
        """Start a killed process again."""
        one.start_again()
        self.sessions.add(one.process.pid)

    def children(self, one: Tended) -> list[int]:
        """The children of a worker's pool."""
        return [seen.pid for seen in _processes() if seen.parent == one.process.pid]

    def orphans(self) -> list[Seen]:
        """The processes of ours whose parent was killed."""
        alive = {one.process.pid for one in self.tended}
        return [seen for seen in _processes() if seen.session in self.sessions - alive]

    def end(self) -> int:
        """Stop everything, and kill what is left over; how many orphans there were."""
        for one in self.tended:
            one.process.terminate()
        for one in reversed(self.tended):
            one.hold.close()
        self.tended.clear()
        orphans = self.orphans()
        for orphan in orphans:
            with suppress(ProcessLookupError):
                os.kill(orphan.pid, signal.SIGKILL)
        return len(orphans)


def open_desk(folder: Path, broker_port: int, workers: int) -> Desk:
    """Start a broker that keeps what it is told, beat, and so many workers on each queue."""
    desk, uid = Desk(), os.geteuid()
    place = folder / "broker"
    place.mkdir(exist_ok=True)
    command = [valkey.server_binary(), *valkey.server_options(place, broker_port, appendonly=True)]
    desk.add(BROKER, Program(BROKER, folder / "broker.log", uid), command)
    await_broker(desk, broker_port)
    desk.add("beat", Program("beat", folder / "beat.log", uid), (*CELERY, *BEAT))
    for queue in (WIRE, DESK) * workers:
        number = len(desk.tended)
        program = Program(f"{queue} worker", folder / f"{queue}-{number}.log", uid)
        desk.add(f"{queue} worker", program, (*CELERY, *WORKER, "-Q", queue, "-n", f"{queue}{number}@chaos"))
    _await_workers(desk)
    return desk


def _await_workers(desk: Desk) -> None:
    """Wait until every worker has its children; a worker that cannot start fails here."""
    ends = time.monotonic() + START_SECONDS
    for one in desk.of(f"{WIRE} worker", f"{DESK} worker"):
        while len(desk.children(one)) < CHILDREN:
            if one.process.poll() is not None or time.monotonic() > ends:
                raise StackError(f"the {one.kind} does not start: {last_words(one.program)}")
            time.sleep(0.1)


def await_broker(desk: Desk, port: int) -> None:
    """Wait until the broker answers."""
    ends = time.monotonic() + START_SECONDS
    (broker,) = desk.of(BROKER)
    while not valkey.is_answering(port, broker.process.pid):
        if time.monotonic() > ends:
            raise StackError("the broker does not start again")
        time.sleep(0.02)


def _processes() -> Iterator[Seen]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # What stands in brackets is the name, which may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[STATE] != "Z":
                    yield Seen(int(entry.name), *(int(fields[place]) for place in (PARENT, SESSION, STARTED)))
