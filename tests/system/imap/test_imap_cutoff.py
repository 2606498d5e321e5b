"""What our IMAP client promises of time: no server holds it, neither by silence nor by sending a little for ever."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mail.failures import TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.server import Security
from tests.support.servers.faulty_imap import FaultyServer, Trouble, running_faulty_imap

SOON = 5


@pytest.fixture
def crooked() -> Iterator[FaultyServer]:
    with running_faulty_imap() as crooked:
        crooked.fill(1, 2, 3)
        yield crooked


def use(crooked: FaultyServer, timeout: float, seconds: float | None) -> None:
    with open_mailbox(crooked.server(timeout), seconds) as mailbox:
        mailbox.select("INBOX")
        list(mailbox.fetch_after(0))


@pytest.mark.parametrize("step", ["GREETING", "CAPABILITY", "LOGIN", "SELECT", "NOOP", "SEARCH", "FETCH"])
def test_a_server_that_hangs_is_left_when_its_time_for_the_step_is_up(crooked: FaultyServer, step: str) -> None:
    crooked.troubles[step] = Trouble.HANG
    began = time.monotonic()

    with pytest.raises(TemporaryFailure):
        use(crooked, timeout=0.3, seconds=None)

    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("step", ["GREETING", "LOGIN", "SELECT", "SEARCH", "FETCH"])
def test_a_server_that_trickles_is_cut_off_when_the_whole_time_is_up(crooked: FaultyServer, step: str) -> None:
    crooked.troubles[step] = Trouble.TRICKLE
    began = time.monotonic()

    with pytest.raises(TemporaryFailure, match=r"it took longer than 0\.5 seconds in all"):
        use(crooked, timeout=20, seconds=0.5)

    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("step", ["GREETING", "CAPABILITY", "LOGIN", "SELECT", "NOOP", "SEARCH", "FETCH"])
def test_a_connection_that_ends_is_a_temporary_failure_whatever_was_going_on(crooked: FaultyServer, step: str) -> None:
    crooked.troubles[step] = Trouble.CUT

    with pytest.raises(TemporaryFailure):
        use(crooked, timeout=20, seconds=None)


def test_a_mail_that_trickles_is_cut_off_in_the_middle(crooked: FaultyServer) -> None:
    crooked.bad[2] = Trouble.TRICKLE
    crooked.mails[2] *= 100

    with pytest.raises(TemporaryFailure, match="in all"):
        use(crooked, timeout=20, seconds=0.5)


def test_a_handshake_that_never_comes_is_left(crooked: FaultyServer) -> None:
    crooked.troubles["GREETING"] = Trouble.HANG
    server = replace(crooked.server(timeout=20), security=Security.TLS)
    began = time.monotonic()

    with pytest.raises(TemporaryFailure), open_mailbox(server, 0.5):
        pass

    assert time.monotonic() - began < SOON


def test_a_quick_server_is_not_cut_off(crooked: FaultyServer) -> None:
    use(crooked, timeout=20, seconds=10)

    assert crooked.fetched == [[1, 2, 3]]
