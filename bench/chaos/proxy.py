"""Small proxies before an IMAP and an SMTP server: they ask for tokens, cut where it hurts, and note what passed."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread

from bench.chaos.faults import AT_START, IN_LITERAL, Faults
from bench.chaos.smtp_proxy import LARGEST, SmtpProxy
from bench.chaos.tokens.gate import BYE, IMAP, Gate, Side, log_in_over_imap

LITERAL = re.compile(rb"\{(\d+)\}\r\n")
LAST_LITERAL = 30
LONGEST_START = 1500

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the proxies listen."""

    imap: int
    smtp: int


@contextmanager
def running_proxies(faults: Faults, gate: Gate, imap_port: int, smtp_port: int) -> Iterator[Ports]:
    """Run both proxies in a thread of their own, before servers on this machine."""
    started, ports = Event(), list[int]()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        talks = (_imap_talk_of(faults, gate, imap_port), SmtpProxy(faults, smtp_port, gate).talk)
        servers = [await asyncio.start_server(_ending_quietly(talk), "127.0.0.1", 0, limit=LARGEST) for talk in talks]
        ports.extend(server.sockets[0].getsockname()[1] for server in servers)
        started.set()
        await stop.wait()
        for server in servers:
            server.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = Thread(target=run, name="proxies", daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield Ports(*ports)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)


def _ending_quietly(talk: Talk) -> Talk:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    return handle


def _imap_talk_of(faults: Faults, gate: Gate, port: int) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection("127.0.0.1", port)
        try:
            if token := await log_in_over_imap(gate, (reader, writer), server):
                upward = asyncio.ensure_future(_pump(reader, server[1]))
                try:
                    await _imap_down(faults, gate, token, (server[0], writer))
                finally:
                    upward.cancel()
        finally:
            server[1].transport.abort()

    return talk


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


async def _imap_down(faults: Faults, gate: Gate, token: str, way: Side) -> None:
    """Pass on what the server says, until the session's token ends or the dice cut the connection."""
    reader, writer = way
    literals = faults.dice.randint(1, LAST_LITERAL) if faults.strikes(IN_LITERAL) else 0
    most = 0 if literals or not faults.strikes(AT_START) else faults.dice.randint(1, LONGEST_START)
    while data := await reader.read(65536):
        if LITERAL.search(data) and gate.end_in_fetch():
            # What came before is whole, and of the mail itself a part.
            writer.write(data[: _cut_in_literal(data, 1, faults.dice)])
        if gate.ends_session(IMAP, token):
            writer.write(BYE)
            await writer.drain()
            return
        end = _cut_in_literal(data, literals, faults.dice) if literals else most if 0 < most <= len(data) else None
        writer.write(data[:end])
        await writer.drain()
        if end is not None:
            faults.done["IMAP cut in mid-literal" if literals else "IMAP cut early"] += 1
            return
        literals -= len(LITERAL.findall(data)) if literals else 0
        most -= len(data) if most else 0


def _cut_in_literal(data: bytes, count: int, dice: random.Random) -> int | None:
    """The offset at which to cut literal number `count`, counted from 1, in its middle; None where it comes later."""
    literals = list(LITERAL.finditer(data))
    if len(literals) < count:
        return None
    start, size = literals[count - 1].end(), int(literals[count - 1][1])
    return min(start + dice.randrange(max(size, 1)), len(data))
