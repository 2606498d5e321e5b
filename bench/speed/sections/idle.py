"""What a desk with hundreds of mailboxes costs while nothing comes: CPU, memory, and connections."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench.speed.desk import working
from bench.speed.mails import MX
from bench.speed.meter import Memory, cpu_seconds, memory, open_sockets, pids, spent
from bench.speed.report import memories, table
from bench.speed.servers import Desk, Stage, a_desk

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
    with a_desk(stage, "idle", boxes) as desk, working(desk, watch=True):
        _await_watched(desk, mailboxes)
        time.sleep(SETTLE_SECONDS)
        before, began = cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        cpu, took = spent(before, cpu_seconds()), time.monotonic() - began
        return Idle(mailboxes, took, cpu, memory(), _sockets(), _count(desk, CLIENTS))


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
    while _sockets() < mailboxes or _count(desk, ADOPTED) < mailboxes:
        if time.monotonic() > ends:
            log = Path(desk.folder / "watch.log").read_text()[-2000:]
            raise RuntimeError(f"{_sockets()} of {mailboxes} are watched, {_count(desk, ADOPTED)} were polled: {log}")
        time.sleep(1)


def _sockets() -> int:
    return sum(open_sockets(pid) for pid in pids("watch"))


def _count(desk: Desk, statement: str) -> int:
    with desk.services.engine.connect() as connection:
        return int(connection.execute(text(statement)).scalar_one())


def tables(found: Idle) -> Iterator[str]:
    """CPU of each process in percent of one core, connections, memory."""
    yield (
        f"{found.mailboxes} mailboxes, nothing comes, each polled every 60 s as well, for {found.seconds:.0f} s. "
        f"`supportdesk watch` has {found.watching} sockets open, PostgreSQL {found.database} sessions."
    )
    cpu = sorted(found.cpu.items(), key=lambda one: -one[1])
    rows = [(name, 100 * seconds / found.seconds) for name, seconds in cpu]
    yield table(("process", "percent of one core"), [*rows, ("all", sum(row[1] for row in rows))])
    yield memories(found.memory)
