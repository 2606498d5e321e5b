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
from seed.stack.child import Program, log_tail, running
from worker.runtime.bell import DESK, WIRE

CELERY = (sys.executable, "-P", "-m", "celery", "-A", "worker.app")
CHILDREN = 2
WORKER = ("worker", "-c", str(CHILDREN), "--without-gossip", "--without-mingle", "--loglevel", "INFO")
BEAT = ("beat", "--loglevel", "INFO", "--pidfile=")
BROKER = "broker"
START_SECONDS = 120
# What a worker of Celery writes when it takes tasks.
READY = b' ready."'
STATE, PARENT, SESSION, STARTED = 0, 1, 3, 19
# In /proc/net/tcp.
LOCAL, INODE = 1, 9


@dataclass(frozen=True, slots=True)
class ProcessEntry:
    """A process as /proc lists it (proc(5)); its id and its start, in clock ticks since boot, name it for good."""

    pid: int
    parent: int
    session: int
    started: int


@dataclass(slots=True)
class ManagedProcess:
    """One process of the desk, which is started again after a kill; `kind` is what the table calls it."""

    kind: str
    program: Program
    command: Sequence[str]
    process: Popen[bytes]
    hold: ExitStack
    starts: int = 1
    log_from: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether a worker has said so since it was started; one that loses a child before ends by itself."""
        with self.program.log.open("rb") as log:
            log.seek(self.log_from)
            return READY in log.read()

    def kill(self) -> None:
        """End it with SIGKILL; its children are left to themselves."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Start it with the same command and log."""
        self.hold.close()
        self.log_from = self.program.log.stat().st_size
        self.process = self.hold.enter_context(running(self.program, self.command))
        self.starts += 1


@dataclass(slots=True)
class Desk:
    """The processes of a desk, and the sessions that each start of one made (setsid(2))."""

    processes: list[ManagedProcess] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    def of_kind(self, *kinds: str) -> list[ManagedProcess]:
        """The processes of these kinds."""
        return [one for one in self.processes if one.kind in kinds]

    def add(self, kind: str, program: Program, command: Sequence[str]) -> ManagedProcess:
        """Start a process, which is stopped by `end`."""
        hold = ExitStack()
        one = ManagedProcess(kind, program, command, hold.enter_context(running(program, command)), hold)
        self.processes.append(one)
        self.sessions.add(one.process.pid)
        return one

    def restart(self, one: ManagedProcess) -> None:
        """Start a killed process again; its children may live on, in its old session."""
        one.restart()
        self.sessions.add(one.process.pid)

    def children(self, one: ManagedProcess) -> list[int]:
        """The ids of the children of a worker's pool."""
        return [seen.pid for seen in _processes() if seen.parent == one.process.pid]

    def orphans(self) -> list[ProcessEntry]:
        """The processes of the desk whose parent was killed."""
        alive = {one.process.pid for one in self.processes}
        return [seen for seen in _processes() if seen.session in self.sessions - alive]

    def end(self) -> int:
        """Stop everything, kill the orphans, and return how many there were."""
        for one in self.processes:
            one.process.terminate()
        for one in reversed(self.processes):
            one.hold.close()
        self.processes.clear()
        orphans = self.orphans()
        for orphan in orphans:
            with suppress(ProcessLookupError):
                os.kill(orphan.pid, signal.SIGKILL)
        return len(orphans)


def open_desk(folder: Path, broker_port: int, workers: int) -> Desk:
    """Start a broker that keeps its messages over a restart, beat, and so many workers on each queue."""
    desk, uid = Desk(), os.geteuid()
    place = folder / "broker"
    place.mkdir(exist_ok=True)
    command = [valkey.server_binary(), *valkey.server_options(place, broker_port, appendonly=True)]
    desk.add(BROKER, Program(BROKER, folder / "broker.log", uid), command)
    await_broker(desk, broker_port)
    desk.add("beat", Program("beat", folder / "beat.log", uid), (*CELERY, *BEAT))
    for queue in (WIRE, DESK) * workers:
        number = len(desk.processes)
        program = Program(f"{queue} worker", folder / f"{queue}-{number}.log", uid)
        desk.add(f"{queue} worker", program, (*CELERY, *WORKER, "-Q", queue, "-n", f"{queue}{number}@chaos"))
    _await_workers(desk)
    return desk


def _await_workers(desk: Desk) -> None:
    """Wait until every worker has its children; StackError where one does not start."""
    ends = time.monotonic() + START_SECONDS
    for one in desk.of_kind(f"{WIRE} worker", f"{DESK} worker"):
        while len(desk.children(one)) < CHILDREN:
            if one.process.poll() is not None or time.monotonic() > ends:
                raise StackError(f"the {one.kind} does not start: {log_tail(one.program)}")
            time.sleep(0.1)


def await_broker(desk: Desk, port: int) -> None:
    """Wait until the broker answers; StackError after half a minute."""
    ends = time.monotonic() + START_SECONDS
    (broker,) = desk.of_kind(BROKER)
    while not valkey.is_answering(port, broker.process.pid):
        if time.monotonic() > ends:
            raise StackError("the broker does not start again")
        time.sleep(0.02)


def owner_of_port(port: int) -> int:
    """The id of the Python process on this machine whose connection goes out from this port; 0 where there is none."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    # An earlier connection from the port may still be listed; what nobody holds any more has no inode.
    inodes = {row[INODE] for row in rows if int(row[LOCAL].rpartition(":")[2], 16) == port} - {"0"}
    return next((pid for pid in _pythons() if inodes & _sockets(pid)), 0)


def _pythons() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and (entry / "exe").samefile(sys.executable):
                yield int(entry.name)


def _sockets(pid: int) -> set[str]:
    """The inodes of the sockets that a process has open (proc(5), /proc/pid/fd)."""
    links: list[str] = []
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            # Another thread may have closed it meanwhile.
            with suppress(OSError):
                links.append(str(descriptor.readlink()))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _processes() -> Iterator[ProcessEntry]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # What stands in brackets is the name, which may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[STATE] != "Z":
                    yield ProcessEntry(int(entry.name), *(int(fields[place]) for place in (PARENT, SESSION, STARTED)))
