"""From nothing to the first ticket by `supportdesk init` and what it says, where the servers take XOAUTH2 alone."""

import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from seed.stack.child import Program, running
from seed.stack.servers import Stack
from tests.support.database.databases import plain_url
from tests.support.database.services import a_raw_mail
from tests.support.servers.real_processes import a_process
from tests.support.servers.tcp_relay import wait_until
from tests.support.servers.token_mail import USER, TokenMail
from tests.support.servers.token_server import CLIENT, SECRET, Provider
from worker.demo.processes import BEAT
from worker.runtime.bell import QUEUES

pytestmark = pytest.mark.timeout(120)
SUPPORTDESK = str(Path(sys.executable).with_name("supportdesk"))
SECONDS = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which every command of the test is given, and no variable that answers anything."""
    for name in os.environ:
        if name.startswith("SUPPORTDESK_") or name in {"DATABASE_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("SUPPORTDESK_CONFIG", str(tmp_path / "supportdesk.toml"))
    return tmp_path


def init(options: dict[str, str], provider: Provider, folder: Path) -> list[list[str]]:
    """Run `supportdesk init`, and agree in a browser where it says so; the commands that it says to go on with."""
    words = [word for option in options.items() for word in option]
    said: list[str] = []
    with subprocess.Popen(
        [SUPPORTDESK, "init", *words, "--yes", "--plus-addressing", "--authorize"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if address := re.fullmatch(r"\s*(http://\S+/authorize\S+)\s*", line):
                threading.Thread(target=provider.agree, args=(address[1],), daemon=True).start()
    assert process.returncode == 0, "".join(said)
    return [shlex.split(line) for line in said if line.startswith("  supportdesk ")]


@pytest.fixture
def processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """Ends what is started in it after the test; a poll each five seconds is the most that the settings allow."""
    monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__POLL_EVERY_SECONDS", "5")
    with ExitStack() as started:
        yield started


def own_broker(stack: Stack) -> str:
    """A database of the broker that no other test rings in."""
    return f"{stack.redis_url.rpartition('/')[0]}/7"


def start(processes: ExitStack, folder: Path) -> None:
    for queue in sorted(set(QUEUES.values())):
        program = Program(f"{queue} worker", folder / f"{queue}.log", os.geteuid())
        processes.enter_context(running(program, [SUPPORTDESK, "worker", "-Q", queue, "--pool", "solo"]))
    processes.enter_context(a_process(folder, "beat", BEAT))


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def wait_for(met: Callable[[], object], folder: Path) -> None:
    """Wait until something is so; if it is never so, the logs say why."""
    if not wait_until(lambda: bool(met()), SECONDS):
        pytest.fail("\n".join(log.read_text("utf-8", "replace")[-2000:] for log in folder.glob("*.log")))


def test_the_first_mail_becomes_a_ticket_and_is_answered_where_servers_take_tokens_alone(
    folder: Path, stack: Stack, empty_database: str, provider: Provider, servers: TokenMail, processes: ExitStack
) -> None:
    secret = folder / "secret-of-the-application"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    options = {"--address": USER, "--database-url": empty_database, "--broker-url": own_broker(stack)}
    options |= {"--imap-host": "127.0.0.1", "--imap-port": str(servers.imap_port), "--imap-security": "plain"}
    options |= {"--smtp-host": "127.0.0.1", "--smtp-port": str(servers.smtp_port), "--smtp-security": "plain"}
    options |= {"--client-id": CLIENT, "--client-secret-file": str(secret), "--scopes": "mail"}
    options |= {"--token-url": f"{provider.address}/token", "--authorize-url": f"{provider.address}/authorize"}
    servers.mails[1] = a_raw_mail("An old one", message_id="<old@x.example>")

    for words in init(options, provider, folder):
        subprocess.run([SUPPORTDESK, *words[1:]], cwd=folder, check=True, capture_output=True, timeout=SECONDS)
    start(processes, folder)
    wait_for(lambda: rows(empty_database, "SELECT FROM mail.ledger WHERE fate = 'baseline'"), folder)
    servers.mails[2] = a_raw_mail("Where is my parcel?", message_id="<new@x.example>")
    wait_for(lambda: servers.sent, folder)

    assert rows(empty_database, 'SELECT description FROM "Ticket"') == [("Where is my parcel?",)]
    assert {(mechanism, provider.is_good(token)) for _, mechanism, token in servers.logins} == {("XOAUTH2", True)}
    assert {protocol for protocol, _, _ in servers.logins} == {"imap", "smtp"}
    assert provider.grants == ["by code"]
