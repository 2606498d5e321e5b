"""Logging in to an SMTP server: by a password, or by a token (RFC 4954, 7628)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, Protocol

from mail.auth.oauth.sasl import Conversation, Mechanism, choose
from mail.auth.oauth.words import in_words
from mail.failures import PermanentFailure, TemporaryFailure
from mail.server import Server

LET_IN: Final = 235
CHALLENGE: Final = 334


class SmtpClient(Protocol):
    """The library's client, after EHLO."""

    @property
    def esmtp_features(self) -> Mapping[str, str]:
        """What the server offers, by lower-case name."""

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Send a command and read the reply."""

    def login(self, user: str, password: str) -> Any:
        """Log in by a password."""


def log_in(client: SmtpClient, server: Server) -> None:
    """Log in where the server has a user; with a token once more where it is refused and there is another.

    Raises the library's errors, and TemporaryFailure where a token does not let us in or cannot be had: no mail is to
    blame for that.
    """
    if server.bearer is None:
        if server.user:
            client.login(server.user, server.password)
        return
    mechanism = choose(client.esmtp_features.get("auth", "").split())
    if mechanism is None:
        raise TemporaryFailure(f"{server} takes no token: it offers neither {' nor '.join(Mechanism)} over SMTP")
    try:
        token = server.bearer.token()
        code, words = _try(client, server, mechanism, token)
        if code >= 500 and (other := server.bearer.token(token)) != token:
            code, words = _try(client, server, mechanism, other)
    except PermanentFailure as failure:
        raise TemporaryFailure(str(failure)) from None
    if code != LET_IN:
        raise TemporaryFailure(f"{server} did not let {server.user} in over SMTP with a token: {code} {words}")


def _try(client: SmtpClient, server: Server, mechanism: Mechanism, token: str) -> tuple[int, str]:
    """The code and words of the last reply, of which those of an error challenge are a part."""
    conversation = Conversation(mechanism, server, token)
    code, reply = client.docmd("AUTH", f"{mechanism} {_encode(conversation.first)}")
    if code == CHALLENGE:
        # What the error is comes in the challenge, and the refusal itself only after an answer to it.
        code, reply = client.docmd(_encode(conversation.answer(_decode(reply))))
    words = f"{reply.decode('utf-8', 'replace')} {conversation.refusal}"
    return code, in_words(words, token, conversation.first)


def _encode(words: str) -> str:
    return base64.b64encode(words.encode()).decode("ascii")


def _decode(reply: bytes) -> bytes:
    try:
        return base64.b64decode(reply)
    except binascii.Error:
        return reply
