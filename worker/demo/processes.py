"""The desk's own processes as a demo runs them: a worker on each queue, and beat."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from seed.stack.child import Program, running
from worker.runtime.bell import QUEUES

CELERY = (sys.executable, "-P", "-m", "celery", "-A", "worker.app")
# The solo pool keeps each worker one process, so that stopping it by its id stops all of it. It starts at once, and one
# task at a time is what a demo needs.
WORKER = ("worker", "--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
BEAT = ("beat", "--loglevel", "INFO", "--pidfile=")


@dataclass(frozen=True, slots=True)
class DeskProcess:
    """A worker or beat: its name for people, the file of its log, and the process."""

    name: str
    log: Path
    process: Popen[bytes]

    def why_gone(self) -> str | None:
        """A sentence with exit status and log where it ended by itself; None while it runs."""
        status = self.process.poll()
        return None if status is None else f"The {self.name} ended with status {status}; its log is {self.log}."


@contextmanager
def running_beat(folder: Path) -> Iterator[tuple[DeskProcess, ...]]:
    """Run beat with its log in the folder."""
    with _running(folder, {"beat": BEAT}) as processes:
        yield processes


@contextmanager
def running_workers(folder: Path) -> Iterator[tuple[DeskProcess, ...]]:
    """Run a worker on each queue with its log in the folder."""
    queues = sorted(set(QUEUES.values()))
    commands = {f"{queue} worker": (*WORKER, "-Q", queue, "-n", f"{queue}@demo") for queue in queues}
    with _running(folder, commands) as processes:
        yield processes


@contextmanager
def _running(folder: Path, commands: Mapping[str, Sequence[str]]) -> Iterator[tuple[DeskProcess, ...]]:
    with ExitStack() as started:
        processes = list[DeskProcess]()
        for name, command in commands.items():
            log = folder / f"{name.replace(' ', '-')}.log"
            process = started.enter_context(running(Program(name, log, os.geteuid()), [*CELERY, *command]))
            processes.append(DeskProcess(name, log, process))
        try:
            yield tuple(processes)
        finally:
            # All are asked to end before the first is waited for.
            for one in processes:
                one.process.terminate()
