"""A provider of tokens on this machine (RFC 6749, 8628): it gives them, ends them, and has troubles of its own.

As at Google and Microsoft, an earlier refresh token stays good beside the newer one until the consent ends.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from math import inf
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qsl

from bench.chaos.processes import owner_of_port

# A token lives for half a minute, so that some end by themselves.
LIFE_SECONDS: Final = 30
# The desk takes a token for quite new until a fifth of its life; one that is refused then is a refusal of us.
NEW_SECONDS: Final = LIFE_SECONDS / 5
# Longer than the desk waits for an answer in this run.
SILENT_SECONDS: Final = 5.0
PAGE: Final = b"<html><head><title>Service Unavailable</title></head><body>Sorry</body></html>"
CLIENT, SECRET = "the-desk", "the secret of the desk"
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class Trouble(StrEnum):
    """What is the matter with the provider when it is asked."""

    HANGS_UP = "hangs up"
    SILENT = "does not answer"
    ERROR = "answers 500"
    PAGE = "answers with a page of HTML"
    REFUSES = "refuses until somebody agrees again"


REFUSAL: Final = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
# The status and the content; without a status, after how many seconds it hangs up.
NOT_GIVEN: Final[Mapping[Trouble, tuple[int, Any]]] = {
    Trouble.HANGS_UP: (0, 0.0),
    Trouble.SILENT: (0, SILENT_SECONDS),
    Trouble.ERROR: (500, PAGE),
    Trouble.PAGE: (200, PAGE),
    Trouble.REFUSES: (400, REFUSAL),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question for tokens: when (monotonic), by which process, with which refresh token, what became of it.

    `refresh` is empty where somebody agreed.
    """

    at: float
    process: int
    refresh: str
    given: bool


@dataclass(slots=True)
class End:
    """One end of all access tokens before their time: when (monotonic), in a FETCH or not, and with which trouble.

    `well_at` is from when on the provider gives tokens again; infinite while somebody has to agree.
    """

    at: float
    in_fetch: bool
    trouble: Trouble | None
    well_at: float


@dataclass(slots=True)
class Provider:
    """Its state; `given_at` is when the newest token was given. Every thread may ask and tell it."""

    port: int = 0
    ends: list[End] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    troubled: Counter[Trouble] = field(default_factory=Counter)
    given_at: float = 0.0
    _good: dict[str, float] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)
    _number: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    @property
    def table(self) -> dict[str, Any]:
        """The table `oauth` of a mailbox whose tokens come from here."""
        places = {f"{name}_url": f"http://127.0.0.1:{self.port}/{name}" for name in ("token", "device")}
        who = {"provider": "custom", "client_id": CLIENT, "client_secret": SECRET, "scopes": ["mail"]}
        return {**who, **places}

    def is_good(self, token: str) -> bool:
        """Whether an access token lets in."""
        return time.monotonic() < self._good.get(token, 0)

    def end(self, trouble: Trouble | None, seconds: float, *, in_fetch: bool) -> None:
        """End every access token now; the trouble lasts for so many seconds, or until somebody agrees."""
        with self._lock:
            now = time.monotonic()
            self._good.clear()
            if trouble is Trouble.REFUSES:
                self._refresh.clear()
            lasts = inf if trouble is Trouble.REFUSES else seconds if trouble else 0.0
            self.ends.append(End(now, in_fetch, trouble, now + lasts))

    def answer(self, path: str, form: Mapping[str, str], process: int) -> tuple[int, Any]:
        """The status and the JSON, or the bytes, of an answer to a process; a status of 0 is none."""
        if path == "/device":
            where = {"verification_uri": f"http://127.0.0.1:{self.port}/activate", "user_code": "WDJB-MJHT"}
            return 200, {**where, "device_code": "device", "interval": 0.1, "expires_in": 60}
        with self._lock:
            refresh = form.get("refresh_token", "")
            trouble = None if form.get("grant_type") == DEVICE_GRANT else self._trouble
            is_given = trouble is None and (not refresh or refresh in self._refresh)
            self.asked.append(Asked(time.monotonic(), process, refresh, is_given))
            if is_given:
                return 200, self._give()
            if trouble:
                self.troubled[trouble] += 1
        return NOT_GIVEN[trouble or Trouble.REFUSES]

    def agreed(self) -> None:
        """Somebody has agreed again, and what was given since is in use."""
        if self.ends and self.ends[-1].well_at == inf:
            self.ends[-1].well_at = time.monotonic()

    @property
    def _trouble(self) -> Trouble | None:
        last = self.ends[-1] if self.ends else None
        return last.trouble if last and time.monotonic() < last.well_at else None

    def _give(self) -> dict[str, Any]:
        number = next(self._number)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self.given_at = time.monotonic()
        self._good[access] = self.given_at + LIFE_SECONDS
        self._refresh.add(refresh)
        both = {"access_token": access, "refresh_token": refresh}
        return {**both, "token_type": "Bearer", "expires_in": LIFE_SECONDS, "scope": "mail"}


class _Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        # While the connection stands; nobody knows afterwards whose it was.
        status, body = provider.answer(self.path, form, owner_of_port(self.client_address[1]))
        if not status:
            time.sleep(body)
            self.close_connection = True
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if body is content else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Keep no log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that was killed."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider for the length of the block."""
    with _Server(("127.0.0.1", 0), _Request) as server:
        provider = Provider(server.server_address[1])
        server.provider = provider  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join(5)
