"""The HTTP server of the probes: three paths, GET and HEAD, bounded, and nothing that was asked is repeated."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desk.reports.health.facts import AlarmKind, Health
from desk.reports.health.findings import Problem, find_problems
from mail.outbound.catalogue import said
from tests.support.database.scrapes import families, value
from worker.runtime.health.look import Look
from worker.runtime.health.probes.counters import Counters
from worker.runtime.health.probes.server import MOST_REQUESTS, ProbeServer
from worker.runtime.health.probes.sight import Seen, Sight

AWAY = Seen(trouble="The database cannot be read: it is away.")
NOW = datetime(2026, 11, 30, tzinfo=UTC)
# Without processes and mails, nothing is there and nothing waits.
EMPTY = Health(NOW, others={"in quarantine": 0, "waiting for their author's word": 0})


@dataclass
class Shown:
    """A sight that shows what the test says, as soon as it may."""

    seen: Seen = AWAY
    counters: Counters = field(default_factory=Counters)
    may: Event = field(default_factory=Event)

    def see(self) -> Seen:
        self.may.wait(20)
        return self.seen


@contextmanager
def serving(shown: Shown, seconds: float = 10.0, host: str = "127.0.0.1") -> Iterator[ProbeServer]:
    server = ProbeServer(host, 0, cast("Sight", shown), seconds)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        shown.may.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def shown() -> Shown:
    shown = Shown()
    shown.may.set()
    return shown


@pytest.fixture
def server(shown: Shown) -> Iterator[ProbeServer]:
    with serving(shown) as server:
        yield server


def ask(server: ProbeServer, path: str, method: str = "GET", **headers: str) -> Any:
    """The answer to a request, with its `status`, `headers` and `text`."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return SimpleNamespace(status=answer.status, headers=answer.headers, text=text)


def raw(server: ProbeServer, sent: bytes) -> str:
    """Everything that comes back for these bytes until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


def looked(*problems: Problem) -> Seen:
    return Seen(Look(EMPTY, problems, {}), (2, 1), 0.01)


def problem(kind: AlarmKind, *, follows: bool = False) -> Problem:
    """A problem of this kind as it is found where nothing is there."""
    found = find_problems(EMPTY)[0]
    return Problem(kind, found.sentence, "support", follows)


def test_the_process_lives_whatever_the_database_does(shown: Shown, server: ProbeServer) -> None:
    shown.may.clear()

    assert ask(server, "/live").status == 200


def test_a_desk_that_does_its_work_is_ready(shown: Shown, server: ProbeServer) -> None:
    shown.seen = looked()

    answer = ask(server, "/ready")

    assert (answer.status, answer.text) == (200, "The desk does its work.\n")


READY = {
    "no worker": (AlarmKind.NO_WORKER, False, False),
    "a refused mailbox": (AlarmKind.MAILBOX_REFUSED, False, False),
    "mails that nobody decides": (AlarmKind.UNDECIDED, False, False),
    "what follows from another": (AlarmKind.UNDECIDED, True, True),
    "a certificate that ends": (AlarmKind.CERTIFICATE, False, True),
    "a wrong clock": (AlarmKind.CLOCK, False, True),
}


@pytest.mark.parametrize("name", READY)
def test_only_what_keeps_the_desk_from_its_work_makes_it_unready(name: str, shown: Shown, server: ProbeServer) -> None:
    kind, follows, ready = READY[name]
    shown.seen = looked(problem(kind, follows=follows))

    assert ask(server, "/ready").status == (200 if ready else 503)


def test_it_says_in_one_sentence_a_line_why_it_is_not_ready(shown: Shown, server: ProbeServer) -> None:
    shown.seen = looked(problem(AlarmKind.NO_WORKER), problem(AlarmKind.UNDECIDED))

    two = ask(server, "/ready").text.splitlines()
    shown.seen = AWAY
    away = ask(server, "/ready")

    assert (len(two), two[0].startswith("No worker on the queue support. ")) == (2, True)
    assert (away.status, away.text) == (503, "The database cannot be read: it is away.\n")


def test_without_the_database_a_scrape_says_that_it_is_down(server: ProbeServer) -> None:
    answer = ask(server, "/metrics")

    assert answer.status == 200
    assert value(answer.text, "supportdesk_up") == 0
    assert value(answer.text, "supportdesk_mails_total", fate="applied") == 0
    assert "supportdesk_problems" not in answer.text


def test_a_scrape_is_what_the_librarys_parser_reads(shown: Shown, server: ProbeServer) -> None:
    shown.seen = looked()

    answer = ask(server, "/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert value(answer.text, "supportdesk_outbox_waiting_mails", state="new") == 2
    assert len(families(answer.text)) > 20


def test_whoever_asks_reads_no_words_of_servers_only_what_is_wrong(shown: Shown, server: ProbeServer) -> None:
    words = said("alarms.mailbox_refused", count=3, words="the login of ann@desk.example failed")
    shown.seen = looked(Problem(AlarmKind.MAILBOX_REFUSED, words, "support"))

    assert ask(server, "/ready").text == "The server of mailbox support refuses us. `supportdesk status` says more.\n"


@pytest.mark.parametrize("path", ["/live", "/ready", "/metrics", "/nothing"])
def test_nobody_keeps_an_answer_or_takes_it_for_a_page(path: str, server: ProbeServer) -> None:
    headers = ask(server, path).headers

    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


ACCEPTS = {
    "nothing": ("", "text/plain"),
    "what Prometheus sends": (
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3",
        "application/openmetrics-text",
    ),
    "a browser": ("text/html,*/*;q=0.8", "text/plain"),
    "a version that is none": ("application/openmetrics-text;version=a.b", "text/plain"),
    "no version": ("application/openmetrics-text;version", "application/openmetrics-text"),
    "signs": (";;,=,;version=;,\t", "text/plain"),
}


@pytest.mark.parametrize("accept", ACCEPTS)
def test_a_scrape_has_the_form_that_was_asked_for(accept: str, server: ProbeServer) -> None:
    given, kind = ACCEPTS[accept]

    answer = ask(server, "/metrics", Accept=given)

    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, kind)
    assert "supportdesk_up 0" in answer.text


@pytest.mark.parametrize("path", ["/live", "/ready", "/metrics", "/nothing"])
def test_head_is_answered_as_get_without_the_body(path: str, server: ProbeServer) -> None:
    get, head = ask(server, path), ask(server, path, "HEAD")

    assert head.text == ""
    assert (head.status, head.headers["Content-Length"]) == (get.status, str(len(get.text)))


@pytest.mark.parametrize("path", ["/", "/metrics/", "/METRICS", "/live/x", "/..//metrics", "/%6cive", "*"])
def test_another_path_is_not_found_and_not_repeated(path: str, server: ProbeServer) -> None:
    answer = ask(server, path)

    assert (answer.status, answer.text) == (404, "Here are /live, /ready and /metrics.\n")


@pytest.mark.parametrize("path", ["/live?verbose=1", "http://other.example/live", "/live#x"])
def test_what_stands_around_a_path_does_not_matter(path: str, server: ProbeServer) -> None:
    assert ask(server, path).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_another_method_is_not_allowed(method: str, server: ProbeServer) -> None:
    answer = ask(server, "/metrics", method)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


REQUESTS = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\r\n\r\n", "400"),
    "a method that is none": (b"<script> /live HTTP/1.1\r\n\r\n", "501"),
    "an old version": (b"GET /live HTTP/9.9\r\n\r\n", "505"),
    "a bad URL": (b"GET http://[/live HTTP/1.0\r\n\r\n", "404"),
    "a long line": (b"GET /" + b"a" * 70_000 + b" HTTP/1.0\r\n\r\n", "414"),
    "many headers": (b"GET /live HTTP/1.0\r\n" + b"X: <script>\r\n" * 200 + b"\r\n", "431"),
    "no host": (b"GET /live HTTP/1.1\r\n\r\n", "200"),
    "two hosts": (b"GET /live HTTP/1.1\r\nHost: <script>\r\nHost: evil.example\r\n\r\n", "200"),
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_bad_request_is_refused_and_nothing_of_it_is_repeated(request_: str, server: ProbeServer) -> None:
    sent, status = REQUESTS[request_]

    answer = raw(server, sent)

    assert answer.split()[1] == status
    assert [word for word in ("script", "evil", "aaaa", "Python") if word in answer] == []


@pytest.mark.parametrize("sent", [b"", b"GET /live HT", b"GET /live HTTP/1.1\r\nHost: x\r\n"])
def test_a_request_that_does_not_end_is_cut(sent: bytes, shown: Shown) -> None:
    with serving(shown, 0.2) as server:
        began = time.monotonic()
        answer = raw(server, sent)

    assert (answer, time.monotonic() - began < 5) == ("", True)


def test_a_client_that_goes_away_leaves_no_word_and_no_thread(
    shown: Shown, server: ProbeServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    shown.may.clear()
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    shown.may.set()

    assert ask(server, "/live").status == 200
    assert (capsys.readouterr(), caplog.text) == (("", ""), "")


def test_who_only_holds_connections_keeps_no_probe_out(shown: Shown) -> None:
    with serving(shown) as server, ExitStack() as stack:
        address = ("127.0.0.1", server.server_port)
        held = [stack.enter_context(socket.create_connection(address, 5)) for _ in range(MOST_REQUESTS)]
        for one in held:
            one.sendall(b"GET /li")

        answer = raw(server, b"GET /live HTTP/1.0\r\n\r\n")

        assert answer.split()[1] == "200"
        assert held[0].recv(10) == b""
        held[-1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            held[-1].recv(10)


def test_it_begins_without_asking_a_name_server(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_: str = "") -> str:
        raise AssertionError("A name server was asked")

    monkeypatch.setattr(socket, "getfqdn", asked)

    with serving(shown) as server:
        assert ask(server, "/live").status == 200


def test_it_listens_at_an_address_of_ipv6_too(shown: Shown) -> None:
    if not socket.has_ipv6:
        pytest.skip("This machine has no IPv6")
    try:
        with serving(shown, host="::1") as server, socket.create_connection(("::1", server.server_port), 5) as there:
            there.sendall(b"GET /live HTTP/1.0\r\n\r\n")
            assert b" 200 " in there.recv(4096)
    except OSError as error:
        pytest.skip(f"This machine does not speak IPv6: {error.strerror}")
