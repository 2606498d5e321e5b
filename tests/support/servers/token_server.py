"""A provider of OAuth2 on this machine: it gives tokens, ends them when a test says so, and says which are good."""

import base64
import hashlib
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

CLIENT, SECRET = "the-desk", "client-hush"
PAGE = b"<html><head><title>Service Unavailable</title></head><body>Sorry</body></html>"
GRANTS = {
    "refresh_token": "by refresh",
    "authorization_code": "by code",
    "client_credentials": "by secret",
    "urn:ietf:params:oauth:grant-type:device_code": "by device",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "by key",
}


@dataclass(slots=True)
class Provider:
    """The provider's state.

    A refresh token is good once: the next one takes its place, and its second use ends them all, as at a strict
    provider. `troubles` are answered first, each once, as status and body. `life` is how many seconds an access token
    lives. `forms` are all forms that came. Where `is_pending` is a number, so many questions for a device wait.
    """

    port: int = 0
    life: int = 3600
    refresh: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    troubles: list[tuple[int, bytes]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    good: dict[str, float] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    challenges: dict[str, str] = field(default_factory=dict)
    pending: int = 0
    slow: float = 0.0
    user: str = "support@desk.example"
    number: Iterator[int] = field(default_factory=lambda: count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def grants(self) -> list[str]:
        """How tokens were asked for, in order."""
        return [GRANTS[form["grant_type"]] for form in self.forms if "grant_type" in form]

    def table(self, **more: Any) -> dict[str, Any]:
        """The table `oauth` of a mailbox whose tokens come from here."""
        places = {"token_url": f"{self.address}/token", "authorize_url": f"{self.address}/authorize"}
        places["device_url"] = f"{self.address}/device"
        return {
            "provider": "custom",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scopes": ["mail"],
            **places,
            **more,
        }

    def end_all(self) -> None:
        """End every access token before its time."""
        self.good.clear()

    def revoke(self) -> None:
        """End the consent: no token is good, and no other is given."""
        self.good.clear()
        self.spent.add(self.refresh)
        self.refresh = ""

    def is_good(self, token: str) -> bool:
        """Whether an access token lets in."""
        return time.monotonic() < self.good.get(token, 0)

    def give(self) -> dict[str, Any]:
        """A new pair of tokens, as an answer."""
        number = next(self.number)
        access = f"access-{number}-hush"
        self.good[access] = time.monotonic() + self.life
        if self.refresh:
            self.spent.add(self.refresh)
        self.refresh = f"refresh-{number}-hush"
        both = {"access_token": access, "refresh_token": self.refresh}
        return {**both, "token_type": "Bearer", "expires_in": self.life, "scope": "mail", **self.extra}

    def agree(self, address: str, **changed: str) -> None:
        """Do what a browser does in which somebody agreed: go to where the question wants its answer."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{next(self.number)}-hush"
        self.challenges[code] = asked["code_challenge"]
        answer = {"code": code, "state": asked["state"], **changed}
        with urlopen(f"{asked['redirect_uri']}?{urlencode(answer)}", timeout=5) as page:
            page.read()

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        """The status and the JSON, or the bytes, of an answer."""
        if path == "/introspect":
            good = self.is_good(form.get("token", ""))
            return 200, {"active": good, "username": self.user if good else ""}
        self.forms.append(form)
        if self.troubles:
            return self.troubles.pop(0)
        if path == "/device":
            place = {"verification_uri": f"{self.address}/activate", "user_code": "WDJB-MJHT"}
            return 200, {**place, "device_code": "device-hush", "interval": 0.01, "expires_in": 5}
        return self._token(form)

    def _token(self, form: dict[str, str]) -> tuple[int, Any]:
        kind = GRANTS[form["grant_type"]]
        if kind == "by refresh":
            if form["refresh_token"] != self.refresh:
                self.revoke()
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        elif kind == "by code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if self.challenges.pop(form["code"], "") != base64.urlsafe_b64encode(digest).decode().rstrip("="):
                return 400, {"error": "invalid_grant", "error_description": "The verifier does not fit."}
        elif kind == "by device" and self.pending:
            self.pending -= 1
            return 400, {"error": "authorization_pending"}
        return 200, self.give()


class _Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if basic := self.headers.get("Authorization", ""):
            client, _, secret = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
            form |= {"client_id": client, "client_secret": secret}
        time.sleep(provider.slow if self.path == "/token" else 0)
        with provider.lock:
            status, body = provider.answer(self.path, form)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if content is not body else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went."""


@contextmanager
def running_token_server(tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """Run the provider for the length of the block; with a context over TLS."""
    with _Server(("127.0.0.1", 0), _Request) as server:
        if tls is not None:
            # The handshake is made by the thread of the connection.
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        provider = Provider(port=server.server_address[1])
        server.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join(timeout=10)
