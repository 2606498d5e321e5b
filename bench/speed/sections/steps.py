"""What a mail costs at each step from poll to delivery: one process does one step for all mails, then the next."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.speed.check import Verdict, check
from bench.speed.mails import Mail
from bench.speed.meter import cpu_between, cpu_seconds
from bench.speed.report import table, verdict_lines
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.servers import Desk, Stage, append_mails, libpq_url, migrated_desk, track_statements
from bench.speed.stage.sink import running_sink

DATABASE = "PostgreSQL"
STEP_NAMES = {
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
    """One step: CPU seconds of its process, of PostgreSQL and of other servers, statements, and the slowest ones."""

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
    """Run every step for the mails, one after the other; cProfile's files are put into the folder, if one is given."""
    track_statements(stage, "all")
    try:
        with migrated_desk(stage, "stages", POLL_DAILY) as desk, running_sink(desk.folder, stage.smtp_port):
            append_mails(desk, mails)
            result = [run_step(desk, name, profile) for name in STEP_NAMES]
            return Costs(len(mails), result, check(desk.services.engine, mails))
    finally:
        track_statements(stage, "none")


def run_step(desk: Desk, name: str, profile: Path | None = None) -> Cost:
    """Run one step for all mails that are there in a process of its own; its costs and those of the servers."""
    file = desk.folder / f"{name}.json"
    command = [sys.executable, "-P", "-m", "bench.speed.sections.one_step", name, str(file)]
    profiled = ["--profile", str(profile)] if profile else []
    # The view pg_stat_statements, which counts the statements of all databases, is in the server's first database.
    environ = os.environ | {"BENCH_ADMIN_URL": libpq_url(desk.stage.database_url)}
    before = cpu_seconds()
    subprocess.run([*command, *profiled], check=True, timeout=STAGE_SECONDS, env=environ)
    servers = cpu_between(before, cpu_seconds())
    result: Mapping[str, Any] = json.loads(file.read_text())
    return Cost(
        stage=name,
        client=result["cpu"],
        database=servers.get(DATABASE, 0.0),
        others=sum(seconds for server, seconds in servers.items() if server != DATABASE),
        statements=result["statements"],
        costly=[(statement, calls, took) for statement, calls, took in result["costly"]],
    )


def tables(result: Costs) -> Iterator[str]:
    """CPU and statements a mail by stage, and the statements on which PostgreSQL spent most."""
    head = ("one process, stage after stage", "CPU ms a mail", "PostgreSQL", "other servers", "statements a mail")
    each = [_row(STEP_NAMES[one.stage], [one], result.mails) for one in result.stages]
    to_outbox = [one for one in result.stages if one.stage in TO_OUTBOX]
    yield table(head, [*each, _row("poll, intake and announce", to_outbox, result.mails)])
    costly = [(statement, calls, took) for one in result.stages for statement, calls, took in one.costly]
    yield table(
        ("statement", "calls a mail", "ms a mail, waiting included"),
        [
            (f"`{statement.replace('|', '/').replace('`', '')}`", calls / result.mails, took / result.mails)
            for statement, calls, took in sorted(costly, key=lambda one: -one[2])[:10]
        ],
    )
    yield from verdict_lines(result.verdict.mails, result.verdict.wrong)


def _row(what: str, costs: Sequence[Cost], mails: int) -> Sequence[object]:
    seconds = (sum(getattr(one, name) for one in costs) for name in ("client", "database", "others"))
    return what, *(1000 * one / mails for one in seconds), sum(one.statements for one in costs) / mails
