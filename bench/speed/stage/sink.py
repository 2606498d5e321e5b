"""An SMTP server that accepts every mail and records when: a process of its own, so that it slows no other down.

It speaks no more of SMTP than a client of ours needs, and so costs little itself; it offers PIPELINING (RFC 2920).

usage: python -m bench.speed.stage.sink PORT FILE [SECONDS]
"""

import asyncio
import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seed.stack.child import Program, await_ready, running

SINK = (sys.executable, "-P", "-m", "bench.speed.stage.sink")
CRLF, END = b"\r\n", b"\r\n.\r\n"
ID = b"\nmessage-id:"
ANSWERS = {
    b"EHLO": b"250-localhost\r\n250-SIZE 67108864\r\n250 PIPELINING\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection. A line of the file is a mail, as `Taken` has it.

    Each mail takes so many seconds, in which other connections are served.
    """

    def __init__(self, file: Path, seconds: float) -> None:
        self._file, self._seconds = file, seconds
        self._buffer = bytearray()
        self._recipients: list[str] = []
        self._is_mail = self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 localhost\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        # What came behind a mail that is not answered yet is answered after it.
        while not self._is_busy and (self._take_mail() if self._is_mail else self._take_command()):
            pass

    def _take_command(self) -> bool:
        line, end, _ = self._buffer.partition(b"\r\n")
        if not end:
            return False
        del self._buffer[: len(line) + 2]
        word = bytes(line[:4]).upper()
        if word == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
        self._transport.write(ANSWERS.get(word, b"250 fine\r\n"))
        self._is_mail = word == b"DATA"
        if word == b"QUIT":
            self._transport.close()
        return True

    def _take_mail(self) -> bool:
        # The dot may be the first line.
        end = self._buffer.find(END)
        if end < 0:
            return False
        mail = bytes(self._buffer[:end])
        del self._buffer[: end + len(END)]
        self._is_mail, self._is_busy = False, True
        if self._seconds:
            asyncio.get_running_loop().call_later(self._seconds, self._took, mail)
        else:
            self._took(mail)
        return True

    def _took(self, mail: bytes) -> None:
        head = mail.partition(b"\r\n\r\n")[0]
        place = head.lower().index(ID) + len(ID)
        name = head[place:].partition(b"\r\n")[0].strip().strip(b"<>").decode()
        with self._file.open("a") as file:
            file.write(f"{time.time()} {name} {digest(_unstuffed(mail) + CRLF)} {','.join(self._recipients)}\n")
        self._recipients = []
        self._is_busy = False
        if not self._transport.is_closing():
            self._transport.write(b"250 taken\r\n")
            self._go_on()


def digest(mail: bytes) -> str:
    """SHA-256 in hexadecimal of a mail, whose last line is ended where it is not (RFC 5321, section 4.1.1.4)."""
    return hashlib.sha256(mail if mail.endswith(b"\r\n") else mail + b"\r\n").hexdigest()


def _unstuffed(lines: bytes) -> bytes:
    """A mail without the dots that stand before those at the beginnings of lines (RFC 5321, section 4.5.2)."""
    return lines.removeprefix(b".").replace(b"\r\n.", b"\r\n")


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that came: when (seconds since 1970), its Message-ID, its digest, and the recipients of its envelope."""

    when: float
    message_id: str
    digest: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SinkLog:
    """The file of a running sink."""

    file: Path

    def mails(self) -> list[Taken]:
        """Every mail, in the order in which they came."""
        rows = (line.split(" ") for line in self.file.read_text().splitlines())
        return [Taken(float(when), name, digest, tuple(to.split(","))) for when, name, digest, to in rows]

    def times(self) -> dict[str, float]:
        """Seconds since 1970 at which each mail came, by Message-ID; the first time where one came twice."""
        return self.since(0)

    def lines(self) -> int:
        """How many mails came so far."""
        return len(self.file.read_text().splitlines())

    def since(self, lines: int) -> dict[str, float]:
        """The same, without the first so many mails."""
        found: dict[str, float] = {}
        for mail in self.mails()[lines:]:
            found.setdefault(mail.message_id, mail.when)
        return found


@contextmanager
def running_sink(folder: Path, port: int, seconds: float = 0) -> Iterator[SinkLog]:
    """Run a sink on a port of this machine, which takes so many seconds for each mail."""
    file = folder / "sink.txt"
    program = Program("the sink", folder / "sink.log", 0)
    with running(program, [*SINK, str(port), str(file), str(seconds)]) as process:
        if not await_ready(program, process, file.exists):
            raise RuntimeError(program.log.read_text())
        yield SinkLog(file)


async def _serve(port: int, sink: Callable[[], Sink], tell_ready: Callable[[], None]) -> None:
    listening = await asyncio.get_running_loop().create_server(sink, "127.0.0.1", port)
    tell_ready()
    await listening.serve_forever()


def _main(port: str, path: str, seconds: str = "0") -> None:
    file = Path(path)
    # The file is made when the port is open, and tells that the sink is ready.
    asyncio.run(_serve(int(port), lambda: Sink(file, float(seconds)), file.touch))


if __name__ == "__main__":
    _main(*sys.argv[1:])
