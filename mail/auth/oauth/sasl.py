"""The two mechanisms by which a token logs in: OAUTHBEARER (RFC 7628) and XOAUTH2, which is older and everywhere."""

from collections.abc import Iterable
from enum import StrEnum

from mail.auth.oauth.words import of_challenge
from mail.server import Server


class Mechanism(StrEnum):
    """A mechanism of SASL; the first that a server offers is taken."""

    XOAUTH2 = "XOAUTH2"
    OAUTHBEARER = "OAUTHBEARER"


def choose(offered: Iterable[str]) -> Mechanism | None:
    """The mechanism to use of those that a server offers; None where it takes no tokens."""
    names = {name.upper() for name in offered}
    return next((mechanism for mechanism in Mechanism if mechanism in names), None)


class Conversation:
    """One login by a token; `refusal` is what the server's error challenge said, if one came."""

    def __init__(self, mechanism: Mechanism, server: Server, token: str) -> None:
        self.refusal = ""
        self._mechanism, self._server, self._token = mechanism, server, token

    @property
    def first(self) -> str:
        """The client's first word."""
        bearer, user = f"auth=Bearer {self._token}", self._server.user
        if self._mechanism is Mechanism.XOAUTH2:
            return f"user={user}\x01{bearer}\x01\x01"
        name = user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01host={self._server.host}\x01port={self._server.port}\x01{bearer}\x01\x01"

    def answer(self, challenge: bytes) -> str:
        """The answer to a challenge: the first word to an empty one; to an error what lets the server go on to say NO.

        That is nothing at all in XOAUTH2, and one byte in OAUTHBEARER (RFC 7628, section 3.2.3).
        """
        if not challenge:
            return self.first
        self.refusal = of_challenge(challenge, self._token, self.first)
        return "" if self._mechanism is Mechanism.XOAUTH2 else "\x01"
