"""Mails that raise, hang, kill and hoard, in real workers: each ends in quarantine, and no neighbour is charged."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from celery import Celery
from sqlalchemy import make_url

from desk.ticket import Role
from seed.stack.valkey import running_valkey
from tests.support.database.services import EXAMPLE, SECRET, a_raw_mail, make_staff, query, services_on, store_in_ledger
from worker.admin.migrate import upgrade
from worker.runtime.services import Services

POISONED_WORKER = Path(__file__).parents[2] / "support" / "servers" / "poisoned_worker.py"
KINDS = ("raises", "hangs", "kills", "hoards")
INNOCENTS = 20
LIMITS = {
    "LIMITS__MAIL_SECONDS": "2",
    "LIMITS__CLAIM_LEASE_SECONDS": "5",
    # With none, the other worker may meet a row that was just charged for the last time, and say so in its own words.
    "LIMITS__RETRY_SECONDS": "1",
    "LIMITS__MAIL_MEGABYTES": "128",
    "LIMITS__LARGEST_MAIL_MEGABYTES": "8",
}
UNDECIDED = "SELECT id FROM mail.ledger WHERE fate IS NULL"

pytestmark = [
    pytest.mark.timeout(150),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does not say how much memory it has"),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """Services on a database and a broker of its own, and how its workers are started."""

    services: Services
    broker: str
    environ: dict[str, str]
    log: Path

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """A real worker whose parser obeys X-Poison, until the end of the block."""
        command = [sys.executable, str(POISONED_WORKER), "-A", "worker.app", "worker", "-Q", "desk", *options]
        with self.log.open("ab") as log, subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            cwd=EXAMPLE.parent, env=self.environ, stdout=log, stderr=log,
        ) as worker:  # fmt: skip
            try:
                yield worker
            finally:
                worker.terminate()
                _ended(worker)

    def ring_until(self, enough: Callable[[], bool], seconds: float) -> None:
        """Ring as beat does, only more often, until there is enough."""
        bell = Celery("bell", broker=self.broker, set_as_current=False)
        bell.conf.update(broker_transport_options={"global_keyprefix": "supportdesk:"})
        limit = time.monotonic() + seconds
        with bell:
            while not enough():
                assert time.monotonic() < limit, self.log.read_text()[-3000:]
                bell.send_task("receive", queue="desk", expires=5)
                time.sleep(0.5)


def _ended(worker: subprocess.Popen[bytes]) -> None:
    try:
        worker.wait(30)
    except subprocess.TimeoutExpired:
        worker.kill()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    name, plain = f"poison_{uuid4().hex}", make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    settings = {
        "DATABASE_URL": database_url,
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
        "PYTHONPATH": str(EXAMPLE.parent),
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
    }
    services = services_on(database_url, **LIMITS)
    upgrade(services.engine)
    make_staff(services, "ada@desk.example", Role.ADMIN)
    make_staff(services, "bob@desk.example")
    limits = {f"SUPPORTDESK_{name}": value for name, value in LIMITS.items()}
    with running_valkey(tmp_path / "valkey") as broker:
        yield Desk(services, broker, settings | limits | {"REDIS_URL": broker}, tmp_path / "worker.log")
    services.engine.dispose()


def store_all(services: Services) -> dict[str, int]:
    """Twenty innocents with a poison after every fourth; the poisons' rows by kind."""
    poisons: dict[str, int] = {}
    for number in range(INNOCENTS):
        refers = {"in_reply_to": "<raises@x>"} if number == INNOCENTS - 1 else {}
        sender = f"c{number % 7}@customer.example"
        store_in_ledger(
            services, a_raw_mail(subject=f"No {number}", **{"from": sender, "message_id": f"<{number}@x>"} | refers)
        )
        if number % 4 == 3 and len(poisons) < len(KINDS):
            kind = KINDS[len(poisons)]
            row = store_in_ledger(services, a_raw_mail(x_poison=kind, message_id=f"<{kind}@x>"))
            poisons[kind] = row or 0
    return poisons


def test_every_poison_ends_in_quarantine_and_no_neighbour_is_charged(desk: Desk) -> None:
    poisons = store_all(desk.services)

    with desk.worker("--pool", "prefork", "--concurrency", "2"):
        desk.ring_until(lambda: not query(desk.services, UNDECIDED), 110)

    ledger = {row["id"]: row for row in query(desk.services, "SELECT * FROM mail.ledger")}
    found = {kind: ledger.pop(row) for kind, row in poisons.items()}
    assert {(row["fate"], row["tries"]) for row in ledger.values()} == {("applied", 0)}
    assert len(query(desk.services, 'SELECT 1 FROM "Ticket"')) == len(ledger) == INNOCENTS
    assert {(row["fate"], row["tries"]) for row in found.values()} == {("quarantined", 3)}
    assert {kind: (row["reason"].partition(":")[0], row["error"]) for kind, row in found.items()} == {
        "raises": ("It raised an error three times.", "ValueError: this mail is poison"),
        "hangs": ("It ended its process three times", None),
        "kills": ("It ended its process three times", None),
        "hoards": ("It raised an error three times.", "MemoryError: no message"),
    }


def test_a_solo_worker_that_hangs_in_a_mail_ends_and_the_next_one_finds_it_charged_to_nobody(desk: Desk) -> None:
    row = store_in_ledger(desk.services, a_raw_mail(x_poison="hangs"))

    with desk.worker("--pool", "solo") as worker:
        desk.ring_until(lambda: worker.poll() is not None, 60)

    assert worker.returncode == -signal.SIGALRM
    found = query(desk.services, "SELECT fate, tries, claimed_alone FROM mail.ledger WHERE id = :row", row=row)
    assert found == [{"fate": None, "tries": 0, "claimed_alone": False}]
