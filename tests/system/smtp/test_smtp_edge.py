"""What our SMTP client promises, against a real server and against one that answers what a test tells it."""

import imaplib
import smtplib
import socket
from collections.abc import Iterator
from itertools import count

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import Fetched, open_mailbox
from mail.server import Security, Server, reason_of
from mail.smtp.connection import Connection, Deferred, Refused, Sent, SmtpServer, open_smtp
from seed.stack.child import free_port
from seed.stack.mailhost.server import MailServer

SENDER = "support@desk.example"
NUMBERS = count(1)
MAIL = b"From: support@desk.example\r\nSubject: Hello\r\n\r\nHello\r\n"


class Script:
    """An SMTP server's mind: the answers it gives, by recipient and by text, and what it took."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_RCPT(self, *told: object) -> str:  # noqa: N802
        envelope, address = told[2], told[3]
        assert isinstance(envelope, Envelope)
        assert isinstance(address, str)
        if address.startswith("rcpt-"):
            return f"{address[5:8]} as you asked"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if envelope.rcpt_tos[0].startswith("data-"):
            return f"{envelope.rcpt_tos[0][5:8]} as you asked"
        self.taken.append(envelope.original_content or b"")
        return "250 queued as 4711"


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def scripted(script: Script) -> Iterator[SmtpServer]:
    port = free_port()
    controller = Controller(
        script, hostname="127.0.0.1", port=port, server_hostname="localhost", data_size_limit=100_000
    )
    controller.start()
    try:
        yield SmtpServer("127.0.0.1", port, Security.PLAIN, "", "", timeout=10)
    finally:
        controller.stop()


@pytest.fixture
def connection(scripted: SmtpServer) -> Iterator[Connection]:
    with open_smtp(scripted, "desk.example") as connection:
        yield connection


@pytest.fixture
def real(mail_server: MailServer) -> SmtpServer:
    return SmtpServer("127.0.0.1", mail_server.smtp_port, Security.PLAIN, SENDER, mail_server.password, timeout=10)


def inbox(mail_server: MailServer, user: str) -> list[bytes]:
    server = Server("127.0.0.1", mail_server.imap_port, Security.PLAIN, user, mail_server.password, timeout=10)
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        return [one.raw for one in mailbox.fetch_after(0) if isinstance(one, Fetched)]


def test_a_mail_arrives_byte_by_byte(real: SmtpServer, mail_server: MailServer) -> None:
    recipient = f"anna{next(NUMBERS)}@customer.example"
    raw = MAIL + b".\r\n..\r\ncaf=C3=A9\r\n"

    with open_smtp(real, "desk.example") as connection:
        connection.send(SENDER, recipient, raw)

    (ledger_mail,) = inbox(mail_server, recipient)
    assert ledger_mail.endswith(raw)


def test_a_mail_goes_to_the_envelope_and_not_to_the_headers(real: SmtpServer, mail_server: MailServer) -> None:
    named, recipient = f"named{next(NUMBERS)}@customer.example", f"anna{next(NUMBERS)}@customer.example"

    with open_smtp(real, "desk.example") as connection:
        connection.send(SENDER, recipient, f"To: {named}\r\n".encode() + MAIL)

    assert [len(inbox(mail_server, user)) for user in (named, recipient)] == [0, 1]


def test_a_signed_address_of_the_desk_reaches_its_inbox(real: SmtpServer, mail_server: MailServer) -> None:
    address = "support+abc.def@desk.example"

    with open_smtp(real, "desk.example") as connection:
        connection.send("anna@customer.example", address, MAIL)

    assert any(f"Delivered-To: {address}".encode() in raw for raw in inbox(mail_server, SENDER))


def test_an_answer_says_the_code_and_the_words(connection: Connection) -> None:
    sent = connection.send(SENDER, "anna@customer.example", MAIL)

    assert sent == Sent(250, "queued as 4711")


def test_one_connection_takes_several_mails(connection: Connection, script: Script) -> None:
    before = len(script.taken)

    for number in range(3):
        connection.send(SENDER, f"anna{number}@customer.example", MAIL)

    assert len(script.taken) == before + 3


@pytest.mark.parametrize("recipient", ["rcpt-450@a.example", "data-451@a.example"])
def test_a_4xx_answer_defers_this_mail_with_its_code(connection: Connection, recipient: str) -> None:
    with pytest.raises(Deferred, match="as you asked") as caught:
        connection.send(SENDER, recipient, MAIL)

    assert caught.value.code == int(recipient[5:8])


@pytest.mark.parametrize("recipient", ["rcpt-550@a.example", "data-554@a.example"])
def test_a_5xx_answer_refuses_this_mail_with_its_code(connection: Connection, recipient: str) -> None:
    with pytest.raises(Refused, match="as you asked") as caught:
        connection.send(SENDER, recipient, MAIL)

    assert caught.value.code == int(recipient[5:8])


@pytest.mark.parametrize("code", ["rcpt-450", "rcpt-550", "data-451", "data-554"])
def test_the_connection_goes_on_after_a_refusal(connection: Connection, code: str) -> None:
    with pytest.raises((Deferred, Refused)):
        connection.send(SENDER, f"{code}@a.example", MAIL)

    assert connection.send(SENDER, "anna@customer.example", MAIL).code == 250


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(connection: Connection) -> None:
    with pytest.raises(Refused) as caught:
        connection.send(SENDER, "anna@customer.example", MAIL + b"x" * 200_000)

    assert caught.value.code == 552


def test_a_server_that_closes_is_not_the_fault_of_the_mail(connection: Connection) -> None:
    with pytest.raises(TemporaryFailure) as caught:
        connection.send(SENDER, "rcpt-421@a.example", MAIL)

    assert not isinstance(caught.value, Deferred)


def test_a_closed_connection_says_so_for_the_next_mail(connection: Connection) -> None:
    with pytest.raises(TemporaryFailure):
        connection.send(SENDER, "rcpt-421@a.example", MAIL)

    with pytest.raises(TemporaryFailure, match="broke off"):
        connection.send(SENDER, "anna@customer.example", MAIL)


def test_bare_line_ends_become_whole_ones(connection: Connection, script: Script) -> None:
    connection.send(SENDER, "anna@customer.example", b"Subject: x\n\none\rtwo\n.\nMAIL FROM:<x@y>\r\n")

    assert script.taken[-1] == b"Subject: x\r\n\r\none\r\ntwo\r\n.\r\nMAIL FROM:<x@y>\r\n"


def test_a_bounce_has_the_null_sender(real: SmtpServer, mail_server: MailServer) -> None:
    recipient = f"anna{next(NUMBERS)}@customer.example"

    with open_smtp(real, "desk.example") as connection:
        connection.send("", recipient, MAIL)

    (ledger_mail,) = inbox(mail_server, recipient)
    assert ledger_mail.startswith(b"Return-Path: <>\r\n")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "käthe@a.example",
        "a@b.example>\r\nRCPT TO:<c@d.example",
        "a b@c.example",
        "a@b@c.example",
        "nobody",
        "<a@b>",
    ],
)
def test_an_address_that_smtp_cannot_say_is_a_permanent_failure(connection: Connection, address: str) -> None:
    with pytest.raises(PermanentFailure, match="cannot be said in SMTP"):
        connection.send(SENDER, address, MAIL)


def test_a_server_that_is_not_there_is_a_temporary_failure_with_its_port() -> None:
    port = free_port()
    nobody = SmtpServer("127.0.0.1", port, Security.PLAIN, "", "", timeout=5)

    with (
        pytest.raises(TemporaryFailure, match=f"127.0.0.1:{port} cannot be reached"),
        open_smtp(nobody, "desk.example"),
    ):
        pass


def test_a_refused_login_is_a_temporary_failure_with_user_and_port(real: SmtpServer) -> None:
    wrong = SmtpServer(real.host, real.port, real.security, real.user, "wrong", timeout=10)

    with (
        pytest.raises(TemporaryFailure, match=f"127.0.0.1:{real.port} did not let {SENDER} in"),
        open_smtp(wrong, "desk.example"),
    ):
        pass


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = SmtpServer("127.0.0.1", silent.getsockname()[1], Security.PLAIN, "", "", timeout=0.3)

        with pytest.raises(TemporaryFailure, match="cannot be reached"), open_smtp(server, "desk.example"):
            pass


def test_a_password_is_not_sent_to_another_machine_in_the_clear() -> None:
    remote = SmtpServer("192.0.2.1", 25, Security.PLAIN, "anna", "demo", timeout=5)

    with pytest.raises(PermanentFailure, match="without TLS"), open_smtp(remote, "desk.example"):
        pass


REPLIES: list[tuple[BaseException, str]] = [
    (smtplib.SMTPAuthenticationError(535, b"5.7.8 Wrong password"), "535 5.7.8 Wrong password"),
    (smtplib.SMTPConnectError(554, "No service"), "554 No service"),
    (imaplib.IMAP4.error(b"[AUTHENTICATIONFAILED] No."), "[AUTHENTICATIONFAILED] No."),
    (imaplib.IMAP4.error("select failed: b'it\\'s \\xc3\\xa4'"), "select failed: it's ä"),
    (imaplib.IMAP4.error("b'unended"), "b'unended"),
    (imaplib.IMAP4.error("tab'le' b"), "tab'le' b"),
    (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
    (socket.gaierror(-2, "No such name"), "its name is not known (No such name); see whether host is written right"),
    (
        TimeoutError("timed out"),
        "it timed out; see whether host and port are right, and whether a firewall stands between",
    ),
    (EOFError(), "it broke off without a word"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "words"), REPLIES)
def test_what_a_server_said_is_told_without_the_marks_of_python(error: BaseException, words: str) -> None:
    assert reason_of(error) == words
