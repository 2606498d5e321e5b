"""The real servers of the tests, each started when the first test asks for it, one set for each test process."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from imapclient import IMAPClient

from mail.imap.mailbox import Mailbox, open_mailbox
from mail.server import Security, Server
from seed.stack import dovecot
from seed.stack.account import NotInstalledError
from seed.stack.mailhost.server import MailServer, running_mailserver
from seed.stack.postgres import running_postgres
from seed.stack.servers import Stack
from seed.stack.valkey import running_valkey
from tests.support.servers.token_server import Provider, running_token_server

T = TypeVar("T")
# The slowest files, the slowest first. They run first, so that no process works alone at one of them at the end.
LONGEST = (
    "test_operators_story.py",
    "test_database_trouble.py",
    "test_two_hosts.py",
    "test_day_by_mail.py",
    "test_stack.py",
    "test_broker.py",
    "test_demo.py",
    "test_poison.py",
    "test_smtp_cuts.py",
    "test_watch_database.py",
    "test_watch.py",
    "test_full_disk.py",
    "test_watch_at_work.py",
    "test_redundant_workers.py",
    "test_reconcile.py",
    "test_retry.py",
)
# Each test has a mailbox of its own.
USERS = count(1)


def pytest_configure(config: pytest.Config) -> None:
    # Files in the order of the collection; xdist would begin with those that have the most tests, which are quick ones.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def session_server(server: AbstractContextManager[T]) -> Iterator[T]:
    """Run a server for the session; what is not installed is skipped by name, what does not start is an error."""
    try:
        with server as address:
            yield address
    except NotInstalledError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("postgres")
    pg_bin = Path(os.environ["PG_BIN"]) if "PG_BIN" in os.environ else None
    yield from session_server(running_postgres(folder, pg_bin=pg_bin, fsync=False, keep=False))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from session_server(running_valkey(tmp_path_factory.mktemp("valkey")))


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    yield from session_server(running_mailserver(tmp_path_factory.mktemp("mail")))


@pytest.fixture(scope="session")
def stack(postgres_url: str, redis_url: str, mail_server: MailServer) -> Stack:
    return Stack(postgres_url, redis_url, mail_server)


@pytest.fixture(scope="session", params=["mail-devel", "dovecot"])
def imap_port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if request.param == "mail-devel":
        server: MailServer = request.getfixturevalue("mail_server")
        yield server.imap_port
        return
    if dovecot.dovecot_binary() is None:
        pytest.skip("Dovecot is not installed, so the contract is not held against it")
    with dovecot.running_dovecot(tmp_path_factory.mktemp("dovecot")) as port:
        yield port


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of OAuth2 tokens."""
    with running_token_server() as provider:
        yield provider


@pytest.fixture
def imap_server(imap_port: int) -> Server:
    return Server("127.0.0.1", imap_port, Security.PLAIN, f"desk{next(USERS)}@desk.example", "demo", timeout=20)


@pytest.fixture
def mailbox(imap_server: Server) -> Iterator[Mailbox]:
    with open_mailbox(imap_server) as mailbox:
        mailbox.select("INBOX")
        yield mailbox


@pytest.fixture
def other_session(imap_server: Server) -> Iterator[IMAPClient]:
    """Another session of the same user, by the bare library, to see what is really there."""
    with IMAPClient(imap_server.host, imap_server.port, ssl=False, timeout=20) as client:
        client.login(imap_server.user, imap_server.password)
        client.select_folder("INBOX")
        yield client
