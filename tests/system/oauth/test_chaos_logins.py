"""The servers of chaos behind its proxies: our own client logs in by a token, and loses its session with it."""

import random
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest

from bench.chaos.faults import Faults
from bench.chaos.proxy import Ports, running_proxies
from bench.chaos.tokens.gate import USER, Gate, PlannedEnd
from bench.chaos.tokens.provider import Trouble, running_provider
from mail.auth.oauth.consent import answered_on_device, ask_on_device
from mail.auth.oauth.grants import renew
from mail.auth.oauth.tokens import Tokens
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server
from mail.smtp.connection import NotBegun, SmtpServer, open_smtp
from seed.stack.mailhost.server import MailServer, running_mailserver
from worker.settings.sections.oauth import OAuthSettings

LETTER = b"From: ann@customer.example\r\nSubject: Hello\r\n\r\n" + b"A line of a mail.\r\n" * 400


class Given:
    """A bearer with one token."""

    def __init__(self, access: str) -> None:
        self.access = access

    def token(self, refused: str = "") -> str:
        return self.access


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with running_mailserver(tmp_path_factory.mktemp("mail")) as host:
        for _ in range(3):
            with smtplib.SMTP(host.host, host.smtp_port, "localhost", timeout=5) as client:
                client.sendmail("ann@customer.example", [USER], LETTER)
        yield host


@pytest.fixture
def gate(host: MailServer) -> Iterator[Gate]:
    with running_provider() as provider:
        yield Gate(provider, host.password)


@pytest.fixture
def ports(host: MailServer, gate: Gate) -> Iterator[Ports]:
    faults = Faults(random.Random(1), armed=False)
    with running_proxies(faults, gate, host.imap_port, host.smtp_port) as ports:
        yield ports


def consent(gate: Gate) -> Tokens:
    client = OAuthSettings.model_validate(gate.provider.table).client(USER, 2)
    tokens = answered_on_device(client, ask_on_device(client))
    assert isinstance(tokens, Tokens)
    return tokens


def imap(ports: Ports, access: str) -> Server:
    return Server("127.0.0.1", ports.imap, Security.PLAIN, USER, "", 5, bearer=Given(access))


def smtp(ports: Ports, access: str) -> SmtpServer:
    return SmtpServer("127.0.0.1", ports.smtp, Security.PLAIN, USER, "", 5, bearer=Given(access))


def test_a_token_lets_in_and_reads_and_sends_mail(gate: Gate, ports: Ports) -> None:
    access = consent(gate).access

    with open_mailbox(imap(ports, access)) as mailbox:
        mailbox.select("INBOX")
        uids = mailbox.uids_after(0)
    with open_smtp(smtp(ports, access), "desk.example") as connection:
        answer = connection.send("support@desk.example", "ann@customer.example", LETTER)

    assert len(uids) == 3
    assert answer.code == 250


def test_an_end_refuses_logins_over_both_protocols(gate: Gate, ports: Ports) -> None:
    access = consent(gate).access
    gate.provider.end(None, 0, in_fetch=False)

    with pytest.raises(PermanentFailure, match="takes no token"), open_mailbox(imap(ports, access)):
        pass
    with pytest.raises(TemporaryFailure, match="did not let"), open_smtp(smtp(ports, access), "desk.example"):
        pass

    assert gate.done == {"IMAP login refused": 1, "SMTP login refused": 1}


def test_an_end_in_a_fetch_cuts_the_session_within_a_mail(gate: Gate, ports: Ports) -> None:
    access = consent(gate).access
    got: list[Any] = []

    with open_mailbox(imap(ports, access)) as mailbox:
        mailbox.select("INBOX")
        uids = mailbox.uids_after(0)
        gate.planned.put(PlannedEnd(None, 0))
        with pytest.raises(TemporaryFailure):
            got.extend(mailbox.fetch(uids))

    assert got == []
    assert [end.in_fetch for end in gate.provider.ends] == [True]
    assert gate.done == {"IMAP session ended with its token": 1}


def test_an_end_closes_an_smtp_session_before_the_next_mail(gate: Gate, ports: Ports) -> None:
    with open_smtp(smtp(ports, consent(gate).access), "desk.example") as connection:
        connection.send("support@desk.example", "ann@customer.example", LETTER)
        gate.provider.end(None, 0, in_fetch=False)

        with pytest.raises(NotBegun):
            connection.send("support@desk.example", "ann@customer.example", LETTER)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble.HANGS_UP, "could not be asked"),
        (Trouble.SILENT, "could not be asked"),
        (Trouble.ERROR, "answered 500"),
        (Trouble.PAGE, "answered 200 with a page"),
        (Trouble.REFUSES, "invalid_grant"),
    ],
)
def test_a_trouble_of_the_provider_is_what_our_client_takes_it_for(gate: Gate, trouble: Trouble, told: str) -> None:
    tokens = consent(gate)
    client = OAuthSettings.model_validate(gate.provider.table).client(USER, 0.5)
    gate.provider.end(trouble, 60, in_fetch=False)

    expected = PermanentFailure if trouble is Trouble.REFUSES else TemporaryFailure
    with pytest.raises(expected, match=told):
        renew(client, tokens.refresh, 0)
