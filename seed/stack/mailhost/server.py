"""A private mail server for trying out and for tests: IMAP, SMTP and a web page over every inbox."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import Popen

from seed.stack.account import NotInstalledError, StackError
from seed.stack.child import Program, await_ready, log_tail, running

HOST_PROGRAM = ("-P", "-m", "seed.stack.mailhost")
PASSWORD = "demo"  # noqa: S105
SUPPORT = "support@desk.example"
# The desk's own inbox takes every signed address as well.
ALIASES: Mapping[str, str] = {"support+*@desk.example": SUPPORT}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; 0 is a free port."""

    imap: int = 0
    smtp: int = 0
    web: int = 0


FREE_PORTS = Ports()


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server on this machine.

    Every address in a domain for examples (RFC 2606) has an inbox: log in with the address, or with the local
    part of one that has had mail, and the one password. SMTP asks for no login and takes the same one.
    """

    host: str
    imap_port: int
    smtp_port: int
    web_port: int
    password: str

    @property
    def web_url(self) -> str:
        """The page that shows every inbox, in a browser on this machine."""
        return f"http://{self.host}:{self.web_port}/"


@dataclass(frozen=True, slots=True)
class Starting:
    """A mail server that was started and may not be ready yet."""

    program: Program
    process: Popen[bytes]
    report: Path

    def ready(self) -> MailServer:
        """Wait for it; StackError where it does not start."""
        if not await_ready(self.program, self.process, self.report.exists):
            raise StackError(f"the mail server does not start: {log_tail(self.program)}")
        ports = json.loads(self.report.read_text())
        return MailServer("127.0.0.1", ports["imap"], ports["smtp"], ports["web"], PASSWORD)


@contextmanager
def starting_mailserver(
    folder: Path,
    *,
    aliases: Mapping[str, str] = ALIASES,
    addresses: Sequence[str] = (SUPPORT,),
    ports: Ports = FREE_PORTS,
) -> Iterator[Starting]:
    """Start the server and give it before it is ready, so that others can start beside it."""
    if find_spec("mail_devel") is None:
        raise NotInstalledError("no mail server here: install the extra `demo`")
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "ports.json"
    report.unlink(missing_ok=True)
    settings = {
        "user": SUPPORT,
        "password": PASSWORD,
        "aliases": dict(aliases),
        "addresses": list(addresses),
        "ports": asdict(ports),
        "report": str(report),
    }
    program = Program("the mail server", folder / "mail.log", os.geteuid(), feed=json.dumps(settings).encode())
    with running(program, [sys.executable, *HOST_PROGRAM]) as process:
        yield Starting(program, process, report)


@contextmanager
def running_mailserver(folder: Path) -> Iterator[MailServer]:
    """Run the server for the length of the block."""
    with starting_mailserver(folder) as server:
        yield server.ready()
