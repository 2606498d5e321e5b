"""The HTTP server of the probes: `/live`, `/ready` and `/metrics`, to GET and HEAD, and nothing else."""

import logging
import socket
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from worker.runtime.health.probes.gauges import Gauges
from worker.runtime.health.probes.sight import Sight

logger = logging.getLogger(__name__)

# A request is to be there, and its answer gone, within so many seconds. So many are open at once at the most.
REQUEST_SECONDS: Final = 10.0
MOST_REQUESTS: Final = 32
PLAIN: Final = "text/plain; charset=utf-8"
Answer = tuple[HTTPStatus, str, bytes]


class ProbeServer(ThreadingHTTPServer):
    """Answers from one sight of the desk; raises OSError where the address cannot be listened at."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_REQUESTS

    def __init__(self, host: str, port: int, sight: Sight, seconds: float = REQUEST_SECONDS) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sight = sight
        self._seconds = seconds
        self._lock = Lock()
        self._open: dict[socket.socket, float] = {}
        super().__init__((host, port), Probe)

    def server_bind(self) -> None:
        """Listen, without asking a name server what our name is, as the library would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def verify_request(self, request: Any, _: Any) -> bool:
        """Take each, and note when it began; where there are too many, the one that is open for longest gives way.

        A probe is asked at once and answered in a moment, while who only holds connections would keep it out.
        """
        with self._lock:
            if len(self._open) >= MOST_REQUESTS:
                oldest = next(iter(self._open))
                del self._open[oldest]
                _cut(oldest)
            self._open[request] = time.monotonic()
            return True

    def service_actions(self) -> None:
        """Cut what takes too long; the library calls this twice a second."""
        late = time.monotonic() - self._seconds
        with self._lock:
            for request, began in self._open.items():
                if began < late:
                    _cut(request)

    def shutdown_request(self, request: Any) -> None:
        """Forget a request that is over."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """A client that went away is none of our trouble; anything else is one line with its traceback."""
        error = sys.exception()
        if not isinstance(error, OSError):
            logger.error("A request could not be answered", exc_info=error)


class Probe(BaseHTTPRequestHandler):
    """One request and its answer; the connection ends with it, and nothing that was asked is repeated."""

    server: ProbeServer
    server_version = "supportdesk"
    sys_version = ""
    timeout = REQUEST_SECONDS

    def do_GET(self) -> None:
        """Answer one of the three paths."""
        self._send(*self._answer(), with_body=True)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self._send(*self._answer(), with_body=False)

    def _not_allowed(self) -> None:
        self._send(HTTPStatus.METHOD_NOT_ALLOWED, PLAIN, b"GET and HEAD are answered here.\n", with_body=True)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = _not_allowed  # noqa: N815

    def _answer(self) -> Answer:
        try:
            path = urlsplit(self.path).path
        except ValueError:
            path = ""
        answers = {"/live": _live, "/ready": _ready, "/metrics": _metrics}
        answer = answers.get(path)
        if answer is None:
            return HTTPStatus.NOT_FOUND, PLAIN, b"Here are /live, /ready and /metrics.\n"
        return answer(self.server.sight, ", ".join(self.headers.get_all("Accept", ())))

    def _send(self, status: HTTPStatus, kind: str, body: bytes, *, with_body: bool) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        headers |= {"X-Content-Type-Options": "nosniff"}
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET, HEAD"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def send_error(self, code: int, *_: Any) -> None:
        """What the library itself refuses, such as a request that is none, in plain words and without repeating it."""
        self.close_connection = True
        # Until a version was understood, the library would answer as HTTP/0.9 does, without a status.
        self.request_version = self.protocol_version
        self._send(HTTPStatus(code), PLAIN, f"{HTTPStatus(code).phrase}.\n".encode(), with_body=self.command != "HEAD")

    def log_message(self, *_: Any) -> None:
        """Say nothing: probes come every few seconds, and what they ask is anybody's words."""


def _live(sight: Sight, accept: str) -> Answer:
    return HTTPStatus.OK, PLAIN, b"This process answers.\n"


def _ready(sight: Sight, accept: str) -> Answer:
    unready = sight.see().unready()
    status = HTTPStatus.SERVICE_UNAVAILABLE if unready else HTTPStatus.OK
    return status, PLAIN, "".join(f"{one_line}\n" for one_line in unready or ["The desk does its work."]).encode()


def _metrics(sight: Sight, accept: str) -> Answer:
    gauges = Gauges(sight.see())
    registry = CollectorRegistry(auto_describe=False)
    registry.register(gauges)
    registry.register(sight.counters.registry)
    try:
        encode, kind = choose_encoder(accept)
    except (ValueError, TypeError):
        # The header asks for a version that is none.
        encode, kind = choose_encoder("")
    return HTTPStatus.OK, kind, encode(registry)


def _cut(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It has ended meanwhile.
        return
