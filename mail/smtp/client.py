"""The library's SMTP client with replies read as RFC 5321 writes them: whole, and each for what was asked."""

import select
import smtplib
import socket
import ssl
from contextlib import suppress
from typing import Final

from mail.server import Security, Server
from mail.smtp.pipelining import CLOSING

LONGEST_LINE: Final = 8192
PIECE: Final = 4096


class Client(smtplib.SMTP):
    """The library's client over a connection that is open already, with TLS from the first byte if the server has it.

    `plain` is a second handle on the connection, which stays valid when TLS takes over the first one. It
    `ran_out_of_time` where it was closed because no answer came within the server's timeout.
    """

    ran_out_of_time = False
    _said_by: socket.socket | None = None
    _unread = b""

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

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, whose answer is what comes from now on."""
        self.read_unasked()
        super().putcmd(cmd, args)

    def read_unasked(self) -> None:
        """Read what came that nothing had asked for; not a 421, which says that the server goes (RFC 5321, 3.8)."""
        while (waiting := self.waiting()) and not waiting.startswith(b"%d" % CLOSING):
            self._read_line()

    def waiting(self) -> bytes:
        """The beginning of what the server said and nobody read yet; it is not waited for."""
        self._forget_what_another_socket_said()
        if self.sock is None or self._unread or not _has_news(self.sock):
            return self._unread
        timeout = self.sock.gettimeout()
        self.sock.settimeout(0)
        # What came may be TLS's own, and no word of the server.
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            self._unread = self.sock.recv(PIECE)
        self.sock.settimeout(timeout)
        return self._unread

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply (RFC 5321, 4.2.1): its code, -1 where it has none, and its text, LF between its lines.

        Of a reply of several lines those without a code are left out. A last line that is cut off counts only where its
        code is a 2xx: what was taken was taken, and of a refusal the words that are missing may say why.

        Raises:
            SMTPServerDisconnected: the connection has ended, nothing came in time, or a line is too long.

        """
        texts: list[bytes] = []
        while True:
            line = self._read_line()
            if not (line[:3].isdigit() and len(line) > 2):
                if texts:
                    continue
                return -1, line.strip()
            texts.append(line[4:].strip(b" \t\r\n"))
            if line[3:4] == b"-":
                continue
            if not (line.endswith(b"\n") or line.startswith(b"2")):
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection closed in the middle of an answer")
            return int(line[:3]), b"\n".join(texts)

    def _read_line(self) -> bytes:
        self._forget_what_another_socket_said()
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Connection closed before")
        try:
            while b"\n" not in self._unread and len(self._unread) <= LONGEST_LINE and (piece := self.sock.recv(PIECE)):
                self._unread += piece
        except OSError as error:
            self.ran_out_of_time = isinstance(error, TimeoutError)
            self.close()
            raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
        line, end, self._unread = self._unread.partition(b"\n")
        if not line + end or len(line) > LONGEST_LINE:
            self.close()
            raise smtplib.SMTPServerDisconnected("Line too long" if line else "Connection unexpectedly closed")
        return line + end

    def _forget_what_another_socket_said(self) -> None:
        # What came before TLS began may be of anybody in between (RFC 3207, section 4.2).
        if self._said_by is not self.sock:
            self._said_by, self._unread = self.sock, b""


def _has_news(connected: socket.socket) -> bool:
    """Whether a read would find something, or the end, without waiting."""
    if isinstance(connected, ssl.SSLSocket) and connected.pending():
        return True
    asked = select.poll()
    asked.register(connected, select.POLLIN)
    return bool(asked.poll(0))
