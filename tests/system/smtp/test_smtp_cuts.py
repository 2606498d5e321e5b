"""The SMTP conversation is cut at every stage, or never ends: nothing is lost, and nothing held for ever."""

import contextlib
import re
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from mail.failures import TemporaryFailure
from mail.server import Security
from mail.smtp.connection import MOST_STEPS, SmtpServer, open_smtp
from models.db.engine import make_engine
from models.outbox.rows import postpone
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, process, query, services_on
from worker.admin.migrate import upgrade
from worker.deliver.run import deliver_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot")
MAIL = b"From: support@desk.example\r\nSubject: Hello\r\n\r\nHello\r\n"


class Server(socketserver.ThreadingTCPServer):
    """A small SMTP server that cuts the next conversation at `cut`, and goes on and on at `trickle`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.cut: str | None = None
        self.trickle: str | None = None
        self.taken: list[bytes] = []
        self.connections = 0
        self.ended = threading.Event()

    def cuts(self, stage: str) -> bool:
        """Whether to hang up now, which happens once."""
        if self.cut != stage:
            return False
        self.cut = None
        return True


class Conversation(socketserver.StreamRequestHandler):
    """One conversation: commands are answered until the script says otherwise."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.connections += 1
        with contextlib.suppress(OSError):
            self._talk(server)

    def _talk(self, server: Server) -> None:
        if server.cuts("connect"):
            return
        if server.trickle == "handshake":
            # The beginning of a TLS record, whose 16,384 bytes come one by one.
            self._go_on_and_on(b"\x16\x03\x03\x40\x00", b"\0")
        self._say(server, "connect", "220 sink.example")
        for line in self.rfile:
            word = line[:4].decode().strip().upper()
            if server.cuts(word):
                return
            if word != "DATA":
                self._say(server, word, "221 bye" if word == "QUIT" else "250 fine")
            elif not self._take(server):
                return

    def _take(self, server: Server) -> bool:
        self._say(server, "DATA", "354 go on")
        if server.cuts("body"):
            self.rfile.read(10)
            return False
        lines = list(iter(self.rfile.readline, b".\r\n"))
        server.taken.append(b"".join(lines))
        if server.cuts("dot"):
            return False
        self._say(server, "dot", "250 taken")
        return True

    def _say(self, server: Server, stage: str, answer: str) -> None:
        if server.trickle != stage:
            self.wfile.write(f"{answer}\r\n".encode())
            return
        self._go_on_and_on(b"", answer[:3].encode() + b"-wait\r\n")

    def _go_on_and_on(self, beginning: bytes, more: bytes) -> None:
        server = self.server
        assert isinstance(server, Server)
        try:
            self.wfile.write(beginning)
            # For ten seconds, so that a client without a deadline fails its test and does not hang it.
            for _ in range(200):
                self.wfile.write(more)
                time.sleep(0.05)
            raise ConnectionAbortedError
        finally:
            server.ended.set()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=10)


def administer(postgres_url: str, statement: str) -> None:
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


def named(postgres_url: str, name: str) -> str:
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def template(postgres_url: str) -> str:
    """The name of a migrated database that nobody is connected to."""
    name = f"cuts_{uuid4().hex}"
    administer(postgres_url, f'CREATE DATABASE "{name}"')
    engine = make_engine(named(postgres_url, name), application_name="tests")
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    name = f"cuts_{uuid4().hex}"
    administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield named(postgres_url, name)
    administer(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def services(database_url: str, server: Server) -> Iterator[Services]:
    limits = {"LIMITS__STEP_SECONDS": "0.4", "LIMITS__DELIVERY_LEASE_SECONDS": "5"}
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(server.server_address[1])}
    services = services_on(database_url, ADMIN, AGENT, a_raw_mail(), **smtp, **limits)
    yield services
    services.engine.dispose()


def deliver_again(services: Services) -> None:
    """Deliver what waits, as if its time had come."""
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    deliver_due(services)


def message_ids(server: Server) -> Counter[str]:
    found = (re.search(rb"^Message-ID: (\S+)", raw, re.MULTILINE | re.IGNORECASE) for raw in server.taken)
    return Counter(match[1].decode() for match in found if match)


def fates(services: Services) -> list[tuple[object, object, object]]:
    listed = query(services, "SELECT fate, tries, claimed_by FROM mail.outbox")
    return [(row["fate"], row["tries"], row["claimed_by"]) for row in listed]


@pytest.mark.parametrize("stage", STAGES)
def test_a_connection_that_is_cut_loses_no_mail_and_repeats_one_only_after_its_last_dot(
    services: Services, server: Server, stage: str
) -> None:
    server.cut = stage
    deliver_due(services)
    after_the_cut = fates(services)

    deliver_again(services)
    deliver_again(services)

    assert after_the_cut == [(None, 0, None)] * 2
    assert fates(services) == [("sent", 0, None)] * 2
    assert sorted(message_ids(server).values()) == ([1, 2] if stage == "dot" else [1, 1])
    assert len(set(server.taken)) == 2


@pytest.mark.parametrize("stage", ["connect", "EHLO", "MAIL", "RCPT", "dot"])
def test_a_server_that_never_comes_to_an_end_holds_nobody_past_the_claim(
    services: Services, server: Server, stage: str
) -> None:
    server.trickle = stage
    began = time.monotonic()

    deliver_due(services)

    took = time.monotonic() - began
    assert took < services.limits.delivery_lease_seconds
    assert server.ended.wait(timeout=5)
    assert fates(services) == [(None, 0, None)] * 2


def test_a_mail_gets_no_more_time_than_it_is_given(server: Server) -> None:
    place = SmtpServer("127.0.0.1", server.server_address[1], Security.PLAIN, "", "", timeout=60)
    with open_smtp(place, "desk.example") as connection:
        server.trickle = "MAIL"
        began = time.monotonic()

        with pytest.raises(TemporaryFailure, match="broke off"):
            connection.send("support@desk.example", "ann@customer.example", MAIL, 0.3)

        assert time.monotonic() - began < 5


def test_a_handshake_that_never_comes_to_an_end_is_left(server: Server) -> None:
    server.trickle = "handshake"
    place = SmtpServer("127.0.0.1", server.server_address[1], Security.TLS, "", "", timeout=0.2)
    began = time.monotonic()

    with pytest.raises(TemporaryFailure, match="cannot be reached"), open_smtp(place, "desk.example"):
        pass

    assert time.monotonic() - began < 5


def test_a_mail_that_has_no_time_left_is_not_begun(server: Server) -> None:
    place = SmtpServer("127.0.0.1", server.server_address[1], Security.PLAIN, "", "", timeout=5)

    with open_smtp(place, "desk.example") as connection, pytest.raises(TemporaryFailure, match="no time left"):
        connection.send("support@desk.example", "ann@customer.example", MAIL, 0)

    assert server.taken == []


def test_a_goodbye_that_never_ends_does_not_hold_the_worker(services: Services, server: Server) -> None:
    server.trickle = "QUIT"
    began = time.monotonic()

    deliver_due(services)

    assert time.monotonic() - began < MOST_STEPS * services.limits.step_seconds
    assert [fate for fate, _, _ in fates(services)] == ["sent", "sent"]


def test_ten_mails_go_over_one_connection_where_no_more_are_allowed(database_url: str, server: Server) -> None:
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(server.server_address[1]), "SMTP__CONNECTIONS": "1"}
    services = services_on(database_url, ADMIN, AGENT, a_raw_mail(), **smtp)
    for number in range(2, 6):
        process(services, a_raw_mail(message_id=f"<{number}@customer>", **{"from": f"ann{number}@customer.example"}))

    deliver_due(services)

    services.engine.dispose()
    assert (len(server.taken), server.connections) == (10, 1)


def test_a_mail_that_waited_for_its_turn_goes_when_it_has_come(services: Services, server: Server) -> None:
    (mail,) = query(services, "SELECT id FROM mail.outbox WHERE recipient = 'ann@customer.example'")
    with transaction(services.engine) as session:
        postpone(session, mail["id"], datetime(2099, 1, 1, tzinfo=UTC), "not now")
    deliver_due(services)
    before = len(server.taken)

    deliver_again(services)

    assert (before, len(server.taken)) == (1, 2)
