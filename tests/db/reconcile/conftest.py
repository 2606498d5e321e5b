"""A desk that was polled, and the mailbox that its ledger is compared with."""

from collections.abc import Iterator

import pytest

from mail.server import Server
from seed.mailserver import MailServer
from tests.reconciled import OpenOffice, a_mailbox, offices_at, polled
from worker.office import Office


@pytest.fixture
def server(mail_server: MailServer) -> Server:
    return a_mailbox(mail_server)


@pytest.fixture
def open_office(fresh_database: str, server: Server) -> Iterator[OpenOffice]:
    with offices_at(fresh_database, server) as opening:
        yield opening


@pytest.fixture
def office(open_office: OpenOffice, server: Server) -> Office:
    return polled(open_office, server)
