"""CPU seconds and memory of the processes that a benchmark started, read from /proc (proc(5))."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USER, CHILDRENS_SYSTEM = 1, 11, 15
# A part of its command line by which a process is recognised, and its name in the tables.
NAMES = (
    ("bin/postgres", "PostgreSQL"),
    ("valkey-server", "broker"),
    ("redis-server", "broker"),
    ("seed.stack.mailhost", "IMAP server"),
    ("dovecot", "IMAP server"),
    ("bench.speed.stage.sink", "SMTP sink"),
    ("-Q\0wire", "wire worker"),
    ("-Q\0desk", "desk workers"),
    ("\0beat", "beat"),
    ("\0watch", "watch"),
)
SERVERS = ("PostgreSQL", "IMAP server")
MOST_SHOWN = 6
# These belong to how it is measured, and not to the desk.
NOT_OURS = frozenset({"SMTP sink"})


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """A process: its parent, its CPU seconds with those of its ended children, and its command line."""

    pid: int
    parent: int
    cpu: float
    command: str


@dataclass(frozen=True, slots=True)
class Memory:
    """A process's resident memory in megabytes: the most it ever was, and what it has of its own now."""

    name: str
    peak: float
    now: float


def cpu_seconds() -> dict[str, float]:
    """CPU seconds so far by name, of all our child processes and of their children, living and ended."""
    return {name: sum(one.cpu for one in members) for name, members in _processes_by_name().items()}


def cpu_between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds by name between two readings, without processes that only measure."""
    return {name: after[name] - before.get(name, 0.0) for name in after if name not in NOT_OURS}


def cpu_of_measuring(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """CPU seconds between two readings of the processes that only measure."""
    return sum(after.get(name, 0.0) - before.get(name, 0.0) for name in NOT_OURS)


def running_seconds(pid: int) -> float:
    """CPU seconds of a process of one thread, to the nanosecond; 0 where it has ended."""
    with suppress(OSError):
        return int((PROC / str(pid) / "schedstat").read_text().split()[0]) / 1e9
    return 0.0


def memory() -> list[Memory]:
    """The largest process of each name first; of PostgreSQL and the IMAP server only what their largest have."""
    sizes = {
        name: sorted((_sizes(one.pid) for one in members), reverse=True)
        for name, members in _processes_by_name().items()
    }
    # They have many processes of several kinds, and the one with the highest peak is not always the same one.
    sizes |= {name: [tuple(map(max, zip(*sizes[name], strict=True)))] for name in SERVERS if sizes.get(name)}
    usages = [
        Memory(f"{name} {number}" if number else name, *each)
        for name, processes in sizes.items()
        for number, each in enumerate(processes[:MOST_SHOWN])
    ]
    return sorted(usages, key=lambda one: -one.peak)


def reset_peaks() -> None:
    """Let the peaks count from now; where the kernel does not allow it, they go back to the start."""
    for members in _processes_by_name().values():
        for one in members:
            with suppress(OSError):
                (PROC / str(one.pid) / "clear_refs").write_text("5")


def pids(name: str) -> list[int]:
    """The processes of a name, the first one started first."""
    return sorted(one.pid for one in _processes_by_name().get(name, []))


def open_sockets(pid: int) -> int:
    """How many sockets a process has open."""
    links = (str(link.readlink()) for link in (PROC / str(pid) / "fd").iterdir())
    return sum(link.startswith("socket:") for link in links)


def _processes_by_name() -> dict[str, list[ProcessUsage]]:
    processes = {one.pid: one for one in _processes()}
    usages: dict[str, list[ProcessUsage]] = {}
    for one in processes.values():
        name = _name_of(one, processes)
        if name:
            usages.setdefault(name, []).append(one)
    return usages


def _name_of(one: ProcessUsage, processes: Mapping[int, ProcessUsage]) -> str | None:
    """What the child of ours is called to which a process belongs; None where it is no descendant."""
    while one.parent != os.getpid():
        if one.parent not in processes:
            return None
        one = processes[one.parent]
    return next((name for words, name in NAMES if words in one.command), None)


def _processes() -> Iterator[ProcessUsage]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # What stands in brackets is the name, which may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                cpu = sum(int(field) for field in fields[USER:CHILDRENS_SYSTEM])
                yield ProcessUsage(int(entry.name), int(fields[PARENT]), cpu / TICKS, (entry / "cmdline").read_text())


def _sizes(pid: int) -> tuple[float, float]:
    """Peak and present resident memory in megabytes; nothing where the process has ended.

    The present one is without memory that processes share: a database's buffers fill, and that is no leak.
    """
    with suppress(OSError):
        lines = dict(line.split(":", 1) for line in (PROC / str(pid) / "status").read_text().splitlines())
        if "VmHWM" in lines:
            peak, now, shared = (int(lines[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS", "RssShmem"))
            return peak, now - shared
    return 0.0, 0.0
