"""What our mail clients promise about TLS: they speak it, and only with a server whose certificate they can check."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server
from mail.smtp.connection import NotBegun, SmtpServer, open_smtp, read_certificate_end, try_login
from seed.stack import dovecot
from seed.stack.account import private_folder, server_uid
from seed.stack.child import free_port
from tests.support.servers.certificates import make_certificate
from tests.support.servers.faulty_smtp import Habits, running_faulty_smtp

NAMES = "DNS:localhost,IP:127.0.0.1"
BOTH = pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A certificate for this machine and its key, which nobody trusts yet."""
    with private_folder(tmp_path_factory.mktemp("pem") / "pem", server_uid(), keep=False) as place:
        certificate, key = make_certificate(place, NAMES)
        key.chmod(0o644)
        yield certificate, key


class Silent(Sink):
    """Takes a mail and says nothing of it for ten seconds."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(10)
        return "250 fine"


@contextmanager
def smtp(security: Security, pem: tuple[Path, Path], handler: Sink | None = None) -> Iterator[SmtpServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pem)
    port = free_port()
    implicit = security is Security.TLS
    controller = Controller(
        handler or Sink(), hostname="127.0.0.1", port=port, server_hostname="localhost",
        ssl_context=context if implicit else None,
        tls_context=None if implicit else context, require_starttls=not implicit,
    )  # fmt: skip
    controller.start()
    try:
        yield SmtpServer("127.0.0.1", port, security, "", "", timeout=10)
    finally:
        controller.stop()


@contextmanager
def imap(security: Security, pem: tuple[Path, Path], folder: Path) -> Iterator[Server]:
    if dovecot.dovecot_binary() is None:
        pytest.skip("Dovecot is not installed, so IMAP is not tried over TLS")
    tls = dovecot.Tls(*pem, implicit=security is Security.TLS)
    with dovecot.running_dovecot(folder, tls) as port:
        yield Server("127.0.0.1", port, security, "anna@desk.example", dovecot.PASSWORD, timeout=10)


@BOTH
def test_a_mail_goes_out_over_tls(security: Security, pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with smtp(security, pem) as server, open_smtp(server, "desk.example") as connection:
        sent = connection.send("support@desk.example", "anna@customer.example", b"Subject: x\r\n\r\n")

    assert sent.code == 250


@BOTH
def test_smtp_over_tls_is_cut_when_a_mail_takes_too_long(
    security: Security, pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with smtp(security, pem, Silent()) as server, open_smtp(server, "desk.example") as connection:
        began = time.monotonic()
        with pytest.raises(TemporaryFailure, match="broke off"):
            connection.send("support@desk.example", "anna@customer.example", b"Subject: x\r\n\r\n", 0.3)

        assert time.monotonic() - began < 5


@pytest.mark.parametrize(("words", "takes"), [("250 taken", True), ("250 tak", True), ("25", False), ("550 5.", False)])
def test_an_smtp_server_may_end_tls_without_a_word(
    pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, words: str, takes: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with running_faulty_smtp() as faulty:
        faulty.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        faulty.tls.load_cert_chain(*pem)
        faulty.habits = Habits(judged={"anna@customer.example": words}, cut_off=words != "250 taken", mails=1)
        server = SmtpServer("127.0.0.1", faulty.port, Security.TLS, "", "", timeout=5)
        with open_smtp(server, "desk.example") as connection:
            ends: AbstractContextManager[object] = nullcontext() if takes else pytest.raises(TemporaryFailure)
            with ends:
                connection.send("support@desk.example", "anna@customer.example", b"Subject: x\r\n\r\n")
            with pytest.raises(NotBegun):
                connection.send("support@desk.example", "bob@customer.example", b"Subject: x\r\n\r\n")

    assert faulty.got("bob@customer.example") == []


@pytest.mark.parametrize("early", [b"250-sink.example\r\n250 PIPELINING\r\n", b"421 bye\r\n", b"250-PIPELI"])
def test_what_was_said_before_tls_began_is_no_answer_to_what_is_asked_over_it(
    pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, early: bytes
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pem)
    asked: list[bytes] = []

    def serve() -> None:
        connected, _ = listening.accept()
        connected.sendall(b"220 sink.example\r\n")
        connected.recv(1000)
        connected.sendall(b"250-sink.example\r\n250 STARTTLS\r\n")
        connected.recv(1000)
        # Somebody in between lets words of their own come along.
        connected.sendall(b"220 go on\r\n" + early)
        with context.wrap_socket(connected, server_side=True) as over_tls:
            over_tls.recv(1000)
            over_tls.sendall(b"250 sink.example\r\n")
            asked.append(over_tls.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        server = SmtpServer("127.0.0.1", listening.getsockname()[1], Security.STARTTLS, "", "", timeout=5)
        with open_smtp(server, "desk.example") as connection, pytest.raises(NotBegun):
            connection.send("support@desk.example", "anna@customer.example", b"Subject: x\r\n\r\n")
        thread.join(10)

    assert asked == [b"MAIL FROM:<support@desk.example>\r\n"]


@BOTH
def test_smtp_refuses_a_certificate_that_nobody_vouches_for(security: Security, pem: tuple[Path, Path]) -> None:
    with ExitStack() as running:
        server = running.enter_context(smtp(security, pem))

        with pytest.raises(TemporaryFailure, match="its certificate does not count: self-signed"):
            running.enter_context(open_smtp(server, "desk.example"))


@BOTH
def test_a_mailbox_opens_over_tls(
    security: Security, pem: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with imap(security, pem, tmp_path) as server, open_mailbox(server) as mailbox:
        assert mailbox.select("INBOX") > 0
        # The certificate of the test is good for two days.
        ends = mailbox.certificate_ends_at

    assert ends is not None
    assert timedelta(days=1) < ends - datetime.now(UTC) <= timedelta(days=2)


@BOTH
def test_an_outgoing_server_shows_when_its_certificate_ends(
    security: Security, pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with smtp(security, pem) as server:
        ends = read_certificate_end(server, "desk.example")

    assert ends is not None
    assert timedelta(days=1) < ends - datetime.now(UTC) <= timedelta(days=2)


@BOTH
def test_of_a_certificate_that_nobody_vouches_for_the_end_is_not_believed(
    security: Security, pem: tuple[Path, Path]
) -> None:
    with smtp(security, pem) as server, pytest.raises(TemporaryFailure, match="its certificate does not count"):
        read_certificate_end(server, "desk.example")


@BOTH
def test_imap_over_tls_is_cut_when_the_whole_time_is_up(
    security: Security, pem: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    began = time.monotonic()

    with imap(security, pem, tmp_path) as server, pytest.raises(OSError, match="EOF"):
        wait_in_idle(server)

    assert time.monotonic() - began < 15


def wait_in_idle(server: Server) -> None:
    with open_mailbox(server, 2) as mailbox:
        mailbox.select("INBOX")
        mailbox.client.idle()
        mailbox.client.idle_check(timeout=20)
        mailbox.client.idle_done()


@BOTH
def test_imap_refuses_a_certificate_that_nobody_vouches_for(
    security: Security, pem: tuple[Path, Path], tmp_path: Path
) -> None:
    with ExitStack() as running:
        server = running.enter_context(imap(security, pem, tmp_path))

        with pytest.raises(TemporaryFailure, match="its certificate does not count: self-signed"):
            running.enter_context(open_mailbox(server))


def test_a_server_that_offers_no_starttls_is_not_spoken_to(imap_server: Server) -> None:
    demanding = Server("127.0.0.1", imap_server.port, Security.STARTTLS, "anna", "demo", timeout=10)

    with pytest.raises(PermanentFailure, match="STARTTLS"), open_mailbox(demanding):
        pass


# What is spoken to a port that speaks something else, and what is said of it.
NOT_TLS = 'it does not speak TLS there from the first byte; choose security = "starttls", or its port for TLS'
SPEAKS_TLS = 'timed out; where its port speaks TLS from the first byte, choose security = "tls"'
WRONG_WAYS = [
    (Security.STARTTLS, Security.TLS, NOT_TLS),
    (Security.TLS, Security.STARTTLS, SPEAKS_TLS),
    (Security.TLS, Security.PLAIN, SPEAKS_TLS),
]


@pytest.mark.parametrize(("spoken", "tried", "words"), WRONG_WAYS)
def test_smtp_says_which_protection_its_port_has(
    pem: tuple[Path, Path], spoken: Security, tried: Security, words: str
) -> None:
    with smtp(spoken, pem) as server, pytest.raises(TemporaryFailure, match=f"over SMTP: .*{words}$"):
        try_login(SmtpServer("127.0.0.1", server.port, tried, "", "", timeout=0.5), "desk.example")


@pytest.mark.parametrize(("spoken", "tried", "words"), WRONG_WAYS)
def test_imap_says_which_protection_its_port_has(
    pem: tuple[Path, Path], tmp_path: Path, spoken: Security, tried: Security, words: str
) -> None:
    with ExitStack() as running:
        server = running.enter_context(imap(spoken, pem, tmp_path))

        with pytest.raises(TemporaryFailure, match=f"over IMAP: .*{words}$"):
            running.enter_context(open_mailbox(replace(server, security=tried, timeout=0.5)))
