"""A desk that was polled, and the mailbox that its ledger is compared with."""

import pytest

from mail.server import Server
from seed.mailserver import MailServer
from tests.offices import MakeServices
from tests.reconciled import a_mailbox, polled
from worker.office import Office


@pytest.fixture
def server(mail_server: MailServer) -> Server:
    return a_mailbox(mail_server)


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Office:
    return polled(make_services, server)
