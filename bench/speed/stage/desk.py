"""The desk at work: its real processes as they ship, and a mailbox taken in from the first ring to the last mail."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from bench.speed.meter import Memory, cpu_between, cpu_seconds, memory
from bench.speed.stage.servers import Desk
from seed.stack.child import Program, log_tail, running
from worker.demo.processes import BEAT, CELERY
from worker.runtime.bell import DESK, WIRE, ring

WORKER = ("worker", "-c", "1", "--without-gossip", "--without-mingle")
SUPPORTDESK = (sys.executable, "-P", "-c", "from worker.cli.main import main; main()")
START_SECONDS = 60
DEADLINE_SECONDS = 1800
LOOK_EVERY = 0.25

LEFT = """
SELECT (SELECT count(*) FROM mail.ledger WHERE id > :mark) AS stored,
    (SELECT count(*) FROM mail.ledger WHERE fate IS NULL) AS undecided,
    (SELECT count(*) FROM mail.event WHERE fate IS NULL) AS unannounced
"""
LAST = """
SELECT (SELECT max(stored_at) FROM mail.ledger WHERE id > :mark) AS polled,
    (SELECT max(decided_at) FROM mail.ledger WHERE id > :mark) AS decided,
    (SELECT max(announced_at) FROM mail.event WHERE id > :event_mark) AS announced
"""
MARKS = "SELECT (SELECT coalesce(max(id), 0) FROM mail.ledger), (SELECT coalesce(max(id), 0) FROM mail.event)"


@dataclass(frozen=True, slots=True)
class TimedRun:
    """One mailbox taken in: seconds from the first ring to each step's last commit, CPU seconds by process, memory.

    `announced` is when the last notification was in the outbox.
    """

    mails: int
    polled: float
    decided: float
    announced: float
    cpu: Mapping[str, float]
    memory: Sequence[Memory]

    @property
    def rate(self) -> float:
        """Mails a second, from the first ring to everything announced."""
        return self.mails / self.announced

    @property
    def cpu_a_mail(self) -> float:
        """CPU milliseconds a mail, of all processes."""
        return 1000 * sum(self.cpu.values()) / self.mails


@contextmanager
def running_processes(desk: Desk, *, workers: int = 2, watch: bool = False) -> Iterator[None]:
    """Run a desk's processes: one worker on the queue `wire`, `workers` on `desk`, beat, and `watch` if asked for."""
    tree = desk.stage.tree
    # Another tree may be older than `supportdesk worker`.
    worker = (*(CELERY if tree else SUPPORTDESK), *WORKER)
    names: dict[str, Sequence[str]] = {"wire": (*worker, "-Q", WIRE, "-n", "wire@bench")}
    for number in range(workers):
        names[f"desk{number}"] = (*worker, "-Q", DESK, "-n", f"desk{number}@bench")
    names["beat"] = (*CELERY, *BEAT)
    names |= {"watch": (*SUPPORTDESK, "watch")} if watch else {}
    names = {name: tree.command(words) for name, words in names.items()} if tree else names
    with ExitStack() as started:
        processes = [
            started.enter_context(running(Program(name, desk.folder / f"{name}.log", os.geteuid()), command))
            for name, command in names.items()
        ]
        await_workers(workers + 1, desk.folder)
        _await_report(desk)
        try:
            yield
        finally:
            # All are asked to end before the first is waited for.
            for process in processes:
                process.terminate()


def await_workers(count: int, folder: Path) -> None:
    """Wait until all workers answer, and let each take its first task before anything is measured."""
    # The application reads its settings when it is imported.
    from worker.app import app  # noqa: PLC0415

    app.set_default()
    ends = time.monotonic() + START_SECONDS
    while len(app.control.ping(timeout=1) or []) < count:
        if time.monotonic() > ends:
            words = [log_tail(Program(log.stem, log, 0)) for log in folder.glob("*.log")]
            raise RuntimeError(f"the workers do not start: {words}")
    for _ in range(2 * count):
        ring("receive")
        ring("announce")
    time.sleep(2)


def _await_report(desk: Desk) -> None:
    """Let the daily report be drawn before anything is measured: a desk of a minute's age sends it at once."""
    ring("report")
    time.sleep(1)
    with desk.services.engine.connect() as connection:
        ends = time.monotonic() + START_SECONDS
        while connection.execute(text(LEFT), {"mark": 0}).one().unannounced and time.monotonic() < ends:
            time.sleep(LOOK_EVERY)
            connection.rollback()
    time.sleep(1)


def measure_intake(desk: Desk, mails: int) -> TimedRun:
    """Ring once for a poll of a mailbox with so many new mails, and wait until everything is announced."""
    with desk.services.engine.connect() as connection:
        mark, event_mark = connection.execute(text(MARKS)).one()
    before, began = cpu_seconds(), datetime.now(UTC)
    ring("poll", "support")
    _await_announced(desk, mark, mails)
    after = cpu_seconds()
    with desk.services.engine.connect() as connection:
        last = connection.execute(text(LAST), {"mark": mark, "event_mark": event_mark}).one()
    polled, decided, announced = ((moment - began).total_seconds() for moment in last)
    return TimedRun(mails, polled, decided, announced, cpu_between(before, after), memory())


def _await_announced(desk: Desk, mark: int, mails: int) -> None:
    ends = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < ends:
        with desk.services.engine.connect() as connection:
            left = connection.execute(text(LEFT), {"mark": mark}).one()
        if left.stored >= mails and not left.undecided and not left.unannounced:
            return
        time.sleep(LOOK_EVERY)
    raise RuntimeError(f"not everything was announced in {DEADLINE_SECONDS} s: {left}")
