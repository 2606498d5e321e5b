"""A desk with mails that wait, and an SMTP server with the habits that a test gives it."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail
from tests.support.database.waiting_mails import ALL, more
from tests.support.servers.faulty_smtp import FaultySmtp, running_faulty_smtp
from worker.runtime.services import Services


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    with running_faulty_smtp() as server:
        server.habits.slow = 0.03
        yield server


@pytest.fixture
def make_desk(make_services: MakeServices, server: FaultySmtp) -> Callable[..., Services]:
    def make(count: int = ALL - 2, **settings: str) -> Services:
        smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(server.port), **settings}
        services = make_services(ADMIN, AGENT, a_raw_mail(), **smtp)
        more(services, count)
        return services

    return make
