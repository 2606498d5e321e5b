"""Where a mail server is and how to talk to it: the settings that IMAP and SMTP share."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol

from mail.failures import PermanentFailure


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
            f" choose security {Security.TLS} or {Security.STARTTLS}, or set force_plain"
        )
        raise PermanentFailure(message)
