"""Connecting to an IMAP server in such a way that the whole of it, greeting and handshake included, can be cut off."""

import imaplib
import socket
import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from imapclient import IMAPClient

from mail.imap_cutoff import Cutoff
from mail.imap_failures import translated
from mail.server import Security, Server


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


def connect(server: Server, cutoff: Cutoff) -> IMAPClient:
    """Connect, with TLS where it is asked for; nobody is logged in yet."""
    with translated(f"{server} cannot be reached over IMAP"):
        connected = _connected(server, cutoff)
        try:
            client = _Client(server, connected)
            if server.security is Security.STARTTLS:
                client.starttls(_context())
        except BaseException:
            # A failed handshake has closed the socket already; its own error is the one that counts.
            with suppress(OSError):
                connected.close()
            raise
    client.normalise_times = False
    # The library writes every answer out for its log, mails as well; nobody is to read them there, and it takes longer
    # than all else of a fetch.
    client._imap.debug = 0  # noqa: SLF001  the library has no other way
    return client


def _connected(server: Server, cutoff: Cutoff) -> socket.socket:
    plain = socket.create_connection((server.host, server.port), cutoff.within(server.timeout))
    try:
        plain.settimeout(server.timeout)
        # Without this each literal waits some 40 ms for a delayed acknowledgement.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cutoff.watch(plain)
        if server.security is Security.TLS:
            return _context().wrap_socket(plain, server_hostname=server.host)
    except BaseException:
        plain.close()
        raise
    return plain


def _context() -> ssl.SSLContext:
    """The context that all connections share: each of its own would hold the system's authorities in memory again."""
    paths = ssl.get_default_verify_paths()
    # Authorities that are replaced while the process lives are read anew, as is another choice of them.
    return _make_context(paths, tuple(_changed(place) for place in (paths.cafile, paths.capath)))


@lru_cache(maxsize=1)
def _make_context(_paths: ssl.DefaultVerifyPaths, _changed: tuple[int, ...]) -> ssl.SSLContext:
    return ssl.create_default_context()


def _changed(place: str | None) -> int:
    """When a file or folder was changed, in nanoseconds; 0 where there is none."""
    try:
        return Path(place).stat().st_mtime_ns if place else 0
    except OSError:
        return 0
