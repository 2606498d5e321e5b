"""A desk as an operator has it: a folder with settings, commands given one by one, processes, and people who write."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from subprocess import Popen
from typing import Any

import psycopg
from click.testing import CliRunner
from psycopg.rows import dict_row

from mail.imap.mailbox import Fetched, open_mailbox
from mail.server import Security, Server
from seed.stack.binaries import postgres_bin
from seed.stack.child import Program, running
from seed.stack.mailhost.server import MailServer
from tests.support.database.databases import plain_url
from tests.support.servers.real_processes import QUICK_BEAT
from worker.cli.main import main

# Where the tests run in the background, the shell lets them ignore Ctrl-C.
CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PROGRAM = (sys.executable, "-P", "-c", f"{CTRL_C}; from worker.cli.main import main; main()")
# What docs/operations.md says to start by hand, and one worker on both queues in place of two. One process each is
# enough; a beat that sweeps more often spares the test its waiting.
WORKER = ("--pool", "solo", "--without-gossip", "--without-mingle")
PROCESSES = {
    "wire": (*PROGRAM, "worker", "-Q", "wire", "-n", "wire@tests", *WORKER),
    "desk": (*PROGRAM, "worker", "-Q", "desk", "-n", "desk@tests", *WORKER),
    "both": (*PROGRAM, "worker", "-Q", "wire,desk", "-n", "both@tests", *WORKER),
    "beat": (*QUICK_BEAT, "-A", "worker.app", "beat", "--pidfile="),
    "watch": (*PROGRAM, "watch"),
}
WAIT_SECONDS = 60
LOOK_EVERY = 0.3


@dataclass(slots=True)
class InstalledDesk:
    """A folder, the servers beside it, and the processes of the desk that run at the moment."""

    folder: Path
    mail: MailServer
    database_url: str
    redis_url: str
    environ: dict[str, str] = field(default_factory=dict)
    running: list[Popen[bytes]] = field(default_factory=list)
    processes: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> Path:
        """The settings file, which is in the folder."""
        return self.folder / "supportdesk.toml"

    def say(self, *words: str, status: int = 0) -> str:
        """Give a command of `supportdesk`, which must end with this status; what it printed."""
        done = CliRunner(env=self._environ).invoke(main, words)
        assert done.exit_code == status, (words, done.exit_code, done.output, done.exception)
        return done.output

    def start(self, *names: str) -> None:
        """Start these processes, or a worker on each queue and a beat, and wait until each has a pulse of its own."""
        names = names or ("wire", "desk", "beat")
        began = self.ask("SELECT clock_timestamp() AS now")[0]["now"]
        before = dict(os.environ)
        os.environ.update(self._environ)
        try:
            for name in names:
                program = Program(name, self.folder / f"{name}.log", os.geteuid())
                self.running.append(self.processes.enter_context(running(program, PROCESSES[name])))
        finally:
            os.environ.clear()
            os.environ.update(before)
        pulses = "SELECT count(*) AS n FROM mail.pulse WHERE started_at > %s"
        self.wait(lambda: self.ask(pulses, began)[0]["n"] == len(names), "not all processes have a pulse")

    def stop(self) -> None:
        """End all processes, each asked to before the first is waited for."""
        for process in self.running:
            process.terminate()
        self.running.clear()
        self.processes.close()
        self.processes = ExitStack()

    def send(self, sender: str, to: str, subject: str, text: str, **headers: str) -> None:
        """Send a mail as a person does, and let the desk look for it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = f"<{time.monotonic_ns()}@people.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        with smtplib.SMTP(self.mail.host, self.mail.smtp_port, timeout=20) as smtp:
            smtp.send_message(mail)
        # Not to wait for the next poll; where a worker polls at the moment, it is that one which takes the mail.
        CliRunner(env=self._environ).invoke(main, ["poll"])

    def inbox(self, address: str) -> list[EmailMessage]:
        """The mails in an inbox, oldest first."""
        account = Server(self.mail.host, self.mail.imap_port, Security.PLAIN, address, self.mail.password)
        with open_mailbox(account) as mailbox:
            mailbox.select("INBOX")
            raws = [one.raw for one in mailbox.fetch_after(0) if isinstance(one, Fetched)]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]

    def ask(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """The rows that a statement gives, or none where it only writes."""
        with psycopg.connect(plain_url(self.database_url), autocommit=True) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            cursor.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description is not None else []

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until it is so; `what` is said where it never is, with the ends of the logs."""
        ends = time.monotonic() + WAIT_SECONDS
        while not condition():
            assert time.monotonic() < ends, (what, self.ask("SELECT id, fate, reason FROM mail.ledger ORDER BY id"))
            time.sleep(LOOK_EVERY)

    def postgres(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL on the database, such as pg_dump; it is of the same version as the server."""
        named = Path(os.environ["PG_BIN"]) if "PG_BIN" in os.environ else None
        binary = postgres_bin(named, os.geteuid()) / program
        subprocess.run([binary, f"--dbname={plain_url(self.database_url)}", *words], check=True, timeout=60)

    @property
    def _environ(self) -> dict[str, str]:
        return os.environ | {"SUPPORTDESK_CONFIG": str(self.settings), "COLUMNS": "200"} | self.environ


@contextmanager
def an_installed_desk(folder: Path, mail: MailServer, database_url: str, redis_url: str) -> Iterator[InstalledDesk]:
    """A bare folder with servers beside it; whatever was started there ends with the block."""
    desk = InstalledDesk(folder, mail, database_url, redis_url)
    try:
        yield desk
    finally:
        desk.stop()
