"""An SMTP server that accepts every mail and records when: a process of its own, so that it slows no other down.

usage: python -m bench.speed.sink PORT FILE
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from seed.stack.child import Program, await_ready, running

LARGEST_MAIL = 64 * 1024 * 1024


class Sink:
    """Takes every mail; a line of the file is when it came (seconds since 1970) and its Message-ID."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        """Make the file."""
        self._path.touch()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        head = BytesHeaderParser().parsebytes(envelope.content.partition(b"\r\n\r\n")[0])
        with self._path.open("a") as file:
            file.write(f"{time.time()} {head['Message-ID'].strip('<>')}\n")
        return "250 taken"


@dataclass(frozen=True, slots=True)
class SinkLog:
    """The file of a running sink."""

    file: Path

    def times(self) -> dict[str, float]:
        """Seconds since 1970 at which each mail came, by Message-ID; the first time where one came twice."""
        return self.since(0)

    def lines(self) -> int:
        """How many mails came so far."""
        return len(self.file.read_text().splitlines())

    def since(self, lines: int) -> dict[str, float]:
        """The same, without the first so many mails."""
        found: dict[str, float] = {}
        for line in self.file.read_text().splitlines()[lines:]:
            when, _, message_id = line.partition(" ")
            found.setdefault(message_id, float(when))
        return found


@contextmanager
def running_sink(folder: Path, port: int) -> Iterator[SinkLog]:
    """Run a sink on a port of this machine."""
    file = folder / "sink.txt"
    program = Program("the sink", folder / "sink.log", 0)
    with running(program, [sys.executable, "-P", "-m", "bench.speed.sink", str(port), str(file)]) as process:
        if not await_ready(program, process, file.exists):
            raise RuntimeError(program.log.read_text())
        yield SinkLog(file)


async def _serve(port: int, file: Path) -> None:
    def connection() -> SMTP:
        return SMTP(sink, hostname="localhost", data_size_limit=LARGEST_MAIL, loop=asyncio.get_running_loop())

    # The file is made when the port is open, and tells that the sink is ready.
    sink = Sink(file)
    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    sink.open()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
