"""A desk of real processes for the tests: servers that can be killed and started again, workers and beats on them."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.ticket import Role
from mail.mime.message_ids import peek
from seed.stack import postgres, valkey
from seed.stack.account import private_folder, server_uid
from seed.stack.binaries import postgres_bin
from seed.stack.child import Program, await_ready, free_port, running
from seed.stack.mailhost.server import MailServer
from tests.support.database.services import make_staff
from worker.admin.migrate import upgrade
from worker.demo.processes import BEAT, CELERY
from worker.runtime.bell import QUEUES
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

# Leases are short, so that what died with work in hand is taken over within the test.
SETTINGS = """
[desk]
name = "Desk"
address = "support@desk.example"
[database]
[broker]
[[mailbox]]
name = "support"
address = "support@desk.example"
host = "127.0.0.1"
security = "plain"
force_plain = true
user = "support@desk.example"
plus_addressing = true
poll_every_seconds = 5
from_start = true
after = "flag"
[smtp]
host = "127.0.0.1"
security = "plain"
force_plain = true
[limits]
poll_lease_seconds = 6
claim_lease_seconds = 6
mail_seconds = 5
delivery_lease_seconds = 11
step_seconds = 2
retry_seconds = 1
[trust]
staff = "token"
"""
START_TRIES = 100
QUICK_BEAT = (sys.executable, "-P", str(Path(__file__).with_name("quick_beat.py")), "-A", "worker.app")


@dataclass(slots=True)
class Daemon:
    """A server that can be ended by a signal, and started again at the same port with the data it had."""

    program: Program
    command: Sequence[str]
    ready: Callable[[int], bool]
    port: int
    process: Popen[bytes] | None = None
    life: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it, again and again while what is left of a killed one holds its port or its files."""
        for _ in range(START_TRIES):
            process = self.life.enter_context(running(self.program, self.command))
            if await_ready(self.program, process, lambda pid=process.pid: self.ready(pid)):  # type: ignore[misc]
                self.process = process
                return
            time.sleep(0.2)
        raise AssertionError(f"{self.program.name} did not come back: {self.program.log.read_text()[-1000:]}")

    def end_with(self, number: signal.Signals) -> None:
        """End it with a signal, and wait until it is gone."""
        assert self.process
        self.process.send_signal(number)
        self.process.wait(30)

    @property
    def is_gone(self) -> bool:
        """True where it has ended."""
        return self.process is None or self.process.poll() is not None


class Sink:
    """An SMTP server that takes everything and counts the Message-IDs."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken[peek(envelope.content).message_id or ""] += 1
        return "250 taken"


@dataclass(slots=True)
class Desk:
    """The servers of a desk, our services on them, and what was sent."""

    folder: Path
    database: Daemon
    broker: Daemon
    sink: Sink
    services: Services

    @property
    def broker_url(self) -> str:
        """The broker as this machine reaches it."""
        return f"redis://127.0.0.1:{self.broker.port}/0"


@contextmanager
def a_postgres(folder: Path, place: Path | None = None, listen: str = "127.0.0.1") -> Iterator[Daemon]:
    """Run PostgreSQL; `place` is a folder for its data that exists already and is its user's."""
    uid = server_uid()
    binaries = postgres_bin(Path(os.environ["PG_BIN"]) if "PG_BIN" in os.environ else None, uid)
    program, port = Program("PostgreSQL", folder / "postgres.log", uid, signal.SIGINT), free_port()
    with private_folder(place or folder / "postgres", uid, keep=False) as data:
        cluster = postgres.Cluster(program, binaries, data, fsync=False)
        cluster.initialise()
        server = Daemon(program, cluster.command(port, {"listen_addresses": listen}), cluster.is_ready, port)
        with server.life:
            server.start()
            cluster.create_database(port)
            yield server


@contextmanager
def a_broker(folder: Path, *settings: str) -> Iterator[Daemon]:
    """Run Valkey, which keeps what it has over a restart."""
    folder = folder / "valkey"
    folder.mkdir()
    program, port = Program("Valkey", folder / "valkey.log", os.geteuid()), free_port()
    command = [valkey.server_binary(), *valkey.server_options(folder, port, appendonly=True), *settings]
    server = Daemon(program, command, lambda pid: valkey.is_answering(port, pid), port)
    with server.life:
        server.start()
        yield server


@contextmanager
def a_sink(host: str = "127.0.0.1") -> Iterator[tuple[Sink, int]]:
    """Run an SMTP server in a thread; what it took, and its port."""
    sink, port = Sink(), free_port()
    controller = Controller(sink, hostname=host, port=port, server_hostname="sink.example")
    controller.start()
    try:
        yield sink, port
    finally:
        controller.stop()


@contextmanager
def a_desk(folder: Path, mail: MailServer, place: Path | None = None, **settings: str) -> Iterator[Desk]:
    """A migrated desk with an admin and two agents, whose settings are those of every process started inside."""
    with a_postgres(folder, place) as database, a_broker(folder) as broker, a_sink() as (sink, smtp_port):
        environ = {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{database.port}/{postgres.DATABASE}",
            "REDIS_URL": f"redis://127.0.0.1:{broker.port}/0",
            "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": mail.password,
            "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(mail.imap_port),
            "SUPPORTDESK_MAILBOX__SUPPORT__USER": f"{folder.name}@desk.example",
            "SUPPORTDESK_SMTP__PORT": str(smtp_port),
        }
        further = {f"SUPPORTDESK_{name}": value for name, value in settings.items()}
        with settings_of(folder, environ | further) as services:
            yield Desk(folder, database, broker, sink, services)


@contextmanager
def settings_of(folder: Path, environ: dict[str, str]) -> Iterator[Services]:
    """Let every process that is started inside read these settings; our services on a migrated database."""
    file = folder / "supportdesk.toml"
    file.write_text(SETTINGS)
    before = dict(os.environ)
    os.environ.update(environ, SUPPORTDESK_CONFIG=str(file), SUPPORTDESK_DESK__SECRET_KEY="k" * 32)
    services = open_services(load_settings(None, os.environ), application_name="tests")
    try:
        upgrade(services.engine)
        make_staff(services, "ada@desk.example", Role.ADMIN)
        make_staff(services, "bob@desk.example")
        make_staff(services, "carol@desk.example")
        yield services
    finally:
        services.engine.dispose()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def processes(folder: Path, *, pool: str = "solo", workers: int = 1, beats: int = 1) -> Iterator[None]:
    """Run so many workers on each queue, and so many beats."""
    commands: dict[str, tuple[str, ...]] = {f"beat {n}": BEAT for n in range(beats)}
    for n in range(workers):
        commands |= worker_commands(str(n), pool)
    with ExitStack() as started:
        running_ones = [started.enter_context(a_process(folder, name, words)) for name, words in commands.items()]
        try:
            yield
        finally:
            # All are asked to end before the first is waited for.
            for process in running_ones:
                process.terminate()


def worker_commands(name: str, pool: str = "solo") -> dict[str, tuple[str, ...]]:
    """The command of a worker on each queue, by its name for people."""
    words = ("worker", "--pool", pool, "-c", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    queues = sorted(set(QUEUES.values()))
    return {f"{queue} worker {name}": (*words, "-Q", queue, "-n", f"{queue}{name}@tests") for queue in queues}


@contextmanager
def a_process(folder: Path, name: str, words: Sequence[str], before: Sequence[str] = ()) -> Iterator[Popen[bytes]]:
    """Run one Celery process with its log in the folder; `before` are the words of a program that runs it."""
    program = Program(name, folder / f"{name.replace(' ', '-')}.log", os.geteuid())
    celery = QUICK_BEAT if words[0] == "beat" else CELERY
    with running(program, [*before, *celery, *words]) as process:
        yield process
