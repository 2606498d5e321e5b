"""Where a mail server is and how to talk to it: the settings that IMAP and SMTP share."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address

from mail.failures import PermanentFailure


class Security(StrEnum):
    """How a connection is protected: TLS from the first byte (RFC 8314), STARTTLS after the greeting, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Server:
    """One account on one mail server; `timeout` is in seconds and holds for each step, not for the sum of them.

    An empty `user` means no login, which SMTP relays allow.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    timeout: float = 60
    force_plain: bool = False

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
            f" choose security {Security.TLS} or {Security.STARTTLS}, or set force_plain"
        )
        raise PermanentFailure(message)
