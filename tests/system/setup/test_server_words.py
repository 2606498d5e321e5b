"""What doctor and poll say of each server that cannot be used: in words that are not Python's, and what to do next."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn

import pytest

from tests.support.database.services import services_on
from tests.support.servers.certificates import make_certificate
from worker.admin.doctor import run as doctor
from worker.admin.doctor.finding import Finding
from worker.cli.commands.poll import sentence
from worker.poll.run import Polled

Serve = Callable[[socket.socket], None]
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
SECONDS = "0.4"
# What only a programmer can read: bytes, classes, places in the source of a library, numbers of errors.
PYTHON = re.compile(r"""\bb['"]|\b\w+(?:Error|Exception|Failure)\b|_ssl\.c|Errno|\[SSL|object at 0x|<[a-z!]""")
# What to do is said in one of these ways.
NEXT = re.compile(r"\b(?:choose|mend|see whether|let it|say)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Certificates with their keys: of this machine, and of another name."""
    place = tmp_path_factory.mktemp("pems")
    names = {"here": "IP:127.0.0.1", "elsewhere": "DNS:mail.elsewhere.example"}
    return {called: make_certificate(place, name, called) for called, name in names.items()}


def silent(connected: socket.socket) -> None:
    """Say nothing, until the other side goes."""
    while connected.recv(4096):
        pass


def says(greeting: bytes, *answers: tuple[bytes, bytes]) -> Serve:
    """Greet, and answer each line that holds some word; `T` in an answer is the tag of the line."""

    def serve(connected: socket.socket) -> None:
        connected.sendall(greeting)
        while asked := connected.recv(4096):
            answer = next((answer for word, answer in answers if word in asked.upper()), b"T OK done\r\n")
            connected.sendall(answer.replace(b"T ", asked.partition(b" ")[0] + b" "))

    return serve


HTML = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><html><body>No</body></html>\r\n"
WEB = says(HTML)


def web_when_asked(connected: socket.socket) -> None:
    """Answer as a web server does, which waits for the question."""
    connected.recv(4096)
    connected.sendall(HTML)


IMAP = says(
    b"* OK IMAP4rev1 ready\r\n",
    (b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\nT OK done\r\n"),
    (b"LOGIN", b"T NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"),
)
SMTP = says(
    b"220 mx.desk.example ESMTP\r\n",
    (b"EHLO", b"250-mx.desk.example\r\n250 AUTH PLAIN LOGIN\r\n"),
    (b"AUTH", b"535 5.7.8 Authentication credentials invalid\r\n"),
    (b"QUIT", b"221 bye\r\n"),
)


@contextmanager
def served(serve: Serve | None, pem: tuple[Path, Path] | None = None) -> Iterator[int]:
    """The port of a server, with TLS from the first byte where it has a certificate; nobody listens without `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        if serve is None:
            listening.close()
            yield port
            return

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connected, _ = listening.accept()
                    with suppress(OSError), connected:
                        if pem is None:
                            serve(connected)
                            continue
                        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                        context.load_cert_chain(*pem)
                        with context.wrap_socket(connected, server_side=True) as over_tls:
                            serve(over_tls)

        Thread(target=accept, daemon=True).start()
        try:
            yield port
        finally:
            listening.shutdown(socket.SHUT_RDWR)


# Each case: how the server behaves, by which certificate, how it is spoken to, and what is said of it.
MAIL: dict[str, tuple[Serve | None, str, str, str]] = {
    "nobody listens": (None, "", "tls", "Connection refused"),
    "a TLS port that is spoken to in plain": (silent, "here", "plain", "it timed out; where its port speaks TLS from"),
    "a TLS port that is asked for STARTTLS": (silent, "here", "starttls", 'choose security = "tls"'),
    "it says nothing": (silent, "", "tls", "it timed out"),
    "a certificate of nobody": (silent, "here", "tls", "self-signed certificate"),
    "a web server": (WEB, "", "plain", "it answers as a web server"),
    "a web server that is asked for TLS": (WEB, "", "tls", 'choose security = "starttls"'),
}
SPOKEN = {"mailbox": IMAP, "smtp": SMTP}
OF_ONE: dict[str, tuple[str, str, str]] = {
    "a plain port that is spoken to in TLS": ("", "tls", 'choose security = "starttls"'),
    "a login that is refused": ("", "plain", "nvalid"),
    "a certificate of another name": ("elsewhere", "tls", "certificate is not valid for '127.0.0.1'"),
}


def found(what: str, port: int, security: str, host: str = "127.0.0.1") -> Finding:
    """What the doctor says of a mailbox or of the outgoing server there."""
    mine = {name.upper(): value for name, value in {"port": str(port), "security": security, "host": host}.items()}
    theirs = {f"SMTP__{key}": value for key, value in mine.items()} | {"SMTP__USER": "u", "SMTP__PASSWORD": "p"}
    settings = mine if what == "mailbox" else theirs
    services = services_on(NOWHERE, LIMITS__STEP_SECONDS=SECONDS, **settings)
    (finding,) = {"mailbox": doctor.mailboxes, "smtp": doctor.smtp}[what](services)
    services.engine.dispose()
    return finding


def is_in_words(trouble: str) -> bool:
    return bool(NEXT.search(trouble)) and not PYTHON.search(trouble) and "\n" not in trouble and trouble.endswith(".")


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("case", MAIL)
def test_a_mail_server_is_spoken_of_in_words(case: str, what: str, pems: dict[str, tuple[Path, Path]]) -> None:
    serve, pem, security, words = MAIL[case]

    with served(serve, pems.get(pem)) as port:
        trouble = found(what, port, security).trouble

    assert words in trouble
    assert is_in_words(trouble)


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("case", OF_ONE)
def test_a_server_that_speaks_the_protocol_is_too(
    case: str, what: str, pems: dict[str, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, security, words = OF_ONE[case]
    if pem:
        monkeypatch.setenv("SSL_CERT_FILE", str(pems[pem][0]))

    with served(SPOKEN[what], pems.get(pem)) as port:
        trouble = found(what, port, security).trouble

    assert words in trouble
    assert is_in_words(trouble)


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("host", ["a..b", "x" * 64, "no such host"])
def test_a_host_that_is_not_known_is_named_as_that(host: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, *_: object, **__: object) -> NoReturn:
        # As the library does it, which asks nobody for what can be no name.
        name.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    trouble = found(what, 993, "tls", host).trouble

    assert "its name is not known" in trouble
    assert is_in_words(trouble)


TIMED_OUT = 'it timed out; where its port speaks TLS from the first byte, choose security = "tls"'
# PostgreSQL's ErrorResponse (protocol 3.0).
_FIELDS = b'SFATAL\0C28P01\0Mpassword authentication failed for user "desk"\0\0'
REFUSED = b"E" + (len(_FIELDS) + 4).to_bytes(4, "big") + _FIELDS


def refuses_the_role(connected: socket.socket) -> None:
    """Answer the startup message of PostgreSQL's protocol with a refusal."""
    connected.recv(4096)
    connected.sendall(REFUSED)
    silent(connected)


# How the database behaves, its certificate, and the options of the URL.
DATABASES: dict[str, tuple[Serve | None, str, str]] = {
    "nobody listens": (None, "", ""),
    "a web server": (web_when_asked, "", ""),
    "a mail server": (SMTP, "", ""),
    "it says nothing": (silent, "", "connect_timeout=2"),
    "a TLS port that is spoken to in plain": (silent, "here", "sslmode=disable&connect_timeout=2"),
    "no TLS where it is wanted": (says(b"N"), "", "sslmode=require"),
    "a login that is refused": (
        refuses_the_role,
        "",
        "sslmode=disable",
    ),
}


@pytest.mark.parametrize("case", DATABASES)
def test_a_database_is_spoken_of_in_words(case: str, pems: dict[str, tuple[Path, Path]]) -> None:
    serve, pem, options = DATABASES[case]

    with served(serve, pems.get(pem)) as port:
        services = services_on(f"postgresql://desk:secret@127.0.0.1:{port}/desk?{options}")
        (finding,) = doctor.database(services)
        services.engine.dispose()

    assert is_in_words(finding.trouble)
    assert "secret" not in finding.trouble


BROKERS: dict[str, tuple[Serve | None, str, str]] = {
    "nobody listens": (None, "", "redis"),
    "it says nothing": (silent, "", "redis"),
    "a web server": (web_when_asked, "", "redis"),
    "a mail server": (SMTP, "", "redis"),
    "a plain port that is spoken to in TLS": (WEB, "", "rediss"),
    "a certificate of nobody": (silent, "here", "rediss"),
    "a login that is refused": (says(b"", (b"AUTH", b"-WRONGPASS invalid username-password pair\r\n")), "", "redis"),
}


@pytest.mark.parametrize("case", BROKERS)
def test_a_broker_is_spoken_of_in_words(
    case: str, pems: dict[str, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve, pem, scheme = BROKERS[case]
    monkeypatch.setattr(doctor, "BROKER_SECONDS", 1)

    with served(serve, pems.get(pem)) as port:
        services = services_on(NOWHERE, BROKER__URL=f"{scheme}://:secret@127.0.0.1:{port}/0")
        (finding,) = doctor.broker(services)
        services.engine.dispose()

    assert is_in_words(finding.trouble)
    assert "secret" not in finding.trouble


POLLED = {
    "refused": (Polled(trouble="the login of x at y:993 failed: no", refused=True), "Mend the user, the password"),
    "not reached": (
        Polled(trouble="y:993 cannot be reached over IMAP: Connection refused", unreachable=True),
        "See whether host, port and security of mailbox support are right",
    ),
    "says what to do": (
        Polled(trouble=f"y:993 cannot be reached over IMAP: {TIMED_OUT}", unreachable=True),
        'choose security = "tls".',
    ),
}


@pytest.mark.parametrize("case", POLLED)
def test_a_poll_says_what_to_do_once(case: str) -> None:
    polled, words = POLLED[case]

    told = sentence("support", polled)

    assert words in told
    assert is_in_words(told)
    assert len(NEXT.findall(told)) == 1


def test_a_poll_for_which_another_poller_has_the_mailbox_needs_nothing_done() -> None:
    assert not NEXT.search(sentence("support", Polled(trouble="another poller has the mailbox")))
