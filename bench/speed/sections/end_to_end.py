"""All the way: from mails that lie in the mailbox to the SMTP server that took the last notice of them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from bench.speed.check import Verdict, check, check_taken
from bench.speed.mails import Mail
from bench.speed.meter import cpu_between, cpu_of_measuring, cpu_seconds
from bench.speed.report import table, verdict_lines
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.desk import DEADLINE_SECONDS, LOOK_EVERY, running_processes
from bench.speed.stage.servers import Desk, Stage, append_mails, migrated_desk
from bench.speed.stage.sink import SinkLog, running_sink
from worker.runtime.bell import ring

# Seconds that the SMTP server takes for a mail.
SINKS = (0.0, 0.02)
# A part of the mails alone shows what the start costs, and whether it is as fast with more of them.
PARTS = (4, 1)
LEFT = """
SELECT (SELECT count(*) FROM mail.ledger) AS stored, (SELECT count(*) FROM mail.ledger WHERE fate IS NULL)
    + (SELECT count(*) FROM mail.event WHERE fate IS NULL)
    + (SELECT count(*) FROM mail.outbox WHERE fate IS NULL) AS undone
"""


@dataclass(frozen=True, slots=True)
class WholeWay:
    """So many mails with an SMTP server that takes so many seconds for one: what was sent, how long it took, its CPU.

    `seconds` are those from the first ring to the last acceptance; `cpu` is CPU seconds by process, `sink_cpu` those of
    the SMTP server, which are not among them.
    """

    mails: int
    delay: float
    notices: int
    seconds: float
    cpu: Mapping[str, float]
    sink_cpu: float
    verdict: Verdict

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds

    @property
    def cpu_a_mail(self) -> float:
        """CPU milliseconds a mail, of all processes but the sink."""
        return 1000 * sum(self.cpu.values()) / self.mails


def measure(stage: Stage, mails: Sequence[Mail], *, workers: int) -> list[WholeWay]:
    """A part of the mails and all of them, with each SMTP server, each on a desk of its own."""
    parts = [mails[: max(len(mails) // part, 1)] for part in PARTS]
    return [measure_one(stage, some, delay, workers=workers) for delay in SINKS for some in parts]


def measure_one(stage: Stage, mails: Sequence[Mail], delay: float, *, workers: int) -> WholeWay:
    """Fill a mailbox, ring once for a poll, and wait until the last notice was taken."""
    with migrated_desk(stage, "whole", POLL_DAILY) as desk, running_sink(desk.folder, stage.smtp_port, delay) as log:
        with running_processes(desk, workers=workers):
            append_mails(desk, mails)
            before, began = cpu_seconds(), time.time()
            ring("poll", "support")
            _await_sent(desk, len(mails))
            after = cpu_seconds()
        times = log.times()
        return WholeWay(
            len(mails),
            delay,
            len(times),
            max(times.values()) - began,
            cpu_between(before, after),
            cpu_of_measuring(before, after),
            _check(desk, mails, log),
        )


def _check(desk: Desk, mails: Sequence[Mail], log: SinkLog) -> Verdict:
    verdict = check(desk.services.engine, mails)
    wrong = check_taken(desk.services, log.mails(), bytes_too=desk.stage.tree is None)
    return Verdict(verdict.mails, [*verdict.wrong, *wrong])


def _await_sent(desk: Desk, mails: int) -> None:
    ends = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < ends:
        with desk.services.engine.connect() as connection:
            left = connection.execute(text(LEFT)).one()
        if left.stored >= mails and not left.undone:
            return
        time.sleep(LOOK_EVERY)
    raise RuntimeError(f"not everything was sent in {DEADLINE_SECONDS} s: {left}")


def tables(result: Sequence[WholeWay]) -> Iterator[str]:
    """Rate and CPU of each run, and the CPU of each process."""
    yield table(
        ("SMTP server", "mails", "seconds", "mails a second", "notices a second", "CPU ms a mail"),
        [
            (server_name(one.delay), one.mails, one.seconds, one.rate, one.notices / one.seconds, one.cpu_a_mail)
            for one in result
        ],
    )
    names = sorted(
        {name for one in result for name in one.cpu}, key=lambda name: -max(_cpu(one, name) for one in result)
    )
    yield table(
        ("CPU ms a mail", *(f"{server_name(one.delay)}, {one.mails:,} mails" for one in result)),
        [
            *((name, *(_cpu(one, name) for one in result)) for name in names),
            ("all", *(one.cpu_a_mail for one in result)),
            ("the SMTP server, beside them", *(1000 * one.sink_cpu / one.mails for one in result)),
        ],
    )
    yield from verdict_lines(
        sum(one.verdict.mails for one in result), [wrong for one in result for wrong in one.verdict.wrong]
    )


def server_name(delay: float) -> str:
    """What an SMTP server is called that takes so many seconds for a mail."""
    return f"{1000 * delay:.0f} ms a mail" if delay else "at once"


def _cpu(one: WholeWay, name: str) -> float:
    return 1000 * one.cpu.get(name, 0.0) / one.mails
