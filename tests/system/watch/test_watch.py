"""Watching: news of a mail or of a change becomes a ring within two seconds, and nothing ends it but a signal."""

import logging
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from imapclient import IMAPClient

from mail.imap.idle import watch_folder
from mail.imap.mailbox import open_mailbox
from mail.server import Server
from tests.support.database.services import a_raw_mail, mailbox_of, services_on
from tests.support.servers.tcp_relay import Relay, more_rings_than, wait_until
from worker.poll.watch import Stop, end_watching, start_watching, watch_mailbox
from worker.runtime.services import Services

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"
Rings = list[tuple[str, ...]]


def services_of(server: Server, port: int, database_url: str = NOWHERE, **further: str) -> Services:
    return services_on(database_url, **mailbox_of(server) | {"PORT": str(port)} | further)


@pytest.fixture
def relay(imap_port: int) -> Iterator[Relay]:
    relay = Relay(imap_port)
    yield relay
    relay.close()


@pytest.fixture
def watched(imap_server: Server, relay: Relay) -> Iterator[Rings]:
    """The rings for a mailbox that is watched by way of the relay, the first one heard already."""
    rings: Rings = []
    yield from watching(services_of(imap_server, relay.port), rings)


def watching(services: Services, rings: Rings) -> Iterator[Rings]:
    stop = Stop()

    def ring(*words: str) -> None:
        rings.append(words)

    box = services.mailbox("support")
    thread = Thread(target=watch_mailbox, args=(services, box, stop, ring), daemon=True)
    thread.start()
    assert wait_until(lambda: bool(rings), 5)
    yield rings
    began = time.monotonic()
    end_watching(stop, [thread])
    assert not thread.is_alive()
    assert time.monotonic() - began < 2


def test_watching_begins_with_a_ring(watched: Rings) -> None:
    assert watched == [("poll", "support")]


def test_it_says_which_mailbox_it_watches_each_ring_and_that_it_is_back(
    imap_server: Server, relay: Relay, other_session: IMAPClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "worker.poll.watch")
    rings: Rings = []
    for _ in watching(services_of(imap_server, relay.port), rings):
        other_session.append("INBOX", a_raw_mail())
        assert wait_until(lambda: len(rings) > 1)
        relay.cut()
        assert wait_until(lambda: "again" in caplog.text, 10)

    lines = [record.getMessage() for record in caplog.records if record.name == "worker.poll.watch"]
    assert lines[0] == "Mailbox support: watched by IDLE in INBOX; poll is rung for"
    assert "Mailbox support: there may be new mail; poll is rung for" in lines
    assert any(line.startswith("Mailbox support is not watched for now: ") for line in lines)
    assert "Mailbox support: watched again by IDLE in INBOX; poll is rung for" in lines
    assert [record for record in caplog.records if record.name.startswith("imapclient")] == []


def test_a_mail_rings(watched: Rings, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())

    assert wait_until(lambda: len(watched) > 1)


def test_each_later_mail_rings_too(watched: Rings, other_session: IMAPClient) -> None:
    for heard in (1, 2, 3):
        other_session.append("INBOX", a_raw_mail())

        assert wait_until(more_rings_than(heard, watched))


def test_mails_that_come_together_are_few_rings(watched: Rings, other_session: IMAPClient) -> None:
    for _ in range(20):
        other_session.append("INBOX", a_raw_mail())

    assert wait_until(lambda: len(watched) > 1)
    assert not wait_until(lambda: len(watched) > 8, 1)


def test_a_flag_that_somebody_sets_is_no_news(watched: Rings, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert wait_until(lambda: len(watched) > 1)
    heard = len(watched)
    other_session.select_folder("INBOX")

    other_session.add_flags(other_session.search(), [rb"\Flagged"])

    assert not wait_until(lambda: len(watched) > heard, 1)


def test_a_connection_that_breaks_is_made_again_and_rings(watched: Rings, relay: Relay) -> None:
    relay.cut()

    assert wait_until(lambda: len(watched) > 1, 4)
    assert relay.connections == 2


def test_after_a_break_a_mail_still_rings(watched: Rings, relay: Relay, other_session: IMAPClient) -> None:
    relay.cut()
    assert wait_until(lambda: len(watched) > 1, 4)

    other_session.append("INBOX", a_raw_mail())

    assert wait_until(lambda: len(watched) > 2)


def test_news_in_two_packets_is_heard_on_the_same_connection(
    watched: Rings, relay: Relay, other_session: IMAPClient
) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert wait_until(lambda: len(watched) > 1)

    other_session.append("INBOX", a_raw_mail())

    assert wait_until(lambda: len(watched) > 2)
    assert relay.connections == 1


def test_news_that_comes_just_before_idle_begins_is_heard_on_the_same_connection(
    imap_server: Server, imap_port: int, other_session: IMAPClient
) -> None:
    other_session.append("INBOX", a_raw_mail())
    other_session.select_folder("INBOX")
    hasty = Relay(imap_port, lambda piece: piece.replace(b"+ ", b"* 7 EXISTS\r\n+ ") if piece[:2] == b"+ " else piece)

    for rings in watching(services_of(imap_server, hasty.port), []):
        # A flag is no news, yet it ends IDLE, and what is told before the next one begins is.
        other_session.add_flags(other_session.search(), [rb"\Flagged"])
        assert wait_until(more_rings_than(1, rings))

    assert hasty.connections == 1
    hasty.close()


def test_news_in_one_packet_with_the_word_that_idle_begins_is_heard(
    imap_server: Server, imap_port: int, other_session: IMAPClient
) -> None:
    other_session.append("INBOX", a_raw_mail())
    other_session.select_folder("INBOX")
    begun: list[bytes] = []

    def told_at_once(piece: bytes) -> bytes:
        begun.extend([piece] if piece[:2] == b"+ " else [])
        return piece + b"* 7 EXISTS\r\n* 0 RECENT\r\n" if piece[:2] == b"+ " and len(begun) == 2 else piece

    relay = Relay(imap_port, told_at_once)
    for rings in watching(services_of(imap_server, relay.port), []):
        other_session.add_flags(other_session.search(), [rb"\Flagged"])
        assert wait_until(more_rings_than(1, rings))

    relay.close()


def test_idle_is_given_anew_in_time_and_rings(
    imap_server: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.poll.watch.watch_folder", partial(watch_folder, reissue=0.2))

    for rings in watching(services_of(imap_server, relay.port), []):
        assert wait_until(more_rings_than(3, rings))

    assert relay.connections == 1


def test_a_server_without_idle_is_polled_by_the_clock(
    imap_server: Server, imap_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Relay(imap_port, lambda piece: piece.replace(b" IDLE", b""))
    services = services_of(imap_server, deaf.port)
    box = services.mailbox("support").model_copy(update={"poll_every_seconds": 0.1})
    monkeypatch.setattr(Services, "mailbox", lambda *_: box)

    for rings in watching(services, []):
        assert wait_until(more_rings_than(3, rings))

    assert deaf.connections == 1
    deaf.close()


def test_a_wrong_password_is_said_in_a_sentence_and_tried_again_slowly(
    imap_server: Server, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    stop = Stop()
    services = services_of(imap_server, relay.port, PASSWORD="wrong")
    thread = Thread(target=watch_mailbox, args=(services, services.mailbox("support"), stop, print), daemon=True)

    thread.start()

    assert wait_until(lambda: bool(caplog.records), 5)
    assert not wait_until(lambda: relay.connections > 1, 3)
    assert f"the login of {imap_server.user}" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info is None
    end_watching(stop, [thread])


def test_without_broker_and_servers_the_watch_stays_and_ends_when_it_is_told(
    imap_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    stop = Stop()

    threads = start_watching(services_of(imap_server, 1), stop)

    assert wait_until(lambda: len(caplog.records) > 1, 10)
    assert all(thread.is_alive() for thread in threads)
    end_watching(stop, threads)
    assert not any(thread.is_alive() for thread in threads)


def test_the_watched_mailbox_is_left_as_it_was(watched: Rings, imap_server: Server, other_session: IMAPClient) -> None:
    other_session.append("INBOX", a_raw_mail())
    assert wait_until(lambda: len(watched) > 1)

    with open_mailbox(imap_server) as mailbox:
        mailbox.select("INBOX")
        assert len(mailbox.client.search(["UNSEEN"])) == 1
