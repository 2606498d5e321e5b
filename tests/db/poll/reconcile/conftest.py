"""A desk that was polled, and the mailbox that its ledger is compared with."""

import pytest

from mail.server import Server
from tests.support.database.reconciliation import polled_services
from tests.support.database.services import MakeServices
from worker.runtime.services import Services


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    return polled_services(make_services, server)
