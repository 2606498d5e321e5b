"""An SMTP server with the habits of bad ones: what it offers, refuses, cuts and mixes up is what a test tells it."""

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import cast

from mail.server import Security
from mail.smtp.connection import SmtpServer

# What MAIL is answered with where there are too many connections.
FULL = {"mail": "421 4.7.0 too many connections", "later": "432 4.3.2 Concurrent connections limit exceeded"}


@dataclass(slots=True)
class Habits:
    """How the server behaves; with none of them it is a good one that takes one command at a time.

    `reorder` gets the replies to commands that came in one packet. `swallows` reads the first of them alone, and
    `hangs_up` closes the connection at such a packet. A refused recipient gets the words of `refused`, and the DATA
    after it a 354 where it is `careless`; `judged` are the words to what is sent to a recipient. `most` is how many
    connections it takes at once, and `full` where it says so: "greeting", "silence", "reset", "never", "queue", or at
    MAIL with "mail" or "later". `slow` are the seconds that it takes for a mail, `hangs` the command that it never
    answers; it closes the connection after `mails`, and `breaks` says that it does so without a word behind the last
    dot of each.

    `greets` is what it answers EHLO with. What it says goes out in pieces of so many bytes as `pieces` says. `unasked`
    is what it says besides, behind its answer to "DATA" or to the last "dot". `sound` is how many packets of several
    commands a connection takes well before it swallows or hangs up, or the whole server where it `fails_for_good`.
    `late_for` are seconds that it takes longer to judge what is sent to a recipient. `cut_off` ends the connection in
    the middle of the words of `refused` or `judged`, without the end of their last line.
    """

    pipelining: bool = False
    reorder: Callable[[Sequence[str]], Sequence[str]] = list
    swallows: bool = False
    hangs_up: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    careless: bool = False
    most: int = 1000
    full: str = "greeting"
    slow: float = 0.0
    late: float = 0.0
    hangs: str = ""
    mails: int = 0
    breaks: bool = False
    judged: dict[str, str] = field(default_factory=dict)
    greets: str = ""
    pieces: int = 0
    unasked: dict[str, str] = field(default_factory=dict)
    sound: int = 0
    cut_off: bool = False
    fails_for_good: bool = False
    late_for: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server took, with those who got it; nobody where all were refused."""

    recipients: tuple[str, ...]
    content: bytes
    connection: int
    began: float
    ended: float


class FaultySmtp(socketserver.ThreadingTCPServer):
    """The server, and what it saw."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.habits = Habits()
        self.taken: list[Taken] = []
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.goodbyes = 0
        self.flights = 0
        self.ended = 0
        self.packets: list[bytes] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        # Where it speaks TLS, it ends a connection without saying so (close_notify, RFC 8446, section 6.1).
        self.tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def got(self, recipient: str) -> list[bytes]:
        """What came for a recipient."""
        return [taken.content for taken in self.taken if recipient in taken.recipients]


@contextlib.contextmanager
def running_faulty_smtp() -> Iterator[FaultySmtp]:
    """Run such a server until the block ends."""
    with FaultySmtp() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join(timeout=10)


def account_at(server: FaultySmtp, timeout: float = 5) -> SmtpServer:
    """The server as the desk speaks to it, with a timeout in seconds."""
    return SmtpServer("127.0.0.1", server.port, Security.PLAIN, "", "", timeout=timeout)


class _End(Exception):
    """The conversation is over."""


class _Conversation(socketserver.BaseRequestHandler):
    """One conversation, packet by packet."""

    request: socket.socket

    def handle(self) -> None:
        self.wire = cast("FaultySmtp", self.server)
        self.recipients, self.mails, self.flights, self.buffer = list[str](), 0, 0, b""
        with self.wire.lock:
            self.wire.connections += 1
            self.wire.open += 1
            self.number = self.wire.connections
            self.wire.most_open = max(self.wire.most_open, self.wire.open)
            self.is_one_too_many = self.wire.open > self.wire.habits.most
            if self.is_one_too_many and self.wire.habits.full == "never":
                # It takes no place of others.
                self.wire.open -= 1
        try:
            with contextlib.suppress(OSError, _End):
                if self.wire.tls:
                    self.request = self.wire.tls.wrap_socket(self.request, server_side=True)
                self._talk()
        finally:
            if self.wire.tls:
                self.request.close()
            with self.wire.lock:
                self.wire.open -= not (self.is_one_too_many and self.wire.habits.full == "never")
                self.wire.ended += 1

    def _talk(self) -> None:
        habits = self.wire.habits
        if self.is_one_too_many and habits.full == "silence":
            return
        if self.is_one_too_many and habits.full == "reset":
            # Closed without lingering, a connection is reset.
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        while self.is_one_too_many and habits.full in ("never", "queue") and not self.wire.closing.wait(0.02):
            # In a queue it is greeted when those before it have gone.
            self.is_one_too_many = habits.full == "never" or self.number > self.wire.ended + habits.most
        if self.is_one_too_many and habits.full == "greeting":
            self._say("421 4.7.0 too many connections")
            return
        self._say("220 sink.example")
        while packet := self._commands():
            commands = [line.decode() for line in packet]
            self.wire.packets.append(b"\n".join(packet))
            is_bad = len(commands) > 1 and self._breaks_at_flights()
            if is_bad and habits.hangs_up:
                return
            replies = [self._answer(command) for command in (commands[:1] if is_bad and habits.swallows else commands)]
            time.sleep(habits.late)
            self._say(*(habits.reorder(replies) if len(replies) > 1 else replies), *self._unasked("DATA", replies))
            if "354 go on" in replies:
                self._take()
            if any(reply.startswith(("221", "421")) for reply in replies):
                return

    def _breaks_at_flights(self) -> bool:
        self.flights += 1
        with self.wire.lock:
            self.wire.flights += 1
        return (self.wire.flights if self.wire.habits.fails_for_good else self.flights) > self.wire.habits.sound

    def _unasked(self, place: str, replies: Sequence[str] = ("354 go on",)) -> list[str]:
        words = self.wire.habits.unasked.get(place, "")
        return [words] if words and "354 go on" in replies else []

    def _commands(self) -> list[bytes]:
        while b"\n" not in self.buffer:
            if not (piece := self.request.recv(65536)):
                return []
            self.buffer += piece
        whole, _, self.buffer = self.buffer.rpartition(b"\n")
        return whole.replace(b"\r", b"").split(b"\n")

    def _answer(self, command: str) -> str:
        habits, word = self.wire.habits, command[:4].upper()
        if habits.hangs == word:
            self.wire.closing.wait(30)
            raise _End
        if word == "EHLO":
            offers = "250-sink.example\r\n250-PIPELINING\r\n250 HELP" if habits.pipelining else "250 sink.example"
            return habits.greets or offers
        if word == "QUIT":
            self.wire.goodbyes += 1
            return "221 bye"
        if word == "MAIL":
            self.recipients = []
            return FULL[habits.full] if self.is_one_too_many else "250 sender fine"
        if word == "RCPT":
            return self._take_recipient(command[command.index("<") + 1 : -1])
        if word == "DATA":
            return "354 go on" if self.recipients or habits.careless else "503 no valid recipients"
        return "250 fine"

    def _take_recipient(self, address: str) -> str:
        if address in self.wire.habits.refused:
            return self.wire.habits.refused[address]
        self.recipients.append(address)
        return "250 recipient fine"

    def _take(self) -> None:
        habits, began = self.wire.habits, time.monotonic()
        content = self.buffer
        while content != b".\r\n" and not content.endswith(b"\r\n.\r\n"):
            if not (piece := self.request.recv(65536)):
                raise _End
            content += piece
        self.buffer = b""
        time.sleep(habits.slow + sum(habits.late_for.get(one, 0.0) for one in self.recipients))
        judged = next((habits.judged[one] for one in self.recipients if one in habits.judged), "250 taken")
        if not judged.startswith("2"):
            self._say(judged)
            return
        with self.wire.lock:
            mail = Taken(tuple(self.recipients), content[:-3], self.number, began, time.monotonic())
            self.wire.taken.append(mail)
        self.mails += 1
        if habits.breaks:
            raise _End
        self._say(judged, *self._unasked("dot"))
        if self.mails == habits.mails:
            raise _End

    def _say(self, *replies: str) -> None:
        habits = self.wire.habits
        last = {*habits.refused.values(), *habits.judged.values()} if habits.cut_off else set[str]()
        whole = list(takewhile(lambda reply: reply not in last, replies))
        self._send("".join(f"{reply}\r\n" for reply in whole) + "".join(replies[len(whole) : len(whole) + 1]))
        if len(whole) < len(replies):
            raise _End

    def _send(self, words: str) -> None:
        raw = words.encode("latin-1")
        size = self.wire.habits.pieces or len(raw) or 1
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(raw), size):
            if at:
                time.sleep(0.002)
            self.request.sendall(raw[at : at + size])
