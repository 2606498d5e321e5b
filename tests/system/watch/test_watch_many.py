"""Several mailboxes under one watch: what happens to one of them is nothing to the others."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from imapclient import IMAPClient

from seed.stack.mailhost.server import MailServer
from tests.support.database.services import a_raw_mail, services_on
from tests.support.servers.tcp_relay import Relay, more_rings_than, wait_until
from worker.poll.watch import Stop, end_watching, start_watching
from worker.runtime.services import Services

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"
ONE, OTHER = "support", "other"


@pytest.fixture
def relays(mail_server: MailServer) -> Iterator[dict[str, Relay]]:
    """The way to each of two mailboxes."""
    relays = {name: Relay(mail_server.imap_port) for name in (ONE, OTHER)}
    yield relays
    for relay in relays.values():
        relay.close()


@pytest.fixture
def rings(relays: dict[str, Relay], mail_server: MailServer) -> Iterator[dict[str, list[str]]]:
    """The rings for two mailboxes that are watched by one watch, each heard once already."""
    rings: dict[str, list[str]] = {ONE: [], OTHER: []}
    stop = Stop()

    def ring(task: str, *mailbox: str) -> None:
        rings[mailbox[0]].append(task)

    threads = start_watching(two_mailboxes(relays, mail_server), stop, ring)
    assert wait_until(lambda: all(rings.values()), 5)
    yield rings
    end_watching(stop, threads)


def two_mailboxes(relays: dict[str, Relay], mail_server: MailServer) -> Services:
    services = services_on(NOWHERE, PASSWORD=mail_server.password)
    (box,) = services.settings.mailbox
    boxes = tuple(
        box.model_copy(update={"name": name, "port": relay.port, "host": "127.0.0.1", "user": f"{name}s@desk.example"})
        for name, relay in relays.items()
    )
    return replace(services, settings=services.settings.model_copy(update={"mailbox": boxes}))


def test_a_mailbox_whose_connection_breaks_again_and_again_disturbs_no_other(
    rings: dict[str, list[str]], relays: dict[str, Relay], mail_server: MailServer
) -> None:
    heard = len(rings[ONE])
    relays[ONE].cut()
    assert wait_until(more_rings_than(heard, rings[ONE]), 5)
    relays[ONE].cut()

    with IMAPClient("127.0.0.1", mail_server.imap_port, ssl=False, timeout=20) as client:
        client.login(f"{OTHER}s@desk.example", mail_server.password)
        client.append("INBOX", a_raw_mail())

    assert wait_until(more_rings_than(1, rings[OTHER]))
    assert relays[OTHER].connections == 1
