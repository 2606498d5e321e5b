"""The certificates of outgoing servers are looked at once a day, and hourly where one ends soon."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.reports.health.facts import AlarmKind
from mail.failures import TemporaryFailure
from mail.smtp.connection import SmtpServer
from tests.support.database.pulses import all_is_well
from tests.support.database.services import ADMIN, AGENT, MakeServices, execute, query
from worker.deliver import certificates
from worker.deliver.certificates import look_at_certificates
from worker.runtime.health.look import look_once
from worker.runtime.services import Services

TLS = {
    "SMTP__SECURITY": "starttls",
    "MAILBOX__SUPPORT__SMTP__HOST": "own.example",
    "MAILBOX__SUPPORT__SMTP__PORT": "465",
}
BOTH = ["own.example:465", "localhost:1025"]
NOW = datetime.now(UTC)


class Asked:
    """Stands for the servers: whom was asked, and what they show; None where they cannot be reached."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.shows: datetime | None = NOW + timedelta(days=90)

    def __call__(self, server: SmtpServer, _: str) -> datetime:
        self.names.append(str(server))
        if self.shows is None:
            raise TemporaryFailure(f"{server} cannot be reached over SMTP: Connection refused")
        return self.shows


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    servers = Asked()
    monkeypatch.setattr(certificates, "read_certificate_end", servers)
    return servers


@pytest.fixture
def desk(make_services: MakeServices) -> Services:
    """A desk with which all is well, and two outgoing servers that speak TLS."""
    services = make_services(ADMIN, AGENT, **TLS)
    all_is_well(services)
    return services


def look_later(services: Services, age: str) -> None:
    execute(services, f"UPDATE mail.outgoing_server SET looked_at = now() - interval '{age}'")
    look_at_certificates(services)


def test_each_outgoing_server_is_looked_at_once_a_day(desk: Services, asked: Asked) -> None:
    look_at_certificates(desk)
    look_at_certificates(desk)
    look_later(desk, "23 hours")
    once = list(asked.names)
    look_later(desk, "25 hours")
    twice = list(asked.names)

    assert (sorted(once), sorted(twice)) == (sorted(BOTH), sorted(BOTH * 2))


def test_one_that_ends_soon_is_told_and_looked_at_each_hour_until_it_is_renewed(desk: Services, asked: Asked) -> None:
    asked.shows = NOW + timedelta(days=13)
    look_at_certificates(desk)
    found = [(one.kind, one.about) for one in look_once(desk).problems]
    asked.shows = NOW + timedelta(days=90)
    look_later(desk, "50 minutes")
    early = len(asked.names)
    look_later(desk, "61 minutes")
    left = look_once(desk).problems

    assert found == [(AlarmKind.OUTGOING_CERTIFICATE, name) for name in sorted(BOTH)]
    assert (early, len(asked.names), left) == (2, 4, ())


def test_a_server_that_cannot_be_asked_keeps_what_it_showed(desk: Services, asked: Asked) -> None:
    asked.shows = NOW + timedelta(days=13)
    look_at_certificates(desk)
    asked.shows = None
    look_later(desk, "2 hours")
    look_at_certificates(desk)

    assert (len(asked.names), len(look_once(desk).problems)) == (4, 2)


def test_a_server_without_tls_is_not_asked_and_one_of_the_past_is_forgotten(
    services: Services, desk: Services, asked: Asked
) -> None:
    look_at_certificates(services)
    execute(desk, "INSERT INTO mail.outgoing_server VALUES ('old:25', now(), now() - interval '31 days')")
    none = list(asked.names)

    look_at_certificates(desk)

    assert none == []
    assert sorted(row["server"] for row in query(desk, "SELECT server FROM mail.outgoing_server")) == sorted(BOTH)
