"""What a desk with hundreds of mailboxes costs while nothing comes: CPU, memory, and connections."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed.mails import MX
from bench.speed.meter import Memory, cpu_between, cpu_seconds, memory, open_sockets, pids
from bench.speed.report import memory_table, table
from bench.speed.stage.desk import running_processes
from bench.speed.stage.servers import Desk, Stage, migrated_desk

START_SECONDS = 300
SETTLE_SECONDS = 20
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
ADOPTED = "SELECT count(*) FROM mail.mailbox"


@dataclass(frozen=True, slots=True)
class Idle:
    """So many mailboxes watched for so many seconds: CPU seconds by process, memory, and open connections."""

    mailboxes: int
    seconds: float
    cpu: Mapping[str, float]
    memory: Sequence[Memory]
    watching: int
    database: int


def measure(stage: Stage, mailboxes: int, seconds: float) -> Idle:
    """Watch so many empty mailboxes, polled every minute as well, and look at it for so many seconds."""
    boxes = {"SUPPORTDESK_MAILBOX": json.dumps(list(_mailbox_settings(stage, mailboxes)))}
    with migrated_desk(stage, "idle", boxes) as desk, running_processes(desk, watch=True):
        _await_watched(desk, mailboxes)
        time.sleep(SETTLE_SECONDS)
        before, began = cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        cpu, took = cpu_between(before, cpu_seconds()), time.monotonic() - began
        return Idle(mailboxes, took, cpu, memory(), _sockets(), desk.count(CLIENTS))


def _mailbox_settings(stage: Stage, mailboxes: int) -> Iterator[dict[str, object]]:
    for number in range(mailboxes):
        name = f"idle{number}" if number else "support"
        yield {
            "name": name,
            "address": f"{name}@desk.example",
            "host": "127.0.0.1",
            "port": stage.imap.port,
            "security": "plain",
            "authserv_id": MX,
            "user": f"{name}@idle.example",
            "password": stage.imap.password,
        }


def _await_watched(desk: Desk, mailboxes: int) -> None:
    """Wait until each mailbox has a connection, and was polled once."""
    ends = time.monotonic() + START_SECONDS
    while _sockets() < mailboxes or desk.count(ADOPTED) < mailboxes:
        if time.monotonic() > ends:
            log = Path(desk.folder / "watch.log").read_text()[-2000:]
            raise RuntimeError(f"{_sockets()} of {mailboxes} are watched, {desk.count(ADOPTED)} were polled: {log}")
        time.sleep(1)


def _sockets() -> int:
    return sum(open_sockets(pid) for pid in pids("watch"))


def tables(result: Idle) -> Iterator[str]:
    """CPU of each process in percent of one core, connections, memory."""
    yield (
        f"{result.mailboxes} mailboxes, nothing comes, each polled every 60 s as well, for {result.seconds:.0f} s. "
        f"`supportdesk watch` has {result.watching} sockets open, PostgreSQL {result.database} sessions."
    )
    cpu = sorted(result.cpu.items(), key=lambda one: -one[1])
    rows = [(name, 100 * seconds / result.seconds) for name, seconds in cpu]
    yield table(("process", "percent of one core"), [*rows, ("all", sum(row[1] for row in rows))])
    yield memory_table(result.memory)
