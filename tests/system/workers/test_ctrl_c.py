"""Ctrl-C ends each command that takes long: with one sentence and its exit status, without a traceback, and at once."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.support.database.databases import migrated_database
from tests.support.database.services import EXAMPLE, SECRET
from tests.support.servers.installed_desk import PROGRAM
from tests.support.servers.tcp_relay import wait_until
from worker.cli.errors import STOPPED

pytestmark = pytest.mark.timeout(120)
ROOT = Path(__file__).parents[3]
TOKENS = {
    "provider": "custom",
    "grant": "client_credentials",
    "client_id": "c",
    "client_secret": "s",
    "scopes": ["mail"],
    "authorize_url": "http://127.0.0.1:1/a",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed, what shows that the command is in the midst of its work, and how it ends.

    It `asks` a server that never answers, or else has written these words.
    """

    words: tuple[str, ...]
    says: str
    status: int = 130
    begins: str = ""


INIT: tuple[str, ...] = (
    "--address",
    "new@desk.example",
    "--imap-security",
    "plain",
    "--imap-host",
    "127.0.0.1",
    "--yes",
)
INIT += ("--smtp-host", "127.0.0.1", "--smtp-port", "1", "--smtp-security", "plain", "--no-try-mail")
CASES = {
    "poll": Case(("poll",), STOPPED),
    "reconcile": Case(("reconcile",), STOPPED),
    "doctor": Case(("doctor",), STOPPED),
    "init": Case(("init", *INIT), "Stopped by Ctrl-C. Nothing was written."),
    "mailbox authorize": Case(("mailbox", "authorize", "support"), "Stopped by Ctrl-C. Nothing was changed."),
    "watch": Case(("watch",), "The watch has ended, as SIGTERM or Ctrl-C asked.", 0),
    "watchman": Case(("watchman",), "The watchman has ended, as Ctrl-C asked.", 0, "Alarm: No worker"),
    "status --watch": Case(("status", "--watch"), "The look at the desk has ended, as Ctrl-C asked.", 0, "to look at:"),
    "studio": Case(
        ("studio",),
        "The studio is closed, as SIGTERM or Ctrl-C asked; its address is worth nothing now.",
        0,
        "open, once",
    ),
    # Celery's own sentence, and its own status for Ctrl-C.
    "worker": Case((*"worker -Q desk --pool solo --without-gossip --without-mingle".split(),), "", 1, " ready."),
    "demo": Case(("demo", "--once"), "The demo was stopped, and all that it started has ended.", 130, "Starting the"),
}


@pytest.fixture(scope="module")
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    with migrated_database(postgres_url) as url:
        yield url


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that lets everybody connect, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def environ(database_url: str, redis_url: str, silent: socket.socket, tmp_path: Path) -> dict[str, str]:
    port = str(silent.getsockname()[1])
    (tmp_path / "password").write_text("demo\n", encoding="utf-8")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__HOST": "127.0.0.1",
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": port,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }


def prepare(name: str, environ: dict[str, str], port: int, folder: Path) -> Sequence[str]:
    """What else a command needs: its further words, and what stands in its environment."""
    if name == "init":
        environ["SUPPORTDESK_CONFIG"] = str(folder / "new.toml")
        return ("--imap-port", str(port), "--password-file", str(folder / "password"))
    if name == "mailbox authorize":
        table = TOKENS | {"token_url": f"http://127.0.0.1:{port}/token"}
        environ |= {"SUPPORTDESK_MAILBOX__SUPPORT__OAUTH": json.dumps(table)}
        del environ["SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD"]
    if name == "demo":
        for variable in ("DATABASE_URL", "REDIS_URL", "SUPPORTDESK_CONFIG"):
            del environ[variable]
    return ()


@contextmanager
def running(words: Sequence[str], environ: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command as the leader of a group of processes, to all of which a terminal sends Ctrl-C."""
    command = [*PROGRAM, *words]
    with ExitStack() as life:
        files = [life.enter_context((folder / name).open("wb")) for name in ("out", "err")]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=files[0],
            stderr=files[1],
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("name", CASES)
def test_each_command_ends_with_a_sentence(
    name: str, environ: dict[str, str], silent: socket.socket, tmp_path: Path
) -> None:
    case, work = CASES[name], tmp_path / "work"
    work.mkdir()
    further = prepare(name, environ, silent.getsockname()[1], tmp_path)

    def written() -> str:
        return (work / "out").read_text() + (work / "err").read_text()

    with running((*case.words, *further), environ, work) as process:
        if case.begins:
            assert wait_until(lambda: case.begins in written() or process.poll() is not None, 60)
        else:
            silent.settimeout(60)
            asked, _ = silent.accept()
        assert process.poll() is None, written()
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(20)
        if not case.begins:
            asked.close()

    lines = [line for line in (work / "err").read_text().splitlines() if line.strip()]
    assert (status, "Traceback" in written()) == (case.status, False), written()
    assert case.says in (lines[-1] if lines else "")
    assert sorted(path.name for path in work.iterdir()) == ["err", "out"]
    assert not (tmp_path / "new.toml").exists()


NOTHING_LEFT = "Stopped by Ctrl-C. Nothing is left of new.jsonl; give the command again for a whole copy."
# What is typed, the table for which it waits in the midst of its work, and what is said.
WAITING = {
    "export": (("export", "new.jsonl"), 'public."Ticket"', NOTHING_LEFT),
    "user export": (("user", "export", "ann@customer.example", "new.jsonl"), 'public."User"', NOTHING_LEFT),
    "user forget": (("user", "forget", "ann@customer.example", "--yes"), 'public."User"', STOPPED),
    "retention run": (("retention", "run"), "mail.raw_chunk", "The same command goes on with the rest."),
    "replay": (("replay",), "mail.ledger", "Stopped by Ctrl-C"),
    "rules test": (("rules", "test", str(EXAMPLE)), "mail.ledger", "Stopped by Ctrl-C"),
}
IS_WAITING = """SELECT count(*) FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.mark.parametrize("name", WAITING)
def test_a_command_that_the_database_keeps_waiting_ends_too(
    name: str, environ: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    words, table, says = WAITING[name]
    work = tmp_path / "work"
    work.mkdir()
    environ |= {"SUPPORTDESK_RETENTION__RAW_DAYS": "30"}

    url = database_url.replace("+psycopg", "")
    with psycopg.connect(url) as lock, psycopg.connect(url, autocommit=True) as look:
        lock.execute(f"LOCK TABLE {table}")
        with running(words, environ, work) as process:
            assert wait_until(lambda: look.execute(IS_WAITING).fetchone() != (0,) or process.poll() is not None, 60)
            assert process.poll() is None, (work / "err").read_text()
            os.killpg(process.pid, signal.SIGINT)
            status = process.wait(20)

    written = (work / "err").read_text()
    assert (status, "Traceback" in written) == (130, False), written
    assert says in written.strip().splitlines()[-1]
    assert sorted(path.name for path in work.iterdir()) == ["err", "out"]
