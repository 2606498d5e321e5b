"""The same login at a real server: Dovecot, which asks the provider about each token (RFC 7662)."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from mail.auth.oauth import sasl
from mail.auth.oauth.sasl import Mechanism
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.idle import watch_folder
from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server
from seed.stack import dovecot
from tests.support.servers.token_server import Provider, running_token_server


class Renewed:
    """A bearer that asks the provider each time that a token is refused."""

    def __init__(self, provider: Provider, token: str) -> None:
        self.provider, self.access = provider, token

    def token(self, refused: str = "") -> str:
        if refused:
            self.access = self.provider.give()["access_token"]
        return self.access


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_token_server() as provider:
        yield provider


@pytest.fixture(scope="module")
def port(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if dovecot.dovecot_binary() is None:
        pytest.skip("Dovecot is not installed, so no token is tried against it")
    folder: Path = tmp_path_factory.mktemp("dovecot")
    with dovecot.running_dovecot(folder, tokens=f"{provider.address}/introspect") as port:
        yield port


def server(port: int, bearer: Any, user: str = "support@desk.example") -> Server:
    return Server("127.0.0.1", port, Security.PLAIN, user, "", 10, bearer=bearer)


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_dovecot_lets_in_by_a_token_and_by_the_next_one_where_that_ended(
    provider: Provider, port: int, mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sasl, "choose", lambda offered: mechanism if mechanism in set(offered) else None)
    monkeypatch.setattr("mail.imap.login.choose", sasl.choose)
    bearer = Renewed(provider, "ended-hush")

    with open_mailbox(server(port, bearer)) as mailbox:
        mailbox.select("INBOX")
        has_idle = mailbox.client.has_capability("IDLE")

    assert provider.is_good(bearer.access)
    # What the server offers before the login is less than after it.
    assert has_idle


def test_dovecot_refuses_a_token_of_another_account(provider: Provider, port: int) -> None:
    bearer = Renewed(provider, provider.give()["access_token"])

    with (
        pytest.raises(PermanentFailure, match=r"it takes no token of this account: .*AUTHENTICATIONFAILED") as caught,
        open_mailbox(server(port, bearer, "ada@desk.example")),
    ):
        pass

    assert "hush" not in str(caught.value)


def test_the_watch_waits_for_news_at_dovecot(provider: Provider, port: int) -> None:
    bearer = Renewed(provider, "ended-hush")

    for _ in watch_folder(server(port, bearer), "INBOX", 0):
        break

    assert provider.is_good(bearer.access)


def test_where_dovecot_ends_a_session_in_idle_the_watch_comes_back_with_the_next_token(
    provider: Provider, port: int
) -> None:
    bearer = Renewed(provider, provider.give()["access_token"])
    first = bearer.access
    ends = Timer(0.3, end_sessions, [provider])
    wake, other_end = os.pipe()

    watching = watch_folder(server(port, bearer), "INBOX", wake)
    next(watching)
    ends.start()
    with pytest.raises(TemporaryFailure):
        next(watching)
    next(watch_folder(server(port, bearer), "INBOX", wake))
    for end in (wake, other_end):
        os.close(end)

    assert bearer.access != first
    assert provider.is_good(bearer.access)


def end_sessions(provider: Provider) -> None:
    """End all tokens, and with them the sessions, as `doveadm kick` does."""
    provider.end_all()
    # Another Dovecot may stand beside it, for the tests of the IMAP contract.
    for dovecot_id in children_of(os.getpid(), "dovecot"):
        for session in children_of(dovecot_id, "imap"):
            os.kill(session, signal.SIGTERM)


def children_of(parent: int, name: str) -> list[int]:
    """The ids of the processes of this name that a process has started."""
    found = list[int]()
    for entry in Path("/proc").glob("[0-9]*"):
        # One that has ended meanwhile is nobody's child.
        with suppress(OSError):
            before, _, fields = (entry / "stat").read_text().rpartition(") ")
            if (before.partition(" (")[2], fields.split()[1]) == (name, str(parent)):
                found.append(int(entry.name))
    return found
