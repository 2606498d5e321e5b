"""The library's SMTP client with replies read as RFC 5321 writes them: whole, and each for what was asked."""

import smtplib
import socket
import ssl
from typing import Final

from mail.server import Security, Server
from mail.smtp.pipelining import CLOSING

LONGEST_LINE: Final = 8192


class Client(smtplib.SMTP):
    """The library's client over a connection that is open already, with TLS from the first byte if the server has it.

    `plain` is a second handle on the connection, which stays valid when TLS takes over the first one. It
    `ran_out_of_time` where it was closed because no answer came within the server's timeout.
    """

    ran_out_of_time = False

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
        if self.sock is None or self.file is None:
            return b""
        timeout = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            return bytes(self.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        finally:
            self.sock.settimeout(timeout)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply (RFC 5321, 4.2.1): its code, -1 where it has none, and its text, LF between its lines.

        Of a reply of several lines those without a code are left out. A last line that is cut off counts only where its
        code is a 2xx: what was taken was taken, and of a refusal the words that are missing may say why.

        Raises:
            SMTPServerDisconnected: the connection has ended, or nothing came in time.
            SMTPResponseException: a line is too long.

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
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Connection closed before")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        try:
            line = bytes(self.file.readline(LONGEST_LINE + 1))
        except OSError as error:
            self.ran_out_of_time = isinstance(error, TimeoutError)
            self.close()
            raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
        if not line:
            self.close()
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        if len(line) > LONGEST_LINE:
            self.close()
            raise smtplib.SMTPResponseException(500, "Line too long.")
        return line
