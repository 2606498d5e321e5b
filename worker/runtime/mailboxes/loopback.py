"""A browser's answer, which comes to an address of this machine: a web server for one answer (RFC 8252, 7.3)."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import parse_qsl, urlsplit

# A browser may open a connection and say nothing on it.
PATIENCE_SECONDS: Final = 20
THANKS: Final = (
    "<!doctype html><title>SupportDesk</title><p>You may close this window; the desk says how it went on.</p>"
)


class Loopback:
    """The web server; `port` is on 127.0.0.1."""

    def __init__(self, server: "_Listener") -> None:
        self.port = int(server.server_address[1])
        self._server = server

    def expect(self, state: str) -> None:
        """Take no answer but to the question with this state."""
        self._server.state = state

    def wait(self, seconds: float) -> dict[str, str] | None:
        """The parameters of the answer; None where none came within the time."""
        try:
            return self._server.answers.get(timeout=seconds)
        except Empty:
            return None


class _Listener(ThreadingHTTPServer):
    """The server with the answers that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.state = ""
        self.answers: SimpleQueue[dict[str, str]] = SimpleQueue()


class _Request(BaseHTTPRequestHandler):
    """One request; whatever is no answer to the question is not there."""

    timeout = PATIENCE_SECONDS
    server: _Listener

    def do_GET(self) -> None:
        """Take the answer, and say that this was all."""
        parameters = dict(parse_qsl(urlsplit(self.path).query))
        state = self.server.state
        if not state or not hmac.compare_digest(parameters.get("state", "").encode(), state.encode()):
            self.send_error(404)
            return
        page = THANKS.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
        self.server.answers.put(parameters)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing: the address holds the code."""


@contextmanager
def listening_for_answer() -> Iterator[Loopback]:
    """Listen until the block ends."""
    with _Listener() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield Loopback(server)
        finally:
            server.shutdown()
            thread.join()
