"""The wall before the studio by itself: requests that no browser and no library of tests would send."""

import asyncio
from typing import Any

import pytest

from worker.cli.studio.gate import CLOSED, FROM_ELSEWHERE, HEADERS, MOST_BYTES, TOO_LONG, Gate, Message, Receive, Send

HOST = "127.0.0.1:8099"
FORM = {"origin": f"http://{HOST}", "content-length": "5"}


class Inside:
    """What stands behind the wall: it reads what it is given, and has headers of its own."""

    def __init__(self) -> None:
        self.read: list[Message] = []

    async def __call__(self, _: Message, receive: Receive, send: Send) -> None:
        """Read twice, and answer."""
        self.read += [await receive(), await receive()]
        headers = [(b"Cache-Control", b"public"), (b"x-frame-options", b"ALLOW"), (b"x-own", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"inside"})


def a_gate() -> tuple[Gate, Inside]:
    inside = Inside()
    return Gate(inside, 8099, writes=True), inside


def ask(gate: Gate, path: str = "/", query: str = "", method: str = "GET", **given: Any) -> list[Any]:
    """All that is sent for one request; `given` are its `kind` and `body`, and headers named with underscores."""
    kind, body = given.pop("kind", "http"), given.pop("body", b"")
    sent: list[Any] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"host": HOST} | {name.replace("_", "-"): value for name, value in given.items()}
    scope = {"type": kind, "method": method, "path": path, "query_string": query.encode()}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(gate(scope, receive, send))
    return sent


def enter(gate: Gate, **more: str) -> str:
    """The cookie of who comes with the token."""
    headers = dict(ask(gate, query=f"token={gate.token}", **more)[0]["headers"])
    return str(headers.get(b"set-cookie", b"").decode().partition(";")[0])


def test_the_address_may_be_clicked_on_any_page_and_nothing_else_may() -> None:
    gate, _ = a_gate()

    cookie = enter(gate, sec_fetch_site="cross-site")
    start, page = ask(gate, "/tickets/list", cookie=cookie, sec_fetch_site="cross-site")

    assert cookie
    assert (start["status"], FROM_ELSEWHERE in page["body"].decode()) == (403, True)


@pytest.mark.parametrize(("path", "method"), [("/tickets/list", "GET"), ("/", "HEAD"), ("//", "GET")])
def test_the_token_counts_at_the_start_page_alone_and_is_not_spent_elsewhere(path: str, method: str) -> None:
    gate, inside = a_gate()

    start, page = ask(gate, path, f"token={gate.token}", method)

    assert (start["status"], CLOSED in page["body"].decode(), inside.read) == (403, True, [])
    assert enter(gate)


@pytest.mark.parametrize("length", ["", "-5", "+5", "5.0", "1e3", "²", f"{MOST_BYTES + 1}"])
def test_a_form_says_its_length(length: str) -> None:
    gate, inside = a_gate()
    more = FORM | {"content-length": length, "cookie": enter(gate)}

    start, page = ask(gate, "/tickets/1/answer", method="POST", **more)

    assert (start["status"], TOO_LONG in page["body"].decode(), inside.read) == (413, True, [])


def test_of_a_form_that_is_longer_than_it_said_nothing_is_read_on() -> None:
    gate, inside = a_gate()

    ask(gate, "/tickets/1/answer", method="POST", body=b"x" * (MOST_BYTES // 2 + 1), **FORM, cookie=enter(gate))

    assert [one["type"] for one in inside.read] == ["http.request", "http.disconnect"]


def test_what_stands_behind_cannot_loosen_the_headers() -> None:
    gate, _ = a_gate()

    start = ask(gate, cookie=enter(gate))[0]

    names = [name.decode().lower() for name, _ in start["headers"]]
    assert sorted(names) == sorted(["x-own", *HEADERS])
    assert {name.decode(): value.decode() for name, value in start["headers"]}.items() >= HEADERS.items()


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_what_is_no_request_is_not_answered(kind: str) -> None:
    gate, inside = a_gate()

    assert ask(gate, kind=kind, cookie=enter(gate)) == []
    assert inside.read == []
