"""A connection to an IMAP server, opened within a deadline, and what IMAP's errors mean: temporary or permanent."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from imapclient import IMAPClient, exceptions

from mail.deadline import Deadline
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.busy import busy_of
from mail.server import Security, Server, open_socket, reason_of


class Unreadable(PermanentFailure):
    """The answer of the server breaks the syntax of IMAP (RFC 9051)."""


@contextmanager
def translate_errors(deed: str, server: Server | None = None) -> Iterator[None]:
    """Turn errors of IMAPClient and of the socket into ours; `deed` is what could not be done, as a clause.

    With a `server` that was to be connected to, what its port speaks is among the words.

    Raises:
        TemporaryFailure: the network, a timeout, TLS, a connection that ended (BYE).
        ServerBusy: the server refused, or ended the connection, for a reason that is its own.
        PermanentFailure: the server refused: a login, a folder, a command.
        Unreadable: the answer could not be understood.

    """
    try:
        yield
    except exceptions.IMAPClientReadOnlyError as error:
        raise PermanentFailure(f"{deed}: the folder can only be read ({reason_of(error)})") from error
    except (exceptions.IMAPClientAbortError, OSError) as error:
        reason = reason_of(error, server)
        if busy := busy_of(deed, str(error), reason):
            raise busy from error
        raise TemporaryFailure(f"{deed}: {reason}") from error
    except (exceptions.ProtocolError, ValueError) as error:
        raise Unreadable(f"{deed}: the answer cannot be read ({reason_of(error)})") from error
    except exceptions.IMAPClientError as error:
        if busy := busy_of(deed, str(error), reason_of(error)):
            raise busy from error
        # The library reports a refused login also where the connection ended during the login.
        broken = isinstance(error.__context__, exceptions.IMAPClientAbortError)
        kind = TemporaryFailure if broken else PermanentFailure
        raise kind(f"{deed}: {reason_of(error)}") from error


class _Protocol(imaplib.IMAP4):
    """The protocol over a socket that is connected already."""

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self._connected = connected
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002  the socket has its own
        return self._connected


class _Client(IMAPClient):  # type: ignore[misc]
    """The library's client over a socket that is connected already."""

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self._server, self._connected = server, connected
        tls = server.security is Security.TLS
        super().__init__(server.host, server.port, ssl=tls, timeout=server.timeout, use_uid=True)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  the library's name
        return _Protocol(self._server, self._connected)


@contextmanager
def connect(server: Server, deadline: Deadline) -> Iterator[IMAPClient]:
    """Yield a client that is connected, with TLS if the server has it, and not logged in; close it at the end.

    Raises what `translate_errors` does if the server cannot be reached.
    """
    with ExitStack() as open_things:
        with translate_errors(f"{server} cannot be reached over IMAP", server):
            plain = open_things.enter_context(open_socket(server, deadline.within(server.timeout)))
            open_things.enter_context(deadline.watching(plain))
            client = _open_client(server, plain)
        try:
            yield client
        finally:
            # On a broken connection closing fails, too.
            with suppress(Exception):
                client.shutdown()


def _open_client(server: Server, plain: socket.socket) -> IMAPClient:
    plain.settimeout(server.timeout)
    # Without this each literal waits some 40 ms for a delayed acknowledgement.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tls = server.security is Security.TLS
    ready = tls_context().wrap_socket(plain, server_hostname=server.host) if tls else plain
    try:
        client = _Client(server, ready)
        if server.security is Security.STARTTLS:
            client.starttls(tls_context())
    except BaseException:
        # A failed handshake has closed the socket already; its own error is the one that counts.
        with suppress(OSError):
            ready.close()
        raise
    client.normalise_times = False
    # The library formats every answer for its log, mails included: nobody may read them there, and it takes longer
    # than the rest of a fetch.
    client._imap.debug = 0  # noqa: SLF001  the library has no other way
    return client


def tls_context() -> ssl.SSLContext:
    """Return the one context of all connections; one for each would hold the system's certificates in memory again.

    It is made again when the certificates were replaced, or others are configured, while the process lives.
    """
    paths = ssl.get_default_verify_paths()
    return _make_context(paths, tuple(_mtime(place) for place in (paths.cafile, paths.capath)))


@lru_cache(maxsize=1)
def _make_context(_paths: ssl.DefaultVerifyPaths, _mtimes: tuple[int, ...]) -> ssl.SSLContext:
    return ssl.create_default_context()


def _mtime(place: str | None) -> int:
    """Return when a file or folder was changed, in nanoseconds since 1970; 0 if there is none."""
    try:
        return Path(place).stat().st_mtime_ns if place else 0
    except OSError:
        return 0
