"""Watching: news of a mail or of a change becomes a ring within two seconds, and nothing ends it but a signal."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from smtplib import SMTP
from threading import Thread
from uuid import uuid4

import psycopg
import pytest
import redis
from imapclient import IMAPClient
from sqlalchemy import make_url

from mail.imap import open_mailbox
from mail.imap_idle import arrivals
from mail.server import Server
from models.engine import make_engine
from seed.mailserver import MailServer
from tests.offices import EXAMPLE, SECRET, a_raw_mail, an_office
from worker.migrate import upgrade
from worker.office import Office
from worker.watch import Announcing, Stop, end_watching, start_watching, watch_database, watch_mailbox

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"
Rings = list[tuple[str, ...]]


class Relay:
    """A way to a server whose connections can be cut, and on which the server's answers can be changed."""

    def __init__(self, port: int, change: Callable[[bytes], bytes] = lambda piece: piece) -> None:
        self._server, self._change = port, change
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._links: list[socket.socket] = []
        self.connections = 0
        self._threads: list[Thread] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads.append(Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def cut(self) -> None:
        """Break every connection."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in (self._listener, *self._links):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for end in (self._listener, *self._links):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self.connections += 1
                self._links += [client, server]
                self._start(self._carry, client, server, lambda piece: piece)
                self._start(self._carry, server, client, self._change)

    def _carry(self, source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                for byte in split(change(piece)):
                    target.sendall(byte)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def split(piece: bytes) -> Iterator[bytes]:
    """A piece of news in two packets, with a moment between them."""
    if b"EXISTS" not in piece or piece.count(b"\r\n") > 2:
        yield piece
        return
    middle = piece.index(b"EXISTS") + 3
    yield piece[:middle]
    time.sleep(0.2)
    yield piece[middle:]


def until(met: Callable[[], bool], seconds: float = 2) -> bool:
    ends = time.monotonic() + seconds
    while not met() and time.monotonic() < ends:
        time.sleep(0.01)
    return met()


def more_than(number: int, rings: Rings) -> Callable[[], bool]:
    return lambda: len(rings) > number


def office_of(server: Server, port: int, database_url: str = NOWHERE, **further: str) -> Office:
    place = {"HOST": server.host, "PORT": str(port), "USER": server.user} | further
    return an_office(database_url, **{f"MAILBOX__SUPPORT__{name}": value for name, value in place.items()})


@pytest.fixture
def relay(imap_port: int) -> Iterator[Relay]:
    relay = Relay(imap_port)
    yield relay
    relay.close()


@pytest.fixture
def watched(imap_server: Server, relay: Relay) -> Iterator[Rings]:
    """The rings for a mailbox that is watched by way of the relay, the first one heard already."""
    rings: Rings = []
    yield from watching(office_of(imap_server, relay.port), rings)


def watching(office: Office, rings: Rings) -> Iterator[Rings]:
    stop = Stop()

    def ring(*words: str) -> None:
        rings.append(words)

    box = office.mailbox("support")
    thread = Thread(target=watch_mailbox, args=(office, box, stop, ring), daemon=True)
    thread.start()
    assert until(lambda: bool(rings), 5)
    yield rings
    began = time.monotonic()
    end_watching(stop, [thread])
    assert not thread.is_alive()
    assert time.monotonic() - began < 2


def test_watching_begins_with_a_ring(watched: Rings) -> None:
    assert watched == [("poll", "support")]


def test_a_mail_rings(watched: Rings, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())

    assert until(lambda: len(watched) > 1)


def test_each_later_mail_rings_too(watched: Rings, other_session: IMAPClient) -> None:
    for heard in (1, 2, 3):
        other_session.append("INBOX", a_raw_mail())

        assert until(more_than(heard, watched))


def test_mails_that_come_together_are_few_rings(watched: Rings, other_session: IMAPClient) -> None:
    for _ in range(20):
        other_session.append("INBOX", a_raw_mail())

    assert until(lambda: len(watched) > 1)
    assert not until(lambda: len(watched) > 8, 1)


def test_a_flag_that_somebody_sets_is_no_news(watched: Rings, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert until(lambda: len(watched) > 1)
    heard = len(watched)
    other_session.select_folder("INBOX")

    other_session.add_flags(other_session.search(), [rb"\Flagged"])

    assert not until(lambda: len(watched) > heard, 1)


def test_a_connection_that_breaks_is_made_again_and_rings(watched: Rings, relay: Relay) -> None:
    relay.cut()

    assert until(lambda: len(watched) > 1, 4)
    assert relay.connections == 2


def test_after_a_break_a_mail_still_rings(watched: Rings, relay: Relay, other_session: IMAPClient) -> None:
    relay.cut()
    assert until(lambda: len(watched) > 1, 4)

    other_session.append("INBOX", a_raw_mail())

    assert until(lambda: len(watched) > 2)


def test_news_in_two_packets_is_heard_on_the_same_connection(
    watched: Rings, relay: Relay, other_session: IMAPClient
) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert until(lambda: len(watched) > 1)

    other_session.append("INBOX", a_raw_mail())

    assert until(lambda: len(watched) > 2)
    assert relay.connections == 1


def test_idle_is_given_anew_in_time_and_rings(
    imap_server: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.watch.arrivals", partial(arrivals, reissue=0.2))

    for rings in watching(office_of(imap_server, relay.port), []):
        assert until(more_than(3, rings))

    assert relay.connections == 1


def test_a_server_without_idle_is_polled_by_the_clock(
    imap_server: Server, imap_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Relay(imap_port, lambda piece: piece.replace(b" IDLE", b""))
    office = office_of(imap_server, deaf.port)
    box = office.mailbox("support").model_copy(update={"poll_every_seconds": 0.1})
    monkeypatch.setattr(Office, "mailbox", lambda *_: box)

    for rings in watching(office, []):
        assert until(more_than(3, rings))

    assert deaf.connections == 1
    deaf.close()


def test_a_wrong_password_is_said_in_a_sentence_and_tried_again_slowly(
    imap_server: Server, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    stop = Stop()
    office = office_of(imap_server, relay.port, PASSWORD="wrong")
    thread = Thread(target=watch_mailbox, args=(office, office.mailbox("support"), stop, print), daemon=True)

    thread.start()

    assert until(lambda: bool(caplog.records), 5)
    assert not until(lambda: relay.connections > 1, 3)
    assert f"the login of {imap_server.user}" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info is None
    end_watching(stop, [thread])


@pytest.fixture(scope="module")
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    name = f"watch_{uuid4().hex}"
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url, application_name="tests")
    upgrade(engine)
    engine.dispose()
    yield url
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def heard(database_url: str) -> Iterator[list[float]]:
    """When it was rung for announcing, beginning with the ring of the start and its echo."""
    rings: list[float] = []
    stop, office = Stop(), an_office(database_url)

    def ring(task: str) -> None:
        assert task == "announce"
        rings.append(time.monotonic())

    thread = Thread(target=watch_database, args=(office, stop, ring), daemon=True)
    thread.start()
    assert until(lambda: len(rings) == 2, 6)
    yield rings
    end_watching(stop, [thread])
    assert not thread.is_alive()
    office.engine.dispose()


def sql(database_url: str, statement: str) -> None:
    plain = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


AN_EVENT = "SELECT mail.record('ticket_opened', NULL)"


def test_a_change_by_any_program_rings_at_once_and_again_when_it_is_due(heard: list[float], database_url: str) -> None:
    began = time.monotonic()

    sql(database_url, AN_EVENT)

    assert until(lambda: len(heard) == 4, 6)
    at_once, again = (moment - began for moment in heard[2:])
    assert at_once < 1
    assert 3 < again < 5


def test_a_connection_that_the_database_ends_is_made_again_and_rings(heard: list[float], database_url: str) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN supportdesk'"

    sql(database_url, f"{ending} AND datname = current_database()")

    assert until(lambda: len(heard) > 2, 4)
    assert until(lambda: len(heard) == 4, 6)
    sql(database_url, AN_EVENT)
    assert until(lambda: len(heard) > 4)


def test_a_storm_of_changes_is_a_few_rings() -> None:
    announcing, rings = Announcing(), 0

    for hundredth in range(1000):
        announcing.heard(hundredth / 100)
        rings += announcing.take(hundredth / 100)

    assert 30 <= rings <= 41


def test_each_change_is_rung_for_once_it_is_due() -> None:
    announcing = Announcing()
    announcing.heard(0.1)
    announcing.heard(3.0)

    rung = [tenth / 10 for tenth in range(100) if announcing.take(tenth / 10)]

    assert [moment for moment in rung if moment >= 6.0] == [6.5]
    assert announcing.pause(10) == float("inf")


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
    assert until(lambda: rung(redis_url, '"poll"') > 0, 40), (tmp_path / "log").read_text()
    polls = rung(redis_url, '"poll"')
    with SMTP(mail_server.host, mail_server.smtp_port) as smtp:
        smtp.sendmail("ann@customer.example", ["support@desk.example"], a_raw_mail())
    assert until(lambda: rung(redis_url, '"poll"') > polls)
    assert rung(redis_url, '"announce"') > 0

    began = time.monotonic()
    program.send_signal(end)

    assert program.wait(5) == 0
    assert time.monotonic() - began < 2.5


def test_without_broker_and_servers_the_watch_stays_and_ends_when_it_is_told(
    imap_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    stop = Stop()

    threads = start_watching(office_of(imap_server, 1), stop)

    assert until(lambda: len(caplog.records) > 1, 10)
    assert all(thread.is_alive() for thread in threads)
    end_watching(stop, threads)
    assert not any(thread.is_alive() for thread in threads)


def test_the_watched_mailbox_is_left_as_it_was(watched: Rings, imap_server: Server, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert until(lambda: len(watched) > 1)

    with open_mailbox(imap_server) as mailbox:
        mailbox.select("INBOX")
        assert len(mailbox._client.search(["UNSEEN"])) == 1
