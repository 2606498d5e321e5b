"""Mails as bytes are handed to an SMTP server, one recipient each; the server's reply comes back (RFC 5321)."""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from mail.deadline import Deadline
from mail.failures import PermanentFailure, TemporaryFailure
from mail.server import Security, Server, certificate_end, open_socket, reason_of, refuse_bare_password
from mail.smtp.client import Client
from mail.smtp.login import log_in
from mail.smtp.pipelining import CLOSING, GO_ON, Next, content, weigh

# Visible ASCII around one at sign; an angle bracket would end the address on the wire.
ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
LINE_END = re.compile(rb"\r\n|\r|\n")
# An empty message, where DATA is to be ended and nobody is to get anything.
NOTHING = b".\r\n"
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


class NotBegun(TemporaryFailure):
    """The connection is gone, and nothing of the mail's content was sent on it: the server cannot have taken it.

    `code` is that of the server's last word, 421; 0 where it said nothing.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class PipeliningBroke(NotBegun):
    """The server offers PIPELINING, and three commands in one flight did not do; one by one they may."""


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


@contextmanager
def open_smtp(server: SmtpServer, local_hostname: str, *, pipelining: bool = True) -> Iterator["Connection"]:
    """Connect and log in, for several mails; `local_hostname` is what we call ourselves in EHLO.

    Commands go in one flight where the server offers it, unless `pipelining` is False.

    Raises:
        TemporaryFailure: the server cannot be reached, or did not let us in: no mail is to blame.
        PermanentFailure: the login would have sent the password unencrypted.

    """
    refuse_bare_password(server)
    client = _connect(server, local_hostname)
    try:
        _log_in(client, server)
        yield Connection(client, server, pipelining=pipelining and client.has_extn("pipelining"))
        with suppress(OSError), Deadline(server.timeout).watching(client.plain):
            client.quit()
    finally:
        client.close()


def try_login(server: SmtpServer, local_hostname: str) -> None:
    """Connect, log in and quit without sending a mail; raises what `open_smtp` raises."""
    with open_smtp(server, local_hostname):
        pass


def read_certificate_end(server: SmtpServer, local_hostname: str) -> datetime | None:
    """When the certificate ends that a server shows; None without TLS. Nobody logs in. Raises TemporaryFailure."""
    client = _connect(server, local_hostname)
    try:
        with Deadline(server.timeout).watching(client.plain):
            if server.security is Security.STARTTLS:
                client.starttls(context=ssl.create_default_context())
            ends = certificate_end(client.sock)
            with suppress(OSError):
                client.quit()
            return ends
    except OSError as error:
        raise TemporaryFailure(f"{server} does not speak TLS with us over SMTP: {reason_of(error, server)}") from error
    finally:
        client.close()


def _connect(server: Server, local_hostname: str) -> Client:
    deadline = Deadline(MOST_STEPS * server.timeout)
    try:
        connected = open_socket(server, server.timeout)
        try:
            with deadline.watching(connected):
                return Client(server, connected, local_hostname)
        except BaseException:
            connected.close()
            raise
    except OSError as error:
        raise TemporaryFailure(f"{server} cannot be reached over SMTP: {reason_of(error, server)}") from error


def _log_in(client: Client, server: Server) -> None:
    try:
        with Deadline(MOST_STEPS * server.timeout).watching(client.plain):
            if server.security is Security.STARTTLS:
                client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
            log_in(client, server)
    # The library cannot send a password that is not ASCII and raises ValueError for it.
    except (OSError, ValueError) as error:
        reason = reason_of(error, server)
        raise TemporaryFailure(f"{server} did not let {server.user or 'us'} in over SMTP: {reason}") from error


class Connection:
    """A logged-in SMTP connection."""

    def __init__(self, client: Client, server: Server, *, pipelining: bool) -> None:
        self._client = client
        self._server = server
        self._pipelining = pipelining
        # Whether three commands in one flight have done here before.
        self._has_done = False
        self._has_begun = False

    def send(self, sender: str, recipient: str, message: bytes, seconds: float | None = None) -> Sent:
        """Hand over one mail; an empty sender is the null reverse-path (RFC 5321, section 4.5.5).

        It takes no longer than `seconds`, and never longer than `MOST_STEPS` of the server's timeouts.
        All line ends become CRLF: a bare CR or LF would let two servers see two different mails (SMTP smuggling).

        Raises:
            Deferred: 4xx for this mail. Refused: 5xx for this mail. The connection can be used on after both.
            PermanentFailure: an address that SMTP cannot carry, such as one that is not ASCII.
            NotBegun: the connection is gone, and the mail cannot have been taken.
            TemporaryFailure: the connection is gone; where it broke after the data, the mail may have been taken.

        """
        _check(recipient)
        if sender:
            _check(sender)
        longest = MOST_STEPS * self._server.timeout
        if seconds is not None and seconds <= 0:
            raise TemporaryFailure(f"There was no time left to hand {self._server} a mail to {recipient}")
        self._has_begun = False
        try:
            with Deadline(longest if seconds is None else min(seconds, longest)).watching(self._client.plain):
                return self._transact(sender, recipient, _with_crlf(message))
        except OSError as error:
            raise self._gone(f"{self._server} broke off while taking a mail to {recipient}: {error}") from error

    def _transact(self, sender: str, recipient: str, message: bytes) -> Sent:
        # The addresses were checked; the library's own methods would parse them as header addresses first.
        size = f" size={len(message)}" if self._client.has_extn("size") else ""
        commands = {_Step.MAIL: f"MAIL FROM:<{sender}>{size}", _Step.RCPT: f"RCPT TO:<{recipient}>", _Step.DATA: "DATA"}
        if self._pipelining:
            self._ask_at_once(recipient, commands)
        else:
            self._ask_one_by_one(recipient, commands)
        if self._client.waiting():
            # It would be taken for the answer to the content.
            raise self._broke(f"{self._server} answered before it got the content of a mail to {recipient}")
        self._has_begun = True
        self._client.send(content(message))
        # A busy server takes long here, and to leave it now is how a mail goes twice (RFC 5321, section 4.5.3.2.6).
        self._let_reads_take(MOST_STEPS * self._server.timeout)
        code, reply = self._client.getreply()
        self._let_reads_take(self._server.timeout)
        return self._judge(recipient, code, reply)

    def _let_reads_take(self, seconds: float) -> None:
        if self._client.sock:
            self._client.sock.settimeout(seconds)

    def _ask_one_by_one(self, recipient: str, commands: Mapping[_Step, str]) -> None:
        for step, command in commands.items():
            if step is not _Step.MAIL and self._client.waiting():
                raise self._gone(f"{self._server} answered more than it was asked about a mail to {recipient}")
            code, text = self._client.docmd(command)
            if step is not _Step.DATA or code != GO_ON:
                self._judge(recipient, code, text, step=step, good=step is not _Step.DATA)

    def _ask_at_once(self, recipient: str, commands: Mapping[_Step, str]) -> None:
        """Send the three commands in one flight; every reply is read before anything else is sent (RFC 2920, 3.1)."""
        replies: list[tuple[int, bytes]] = []
        try:
            self._client.read_unasked()
            self._client.send("".join(f"{command}\r\n" for command in commands.values()))
            while len(replies) < len(commands) and CLOSING not in (code for code, _ in replies):
                replies.append(self._client.getreply())
        except OSError as error:
            if self._has_done and not self._client.ran_out_of_time:
                raise
            # Nobody knows whether that is why.
            raise self._broke(f"{self._server} broke off after three commands in one flight: {error}") from error
        flight = weigh(replies)
        if flight.next is Next.BROKEN:
            said = ", ".join(f"{code} {text!r}" for code, text in replies)
            raise self._broke(f"{self._server} answered three commands in one flight with {said}")
        self._has_done = True
        if flight.next is Next.CONTENT:
            return
        if flight.next is Next.EMPTY:
            with suppress(OSError):
                self._client.send(NOTHING)
                self._client.getreply()
        self._judge(recipient, *replies[flight.place], step=tuple(commands)[flight.place], good=False)

    def _judge(self, recipient: str, code: int, reply: bytes, *, step: _Step = _Step.DATA, good: bool = True) -> Sent:
        """What a reply says, of which a 2xx is what we wait for where `good` is True; else that is out of order."""
        # PostgreSQL stores no NUL, and a mail whose reply cannot be stored would be sent again and again.
        words = " ".join(reply.decode("utf-8", "backslashreplace").replace("\0", " ").split())
        if good and 200 <= code < 300:
            return Sent(code, words)
        sentence = f"{self._server} answered {code} {words!r} to a mail to {recipient}"
        if code == CLOSING or not 400 <= code < 600:
            raise self._gone(sentence, code)
        # RSET ends this transaction, so that the connection can be used for the next mail. The answer stands also
        # where the server closed the connection behind it.
        with suppress(OSError):
            self._client.rset()
        at_sender = step is _Step.MAIL
        if code >= 500:
            raise Refused(sentence, code, words, at_recipient=step is _Step.RCPT, at_sender=at_sender)
        raise Deferred(sentence, code, words, at_sender=at_sender)

    def _gone(self, sentence: str, code: int = 0) -> TemporaryFailure:
        self._client.close()
        return TemporaryFailure(sentence) if self._has_begun else NotBegun(sentence, code)

    def _broke(self, sentence: str) -> NotBegun:
        self._client.close()
        return PipeliningBroke(sentence) if self._pipelining else NotBegun(sentence)


def _with_crlf(message: bytes) -> bytes:
    """Return the message with CRLF as its only line end; counting is cheap, and most messages need no change."""
    ends = message.count(b"\r\n")
    if message.count(b"\r") == ends == message.count(b"\n"):
        return message
    return LINE_END.sub(b"\r\n", message)


def _check(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise PermanentFailure(f"{address!r} cannot be said in SMTP: it is not one plain ASCII address")
