"""The wall before the studio: who comes without the token of this run gets a sentence, whatever is asked for."""

import html
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

from worker.cli.errors import sentences_of

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

CLOSED: Final = "The studio is open only at the address that the command printed, in the browser that used it first."
SPENT: Final = "This address works once, and was used before. Stop the studio by Ctrl-C and start it again for another."
OTHER_HOST: Final = "The studio answers at 127.0.0.1 and localhost alone, with the port that the command printed."
FROM_ELSEWHERE: Final = "This was asked by a page of another site, so nothing was done."
READ_ONLY: Final = "This studio only reads. Start it with --write to change something."
TOO_LONG: Final = "That is more text than the studio takes at once. Nothing was changed."
BROKEN: Final = "Something went wrong in the studio. What it was stands where the studio was started."
MOST_BYTES: Final = 1_000_000
# Nothing is loaded from elsewhere, and no page of another site may hold one of ours. The pictures are those of the
# style sheet, which stand in it as data.
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Asks for the start page anew: a redirection would still be of whatever page the address was clicked on, and browsers
# keep the cookie from those.
_WELCOME: Final = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><link rel="icon" href="data:,">'
    "<title>SupportDesk</title>"
    '<a href="/">Go on to the studio.</a>'
)


class Gate:
    """An ASGI application around another one, which is asked only by the browser that came with the token first."""

    def __init__(self, inside: App, port: int, *, writes: bool) -> None:
        self.token = secrets.token_urlsafe(32)
        self._inside = inside
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._writes = writes
        self._spent = False
        # Cookies are shared between ports: the name is random too, so that studios of one machine get on.
        self._cookie = f"studio-{secrets.token_hex(8)}"
        self._secret = secrets.token_urlsafe(32)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request; websockets and whatever else a server may offer are not answered."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        said = self._refusal(scope, headers)
        if said is not None:
            await _say(send, *said)
        elif token := self._token_in(scope):
            await self._let_in(token, send)
        elif not self._has_cookie(headers.get("cookie", "")):
            await _say(send, 403, CLOSED)
        else:
            await self._ask_inside(scope, _bounded(receive), send)

    def _refusal(self, scope: Message, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and sentence for what is refused whoever asks."""
        if headers.get("host") not in self._hosts:
            return 403, OTHER_HOST
        if scope["method"] in {"GET", "HEAD"}:
            # A page at another port of this machine is of the same site, so it would have the cookie sent along.
            elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
            return (403, FROM_ELSEWHERE) if elsewhere and not self._token_in(scope) else None
        return self._refused_write(headers) if scope["method"] == "POST" else (405, READ_ONLY)

    def _refused_write(self, headers: Mapping[str, str]) -> tuple[int, str] | None:
        if headers.get("origin") not in {f"http://{host}" for host in self._hosts}:
            return 403, FROM_ELSEWHERE
        if not self._has_cookie(headers.get("cookie", "")):
            return 403, CLOSED
        if not self._writes:
            return 403, READ_ONLY
        length = headers.get("content-length", "")
        return None if length.isdecimal() and int(length) <= MOST_BYTES else (413, TOO_LONG)

    def _token_in(self, scope: Message) -> str:
        """The token in the address of the start page; empty where there is none."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return ""
        query: str = scope["query_string"].decode("latin-1")
        return next(iter(parse_qs(query).get("token", ())), "")

    async def _let_in(self, token: str, send: Send) -> None:
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            await _say(send, 403, CLOSED)
        elif self._spent:
            await _say(send, 403, SPENT)
        else:
            self._spent = True
            cookie = f"{self._cookie}={self._secret}; Path=/; HttpOnly; SameSite=Strict"
            await _answer(send, 200, _WELCOME, [(b"set-cookie", cookie.encode())])

    def _has_cookie(self, text: str) -> bool:
        # Other servers of this machine may have cookies of any form here, as cookies know no port.
        pairs = (pair.strip().partition("=") for pair in text.split(";"))
        given = next((value for name, _, value in pairs if name == self._cookie), "")
        return secrets.compare_digest(given.encode(), self._secret.encode())

    async def _ask_inside(self, scope: Message, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name.encode() for name in HEADERS}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in ours]
                message = {**message, "headers": [*kept, *_headers()]}
            await send(message)

        await self._inside(scope, receive, pass_on)


class Sentences:
    """An ASGI application around another one, whose errors become a sentence for the person at the browser."""

    def __init__(self, app: App) -> None:
        self._inside = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on; what cannot be answered is said, and what nobody expected is in the log, too."""
        began = False

        async def pass_on(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._inside(scope, receive, pass_on)
        except Exception as error:
            sentences = sentences_of(error)
            if not sentences:
                logger.exception("A page of the studio broke")
            if began:
                raise
            await _say(send, 503 if sentences else 500, " ".join(sentences) or BROKEN)


def _bounded(receive: Receive) -> Receive:
    """What reads a request, and no more of it than was promised to be enough."""
    taken = 0

    async def read() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= MOST_BYTES else {"type": "http.disconnect"}

    return read


def _headers() -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in HEADERS.items()]


async def _say(send: Send, status: int, sentence: str) -> None:
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>SupportDesk</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><p>{html.escape(sentence)}</p></html>'
    )
    await _answer(send, status, page, [])


async def _answer(send: Send, status: int, page: str, further: list[tuple[bytes, bytes]]) -> None:
    body = page.encode()
    sizes = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*sizes, *further, *_headers()]})
    await send({"type": "http.response.body", "body": body})
