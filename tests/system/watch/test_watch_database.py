"""Watching the database, and the command itself: a change is a ring at once, and a signal is the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTP
from threading import Thread

import psycopg
import pytest
import redis

from seed.stack.mailhost.server import MailServer
from tests.support.database.databases import migrated_database, plain_url
from tests.support.database.services import EXAMPLE, SECRET, a_raw_mail, services_on
from tests.support.servers.tcp_relay import wait_until
from worker.poll.watch import AnnounceTimer, Stop, end_watching, watch_database

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    with migrated_database(postgres_url) as url:
        yield url


@pytest.fixture
def heard(database_url: str) -> Iterator[list[float]]:
    """When it was rung for announcing, beginning with the ring of the start and its echo."""
    rings: list[float] = []
    stop, services = Stop(), services_on(database_url)

    def ring(task: str) -> None:
        assert task == "announce"
        rings.append(time.monotonic())

    thread = Thread(target=watch_database, args=(services, stop, ring), daemon=True)
    thread.start()
    assert wait_until(lambda: len(rings) == 2, 6)
    yield rings
    end_watching(stop, [thread])
    assert not thread.is_alive()
    services.engine.dispose()


def sql(database_url: str, statement: str) -> None:
    with psycopg.connect(plain_url(database_url), autocommit=True) as connection:
        connection.execute(statement.encode())


AN_EVENT = "SELECT mail.record('ticket_opened', NULL)"


def test_a_change_by_any_program_rings_at_once_and_again_when_it_is_due(heard: list[float], database_url: str) -> None:
    began = time.monotonic()

    sql(database_url, AN_EVENT)

    assert wait_until(lambda: len(heard) == 4, 6)
    at_once, again = (moment - began for moment in heard[2:])
    assert at_once < 1
    assert 3 < again < 5


def test_a_connection_that_the_database_ends_is_made_again_and_rings(heard: list[float], database_url: str) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN supportdesk'"

    sql(database_url, f"{ending} AND datname = current_database()")

    assert wait_until(lambda: len(heard) > 2, 4)
    assert wait_until(lambda: len(heard) == 4, 6)
    sql(database_url, AN_EVENT)
    assert wait_until(lambda: len(heard) > 4)


def test_a_storm_of_changes_is_a_few_rings() -> None:
    timer, rings = AnnounceTimer(), 0

    for hundredth in range(1000):
        timer.note_change(hundredth / 100)
        rings += timer.ring_is_due(hundredth / 100)

    assert 30 <= rings <= 41


def test_each_change_is_rung_for_once_it_is_due() -> None:
    timer = AnnounceTimer()
    timer.note_change(0.1)
    timer.note_change(3.0)

    rung = [tenth / 10 for tenth in range(100) if timer.ring_is_due(tenth / 10)]

    assert [moment for moment in rung if moment >= 6.0] == [6.5]
    assert timer.pause(10) == float("inf")


@pytest.fixture
def program(
    redis_url: str, mail_server: MailServer, database_url: str, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The command itself, on real servers, with its log in a file."""
    environ = {
        "PATH": os.environ["PATH"],
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__HOST": mail_server.host,
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(mail_server.imap_port),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": mail_server.password,
    }
    command = [sys.executable, "-c", "from worker.cli.main import main; main()", "watch"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log) as process:
        yield process
        process.kill()


def rung(redis_url: str, task: str) -> int:
    with redis.Redis.from_url(redis_url) as broker:
        keys = [key for key in broker.keys("supportdesk:*") if broker.type(key) == b"list"]
        return sum(task.encode() in entry for key in keys for entry in broker.lrange(key, 0, -1))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_rings_the_broker_for_a_mail_and_ends_at_a_signal(
    program: subprocess.Popen[bytes], redis_url: str, mail_server: MailServer, tmp_path: Path, end: signal.Signals
) -> None:
    with redis.Redis.from_url(redis_url) as broker:
        broker.flushdb()
    assert wait_until(lambda: rung(redis_url, '"poll"') > 0, 40), (tmp_path / "log").read_text()
    polls = rung(redis_url, '"poll"')
    with SMTP(mail_server.host, mail_server.smtp_port) as smtp:
        smtp.sendmail("ann@customer.example", ["support@desk.example"], a_raw_mail())
    assert wait_until(lambda: rung(redis_url, '"poll"') > polls)
    assert rung(redis_url, '"announce"') > 0

    began = time.monotonic()
    program.send_signal(end)

    assert program.wait(5) == 0
    assert time.monotonic() - began < 2.5
