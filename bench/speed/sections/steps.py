"""What a mail costs at each stage of its way: one process walks it, stage after stage, beside watched servers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.speed.check import Verdict, check
from bench.speed.mails import Mail
from bench.speed.meter import cpu_seconds, spent
from bench.speed.report import table, wrongs
from bench.speed.sections.throughput import RARELY
from bench.speed.servers import Desk, Stage, a_desk, deliver, plain, track
from bench.speed.sink import running_sink

DATABASE = "PostgreSQL"
WAY = {
    "poll": "poll: fetched and stored",
    "read": "of intake: the mail read",
    "intake": "intake: to tickets",
    "announce": "announce: to the outbox",
    "deliver": "deliver: to the SMTP server",
}
# The stages that make tickets and notices; what is read alone is a part of intake, and read there again.
TO_OUTBOX = ("poll", "intake", "announce")
STAGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Cost:
    """One stage: CPU seconds of its process, of PostgreSQL and of all other servers, statements, and the dear ones."""

    stage: str
    client: float
    database: float
    others: float
    statements: int
    costly: Sequence[tuple[str, int, float]]


@dataclass(frozen=True, slots=True)
class Costs:
    """All stages of so many mails."""

    mails: int
    stages: Sequence[Cost]
    verdict: Verdict


def measure(stage: Stage, mails: Sequence[Mail], profile: Path | None = None) -> Costs:
    """Let the mails go their way, one stage at a time; cProfile's files are put into the folder, if one is given."""
    track(stage, "all")
    try:
        with a_desk(stage, "stages", RARELY) as desk, running_sink(desk.folder, stage.smtp_port):
            deliver(desk, mails)
            found = [walk(desk, name, profile) for name in WAY]
            return Costs(len(mails), found, check(desk.services.engine, mails))
    finally:
        track(stage, "none")


def walk(desk: Desk, name: str, profile: Path | None = None) -> Cost:
    """Let one process do one stage for all mails that are there."""
    file = desk.folder / f"{name}.json"
    command = [sys.executable, "-P", "-m", "bench.speed.sections.one_step", name, str(file)]
    with _admin_url(desk):
        before = cpu_seconds()
        profiled = ["--profile", str(profile)] if profile else []
        subprocess.run([*command, *profiled], check=True, timeout=STAGE_SECONDS)
        servers = spent(before, cpu_seconds())
    found: Mapping[str, Any] = json.loads(file.read_text())
    return Cost(
        stage=name,
        client=found["cpu"],
        database=servers.get(DATABASE, 0.0),
        others=sum(seconds for server, seconds in servers.items() if server != DATABASE),
        statements=found["statements"],
        costly=[(statement, calls, took) for statement, calls, took in found["costly"]],
    )


@contextmanager
def _admin_url(desk: Desk) -> Iterator[None]:
    # The view that counts the statements of all databases is in this one.
    os.environ["BENCH_ADMIN_URL"] = plain(desk.stage.database_url)
    yield
    del os.environ["BENCH_ADMIN_URL"]


def tables(found: Costs) -> Iterator[str]:
    """CPU and statements a mail by stage, and the statements on which PostgreSQL spent most."""
    head = ("one process, stage after stage", "CPU ms a mail", "PostgreSQL", "other servers", "statements a mail")
    each = [_row(WAY[one.stage], [one], found.mails) for one in found.stages]
    to_outbox = [one for one in found.stages if one.stage in TO_OUTBOX]
    yield table(head, [*each, _row("poll, intake and announce", to_outbox, found.mails)])
    costly = [(statement, calls, took) for one in found.stages for statement, calls, took in one.costly]
    yield table(
        ("statement", "calls a mail", "ms a mail, waiting included"),
        [
            (f"`{statement.replace('|', '/').replace('`', '')}`", calls / found.mails, took / found.mails)
            for statement, calls, took in sorted(costly, key=lambda one: -one[2])[:10]
        ],
    )
    yield from wrongs(found.verdict.mails, found.verdict.wrong)


def _row(what: str, costs: Sequence[Cost], mails: int) -> Sequence[object]:
    seconds = (sum(getattr(one, name) for one in costs) for name in ("client", "database", "others"))
    return what, *(1000 * one / mails for one in seconds), sum(one.statements for one in costs) / mails
