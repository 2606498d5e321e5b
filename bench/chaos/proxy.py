"""Small proxies before an IMAP and an SMTP server, which cut connections where it hurts and write down what passed."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from threading import Event, Thread

from bench.chaos.mails import DeskMail

LITERAL = re.compile(rb"\{(\d+)\}\r\n")
# The largest mail that passes; asyncio's own limit is 64 KB.
LARGEST = 64 * 1024 * 1024
LAST_LITERAL = 30
LONGEST_START = 1500
# How many connections are cut, of a hundred; and how many mails that go out for the first time.
IN_LITERAL, AT_START = 30, 10
AFTER_DATA, IN_DATA = 3, 3

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class TakenMail:
    """A mail that the SMTP server took: when (monotonic), and whether the answer to the client was cut off.

    `left_at` is when the client's connection ended without a further word after this mail.
    """

    mail: DeskMail
    at: float
    cut: bool
    left_at: float | None = None


@dataclass(slots=True)
class Faults:
    """The faults that the proxies make while `armed`: counts by kind, each mail taken, and the Message-IDs tried."""

    dice: random.Random
    armed: bool = True
    done: Counter[str] = field(default_factory=Counter)
    taken: list[TakenMail] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)

    def strikes(self, percent: float) -> bool:
        """True in so many percent of all calls, and never while not armed."""
        return self.armed and self.dice.random() * 100 < percent


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the proxies listen."""

    imap: int
    smtp: int


@contextmanager
def running_proxies(faults: Faults, imap_port: int, smtp_port: int) -> Iterator[Ports]:
    """Run both proxies in a thread of their own, before servers on this machine."""
    started, ports = Event(), list[int]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        talks = (_imap_talk_of(faults, imap_port), _smtp_talk_of(faults, smtp_port))
        servers = [await asyncio.start_server(_ending_quietly(talk), "127.0.0.1", 0, limit=LARGEST) for talk in talks]
        ports.extend(server.sockets[0].getsockname()[1] for server in servers)
        started.set()
        await asyncio.Event().wait()

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    task = loop.create_task(serve())
    thread = Thread(target=run, name="proxies", daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield Ports(*ports)
    finally:
        loop.call_soon_threadsafe(task.cancel)
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


def _imap_talk_of(faults: Faults, port: int) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        upward = asyncio.ensure_future(_pump(reader, server_writer))
        try:
            await _imap_down(faults, server_reader, writer)
        finally:
            upward.cancel()
            server_writer.transport.abort()

    return talk


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


async def _imap_down(faults: Faults, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    literals = faults.dice.randint(1, LAST_LITERAL) if faults.strikes(IN_LITERAL) else 0
    most = 0 if literals or not faults.strikes(AT_START) else faults.dice.randint(1, LONGEST_START)
    while data := await reader.read(65536):
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


def _smtp_talk_of(faults: Faults, port: int) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port, limit=LARGEST)
        try:
            await _smtp_talk(faults, (reader, writer), (server_reader, server_writer))
        finally:
            server_writer.transport.abort()

    return talk


Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _smtp_talk(faults: Faults, client: Side, server: Side) -> None:
    """Pass command after command and answer after answer; SMTP without pipelining takes turns (RFC 5321)."""
    taken: TakenMail | None = None
    client[1].write(await _answer(server))
    while line := await _next_line(client):
        taken = None
        server[1].write(line)
        answer = await _answer(server)
        client[1].write(answer)
        if not answer.startswith(b"354"):
            continue
        taken = await _pass_data(faults, client, server)
        if taken is None or taken.cut:
            return
    if taken:
        taken.left_at = time.monotonic()


async def _next_line(client: Side) -> bytes:
    try:
        return await client[0].readline()
    except OSError:
        return b""


async def _answer(server: Side) -> bytes:
    lines = [await server[0].readline()]
    while lines[-1][3:4] == b"-":
        lines.append(await server[0].readline())
    return b"".join(lines)


async def _pass_data(faults: Faults, client: Side, server: Side) -> TakenMail | None:
    """Pass a mail on and write it down where the server took it; None: the connection is at its end."""
    raw = await client[0].readuntil(b"\r\n.\r\n")
    mail = _read_mail(raw)
    # A mail that was tried before goes through, or it would wait longer and longer.
    first = mail.message_id not in faults.tried
    faults.tried.add(mail.message_id)
    if first and faults.strikes(IN_DATA):
        server[1].write(raw[: faults.dice.randrange(len(raw) - 5)])
        await server[1].drain()
        faults.done["SMTP cut within DATA"] += 1
        return None
    server[1].write(raw)
    answer = await _answer(server)
    taken = TakenMail(mail, time.monotonic(), cut=first and faults.strikes(AFTER_DATA))
    if answer.startswith(b"2"):
        faults.taken.append(taken)
    if taken.cut:
        faults.done["SMTP cut after DATA"] += 1
    else:
        client[1].write(answer)
    return taken


def _read_mail(raw: bytes) -> DeskMail:
    mail = message_from_bytes(raw)
    subject = " ".join(str(make_header(decode_header(mail["Subject"] or ""))).split())
    recipient, reply_to = (parseaddr(mail[name] or "")[1] for name in ("To", "Reply-To"))
    refers = f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}"
    return DeskMail(recipient, subject, (mail["Message-ID"] or "").strip(" <>"), reply_to, refers)
