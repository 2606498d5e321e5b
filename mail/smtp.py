"""Mails as bytes are handed to an SMTP server, one recipient each; the server's reply comes back (RFC 5321)."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mail.deadline import Deadline
from mail.failures import PermanentFailure, TemporaryFailure
from mail.server import Security, Server, refuse_bare_password

# Visible ASCII around one at sign; an angle bracket would end the address on the wire.
ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
LINE_END = re.compile(rb"\r\n|\r|\n")
# With this reply to any command the server closes the connection (RFC 5321, section 3.8).
CLOSING = 421
# Connecting, logging in and sending one mail may each take so many times the server's timeout in all.
MOST_STEPS: Final = 5


class _Step(StrEnum):
    """A command of a mail's transaction (RFC 5321, section 3.3)."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


class SmtpServer(Server):
    """The account that mail is handed to; without a user there is no login."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the mail: its code (2xx) and the text of its reply, which often holds the queue id."""

    code: int
    reply: str


class Deferred(TemporaryFailure):
    """The server does not take this mail now (4xx): only this mail waits, the connection goes on.

    `at_sender` is True where the reply was to MAIL, so that it is about us.
    """

    def __init__(self, message: str, code: int, reply: str, *, at_sender: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.reply = reply
        self.at_sender = at_sender


class Refused(PermanentFailure):
    """The server will not take this mail (5xx): the connection goes on.

    `at_recipient` is True where the reply was to RCPT, so that it is about the recipient's address, and `at_sender`
    where it was to MAIL, so that it is about us.
    """

    def __init__(
        self, message: str, code: int, reply: str, *, at_recipient: bool = False, at_sender: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reply = reply
        self.at_recipient = at_recipient
        self.at_sender = at_sender


class _Client(smtplib.SMTP):
    """The library's client over a connection that is open already, with TLS from the first byte if the server has it.

    `plain` is a second handle on the connection, which stays valid when TLS takes over the first one.
    """

    def __init__(self, server: Server, connected: socket.socket, local_hostname: str) -> None:
        self.plain = connected.dup()
        self._server, self._connected = server, connected
        try:
            super().__init__(server.host, server.port, local_hostname, timeout=server.timeout)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, _port: int, _timeout: float) -> socket.socket:
        if self._server.security is Security.TLS:
            return ssl.create_default_context().wrap_socket(self._connected, server_hostname=host)
        return self._connected

    def close(self) -> None:
        """Close both handles on the connection."""
        super().close()
        self.plain.close()


@contextmanager
def open_smtp(server: SmtpServer, local_hostname: str) -> Iterator["Connection"]:
    """Connect and log in, for several mails; `local_hostname` is what we call ourselves in EHLO.

    Raises:
        TemporaryFailure: the server cannot be reached, or did not let us in: no mail is to blame.
        PermanentFailure: the login would have sent the password unencrypted.

    """
    refuse_bare_password(server)
    client = _connect(server, local_hostname)
    try:
        _log_in(client, server)
        yield Connection(client, server)
        with suppress(OSError), Deadline(server.timeout).watching(client.plain):
            client.quit()
    finally:
        client.close()


def try_login(server: SmtpServer, local_hostname: str) -> None:
    """Connect, log in and quit without sending a mail; raises what `open_smtp` raises."""
    with open_smtp(server, local_hostname):
        pass


def _connect(server: Server, local_hostname: str) -> _Client:
    deadline = Deadline(MOST_STEPS * server.timeout)
    try:
        connected = socket.create_connection((server.host, server.port), server.timeout)
        try:
            with deadline.watching(connected):
                return _Client(server, connected, local_hostname)
        except BaseException:
            connected.close()
            raise
    except OSError as error:
        raise TemporaryFailure(f"{server} cannot be reached over SMTP: {error or type(error).__name__}") from error


def _log_in(client: _Client, server: Server) -> None:
    try:
        with Deadline(MOST_STEPS * server.timeout).watching(client.plain):
            if server.security is Security.STARTTLS:
                client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
    # The library cannot send a password that is not ASCII and raises ValueError for it.
    except (OSError, ValueError) as error:
        raise TemporaryFailure(f"{server} did not let {server.user or 'us'} in over SMTP: {error}") from error


class Connection:
    """A logged-in SMTP connection."""

    def __init__(self, client: _Client, server: Server) -> None:
        self._client = client
        self._server = server

    def send(self, sender: str, recipient: str, message: bytes, seconds: float | None = None) -> Sent:
        """Hand over one mail; an empty sender is the null reverse-path (RFC 5321, section 4.5.5).

        It takes no longer than `seconds`, and never longer than `MOST_STEPS` of the server's timeouts.
        All line ends become CRLF: a bare CR or LF would let two servers see two different mails (SMTP smuggling).

        Raises:
            Deferred: 4xx for this mail. Refused: 5xx for this mail. The connection can be used on after both.
            PermanentFailure: an address that SMTP cannot carry, such as one that is not ASCII.
            TemporaryFailure: the connection is gone; where it broke after the data, the mail may have been taken.

        """
        _check(recipient)
        if sender:
            _check(sender)
        longest = MOST_STEPS * self._server.timeout
        if seconds is not None and seconds <= 0:
            raise TemporaryFailure(f"There was no time left to hand {self._server} a mail to {recipient}")
        try:
            with Deadline(longest if seconds is None else min(seconds, longest)).watching(self._client.plain):
                return self._transact(sender, recipient, _with_crlf(message))
        except OSError as error:
            self._client.close()
            raise TemporaryFailure(f"{self._server} broke off while taking a mail to {recipient}: {error}") from error

    def _transact(self, sender: str, recipient: str, message: bytes) -> Sent:
        # The addresses were checked; the library's own methods would parse them as header addresses first.
        size = f" size={len(message)}" if self._client.has_extn("size") else ""
        self._judge(recipient, *self._client.docmd("mail", f"FROM:<{sender}>{size}"), step=_Step.MAIL)
        self._judge(recipient, *self._client.docmd("rcpt", f"TO:<{recipient}>"), step=_Step.RCPT)
        reply: bytes | str
        try:
            code, reply = self._client.data(message)
        except smtplib.SMTPDataError as error:
            code, reply = error.smtp_code, error.smtp_error
        return self._judge(recipient, code, reply)

    def _judge(self, recipient: str, code: int, reply: bytes | str, *, step: _Step = _Step.DATA) -> Sent:
        text = reply if isinstance(reply, str) else reply.decode("utf-8", "backslashreplace")
        # PostgreSQL stores no NUL, and a mail whose reply cannot be stored would be sent again and again.
        words = " ".join(text.replace("\0", " ").split())
        if 200 <= code < 300:
            return Sent(code, words)
        sentence = f"{self._server} answered {code} {words!r} to a mail to {recipient}"
        if code == CLOSING or not 400 <= code < 600:
            self._client.close()
            raise TemporaryFailure(sentence)
        # RSET ends this transaction, so that the connection can be used for the next mail.
        self._client.rset()
        at_sender = step is _Step.MAIL
        if code >= 500:
            raise Refused(sentence, code, words, at_recipient=step is _Step.RCPT, at_sender=at_sender)
        raise Deferred(sentence, code, words, at_sender=at_sender)


def _with_crlf(message: bytes) -> bytes:
    """Return the message with CRLF as its only line end; counting is cheap, and most messages need no change."""
    ends = message.count(b"\r\n")
    if message.count(b"\r") == ends == message.count(b"\n"):
        return message
    return LINE_END.sub(b"\r\n", message)


def _check(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise PermanentFailure(f"{address!r} cannot be said in SMTP: it is not one plain ASCII address")
