"""Two worker hosts, each in a network of its own; one is cut off with work in hand, and comes back when it is done.

The networks are made here and reach nothing but this machine: 192.0.2.0/24 belongs to nobody (RFC 5737).
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    append_threads,
    await_condition,
    await_decided,
    await_rest,
    blamed_rows,
    mails_not_sent_once,
    read_effects,
)
from tests.support.database.services import query
from tests.support.servers.real_processes import (
    Desk,
    a_broker,
    a_postgres,
    a_process,
    a_sink,
    settings_of,
    worker_commands,
)

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 30, 4
HERE = "192.0.2.1"
# A dead client is noticed within seconds here; the settings that we ship say half a minute.
QUICK = "keepalives_idle=2&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=5000"
NOTICED = "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c tcp_user_timeout=5000"


@dataclass(frozen=True, slots=True)
class Host:
    """A network of its own, tied to this machine by one link."""

    name: str
    address: str
    gateway: str

    @property
    def inside(self) -> tuple[str, ...]:
        """The words that run a program in this network."""
        return (str(shutil.which("ip")), "netns", "exec", self.name)

    def link(self, state: str) -> None:
        """Cut the host off (`down`), or tie it to us again (`up`)."""
        ip("-n", self.name, "link", "set", "wire", state)
        if state == "up":
            ip("-n", self.name, "route", "replace", f"{HERE}/32", "via", self.gateway)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@contextmanager
def a_host(number: int) -> Iterator[Host]:
    name, base = f"sdesk{os.getpid()}x{number}", 4 * number
    host, ours = Host(name, f"192.0.2.{base + 2}", f"192.0.2.{base + 1}"), f"sd{os.getpid()}x{number}"
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network of its own may be made here: that takes root and iproute2")
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", "wire", "netns", name)
        ip("address", "add", f"{host.gateway}/30", "dev", ours)
        if number == 1:
            ip("address", "add", f"{HERE}/32", "dev", ours)
        ip("link", "set", ours, "up")
        ip("-n", name, "address", "add", f"{host.address}/30", "dev", "wire")
        ip("-n", name, "link", "set", "lo", "up")
        host.link("up")
        yield host
    finally:
        # A network goes some time after its name does; its link would stand in the way of the next one.
        subprocess.run(["ip", "link", "delete", ours], check=False, capture_output=True, timeout=20)
        ip("netns", "delete", name)


@contextmanager
def a_relay(port: int) -> Iterator[int]:
    """Let the hosts reach a server of this machine that listens on loopback only; the port of the relay."""
    with socket.create_server((HERE, 0)) as server:
        threading.Thread(target=relay, args=(server, port), daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)


def relay(server: socket.socket, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            target = socket.create_connection(("127.0.0.1", port))
            for one, other in ((client, target), (target, client)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()


def pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError), one:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("no network of its own may be made here: that takes root and iproute2")
    with a_host(1) as first, a_host(2) as second:
        yield first, second


@pytest.fixture
def desk(tmp_path: Path, mail_server: MailServer, hosts: tuple[Host, Host]) -> Iterator[Desk]:
    """A desk whose servers the hosts can reach."""
    with ExitStack() as servers:
        database = servers.enter_context(a_postgres(tmp_path, listen=f"127.0.0.1,{HERE}"))
        broker = servers.enter_context(a_broker(tmp_path, "--bind", "127.0.0.1", HERE, "--protected-mode", "no"))
        sink, smtp_port = servers.enter_context(a_sink(HERE))
        imap_port = servers.enter_context(a_relay(mail_server.imap_port))
        let_in(database.command, database.process.pid if database.process else 0)
        noticed = f"{QUICK}&options={NOTICED.replace(' ', '%20').replace('=', '%3D')}"
        environ = {
            "DATABASE_URL": f"postgresql://postgres@{HERE}:{database.port}/supportdesk?{noticed}",
            "REDIS_URL": f"redis://{HERE}:{broker.port}/0",
            "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": mail_server.password,
            "SUPPORTDESK_MAILBOX__SUPPORT__HOST": HERE,
            "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(imap_port),
            "SUPPORTDESK_MAILBOX__SUPPORT__USER": f"{tmp_path.name.replace('_', '-')}@desk.example",
            "SUPPORTDESK_SMTP__HOST": HERE,
            "SUPPORTDESK_SMTP__PORT": str(smtp_port),
        }
        services = servers.enter_context(settings_of(tmp_path, environ))
        yield Desk(tmp_path, database, broker, sink, services)


def let_in(command: Sequence[str], pid: int) -> None:
    """Let the hosts into the database."""
    data = Path(command[command.index("-D") + 1])
    with (data / "pg_hba.conf").open("a") as file:
        file.write("host all all 192.0.2.0/24 trust\n")
    os.kill(pid, signal.SIGHUP)


@contextmanager
def working(desk: Desk, host: Host) -> Iterator[None]:
    """Run a worker on each queue on a host."""
    with ExitStack() as started:
        for name, words in worker_commands(host.name).items():
            started.enter_context(a_process(desk.folder, name, words, host.inside))
        yield


@contextmanager
def beating(desk: Desk) -> Iterator[None]:
    with a_process(desk.folder, "beat", ("beat", "--loglevel", "INFO", "--pidfile=")):
        yield


def in_hand(desk: Desk) -> int:
    """How many mails are claimed."""
    claimed = "SELECT count(*) AS n FROM mail.ledger WHERE fate IS NULL AND claimed_by IS NOT NULL"
    return int(query(desk.services, claimed)[0]["n"])


def cut_off(desk: Desk, host: Host) -> int:
    """Cut a host off while it has mails in hand; how many. Between two claims it has none, and is let back."""
    for _ in range(20):
        await_condition(lambda: in_hand(desk) > 0, 10)
        host.link("down")
        if left := in_hand(desk):
            return left
        host.link("up")
    return 0


@pytest.mark.parametrize("away", ["until all is done", "until its claims are taken over"])
def test_a_host_that_was_cut_off_with_work_in_hand_repeats_nothing(
    desk: Desk, hosts: tuple[Host, Host], away: str
) -> None:
    first, second = hosts
    with beating(desk), working(desk, first):
        mails = append_threads(desk.services, "hosts", THREADS, EACH)
        await_decided(desk.services, "hosts", 5)
        left = cut_off(desk, first)
        with working(desk, second):
            if away == "until all is done":
                await_rest(desk.services, "hosts", mails)
            else:
                await_decided(desk.services, "hosts", mails - left)
            first.link("up")
            time.sleep(3)
            await_rest(desk.services, "hosts", mails)

            assert left > 0
            assert read_effects(desk.services, "hosts") == Effects.expected("hosts", THREADS, EACH)
            assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})
