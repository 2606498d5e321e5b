"""Where a mail server is and how to talk to it: the settings that IMAP and SMTP share."""

import re
import socket
import ssl
from ast import literal_eval
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, Protocol

from mail.failures import PermanentFailure

# How TLS names an answer that is none of its own.
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
# How Python writes bytes, which is how its libraries repeat what a server said.
_BYTES: Final = re.compile(r"""\bb(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
# Where in the source of OpenSSL's module an error arose.
_PLACE: Final = re.compile(r"^_ssl\.c:[0-9]+: | \(_ssl\.c:[0-9]+\)$")
_HTTP: Final = re.compile(r"\bHTTP/[0-9][0-9.]{0,3} [0-9]{3}[^\r\n<]{0,60}")
# What to do about a certificate, by OpenSSL's number for what is wrong with it.
_OTHER_NAME: Final = "see whether host is the name that stands in it"
_NO_AUTHORITY: Final = (
    "let it show one that a known authority has signed, or name the file of its authority in SSL_CERT_FILE"
)
_CERTIFICATES: Final = {10: "let whoever runs the server renew it", 62: _OTHER_NAME, 64: _OTHER_NAME}


class Security(StrEnum):
    """How a connection is protected: TLS from the first byte (RFC 8314), STARTTLS after the greeting, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class Bearer(Protocol):
    """What gives the access token of an account, with which one logs in where there is no password (RFC 6750)."""

    def token(self, refused: str = "") -> str:
        """The token of the account; another one, if it can be had, where a server has just refused `refused`.

        Raises TemporaryFailure, and PermanentFailure where a person has to do something about it.
        """


@dataclass(frozen=True, slots=True)
class Server:
    """One account on one mail server; `timeout` is in seconds and holds for each step, not for the sum of them.

    An empty `user` means no login, which SMTP relays allow. With a `bearer` its token takes the place of the password.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    timeout: float = 60
    force_plain: bool = False
    bearer: Bearer | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether the name or address means this machine; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_bare_password(server: Server) -> None:
    """Raise PermanentFailure if the password would cross a network unencrypted."""
    if server.security is Security.PLAIN and not (server.force_plain or is_loopback(server.host)):
        message = (
            f"{server} is not on this machine, so it is not spoken to without TLS;"
            f" choose security {Security.TLS} or {Security.STARTTLS}, or set force_plain = true"
        )
        raise PermanentFailure(message)


def open_socket(server: Server, seconds: float | None) -> socket.socket:
    """Connect to a server within these seconds; raises OSError, also where no host can have such a name."""
    try:
        return socket.create_connection((server.host, server.port), seconds)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "no host can be called so") from error


def certificate_end(connected: object) -> datetime | None:
    """When the certificate ends that the other side of a socket showed (RFC 5280, 4.1.2.5); None without TLS."""
    shown = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else None
    ends = shown.get("notAfter") if shown else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


def reason_of(error: BaseException, server: Server | None = None) -> str:
    """Why a server could not be used, in words: the end of a sentence that names it.

    TLS that met a plain port, and the other way round, are told from what `server` was to speak.
    """
    cause = error.__cause__
    if isinstance(error, OSError) and isinstance(cause, OSError):
        return reason_of(cause, server)
    # The library's errors with a reply of an SMTP server, which only one file knows.
    code, reply = getattr(error, "smtp_code", None), getattr(error, "smtp_error", "")
    if code is not None:
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return _of_web_server(words) or f"{code} {words}"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = _PLACE.sub("", _BYTES.sub(_as_text, text))
    return _of_network(error, server) or _of_web_server(text) or text or "it broke off without a word"


def _of_network(error: BaseException, server: Server | None) -> str | None:
    """The words for what went wrong before the server itself could say anything; None for all else."""
    if isinstance(error, ssl.SSLCertVerificationError):
        message = str(error.verify_message).rstrip(".")
        return f"its certificate does not count: {message}; {_CERTIFICATES.get(error.verify_code, _NO_AUTHORITY)}"
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return 'it does not speak TLS there from the first byte; choose security = "starttls", or its port for TLS'
    if isinstance(error, TimeoutError) and server and server.security is not Security.TLS:
        return 'it timed out; where its port speaks TLS from the first byte, choose security = "tls"'
    if isinstance(error, TimeoutError):
        return "it timed out; see whether host and port are right, and whether a firewall stands between"
    if isinstance(error, socket.gaierror):
        return f"its name is not known ({error.strerror}); see whether host is written right"
    return None


def _of_web_server(text: str) -> str | None:
    """The words for the answer of a web server (RFC 9112, section 4), which stands where a mail server should."""
    found = _HTTP.search(text)
    return f"it answers as a web server, {found[0].strip()}; see whether host and port are right" if found else None


def _as_text(match: re.Match[str]) -> str:
    return bytes(literal_eval(match[0])).decode("utf-8", "replace")
