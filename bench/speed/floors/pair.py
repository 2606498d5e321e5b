"""Floor d: two processes of the least correct worker, one of which polls first, take the mailbox in."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

import psycopg

from bench.speed.floors.figures import Floor
from bench.speed.floors.single import database_url, with_compression
from bench.speed.floors.statements import COUNTS, TABLES
from bench.speed.mails import Mail
from bench.speed.meter import cpu_between, cpu_seconds
from bench.speed.stage.child import ready_child
from bench.speed.stage.servers import Desk

WHAT = "the least that keeps the desk's promises to the outbox, two processes"
WORKER = (sys.executable, "-P", "-m", "bench.speed.floors.least")
PROCESSES: tuple[list[str], ...] = (["poll"], [])


def floor_d(desk: Desk, mails: Sequence[Mail]) -> Floor:
    """Measure it on a desk's mailbox, which holds these mails; RuntimeError where not all became what they should."""
    with psycopg.connect(database_url(desk), autocommit=True) as connection:
        connection.execute(with_compression(connection, TABLES))
        with ExitStack() as started:
            workers = [started.enter_context(ready_child("floor d", [*WORKER, *arguments])) for arguments in PROCESSES]
            servers, began = cpu_seconds(), time.monotonic()
            for worker in workers:
                worker.tell("go")
            cpu = sum(float(worker.hear()) for worker in workers)
            took = time.monotonic() - began
            spent = cpu_between(servers, cpu_seconds())
        opened = sum(mail.opens for mail in mails)
        expected = (len(mails), opened, len(mails) - opened, 2 * len(mails))
        found = connection.execute(COUNTS).fetchone()
    if found != expected:
        raise RuntimeError(f"floor d made {found} mails, tickets, comments and notices, not {expected}")
    return Floor("d", WHAT, len(mails), took, cpu, spent)
