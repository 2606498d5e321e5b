"""Logging in to an IMAP account: by a password, or by a token (RFC 7628)."""

from imapclient import IMAPClient, exceptions

from mail.auth.oauth.sasl import Conversation, Mechanism, choose
from mail.auth.oauth.words import in_words
from mail.failures import PermanentFailure
from mail.server import Server

_PREFIX = "AUTH="


def secret_of(server: Server) -> str:
    """What is logged in with; raises what `Bearer.token` does."""
    return server.bearer.token() if server.bearer else server.password


def log_in(client: IMAPClient, server: Server, secret: str) -> None:
    """Log in with a secret of `secret_of`; with a token once more where the server refuses it and there is another.

    Raises IMAPClient's errors, PermanentFailure where the server takes no tokens or refuses one, and what
    `Bearer.token` does.
    """
    if server.bearer is None:
        client.login(server.user, secret)
        return
    offered = [word.decode("ascii", "replace") for word in client.capabilities()]
    mechanism = choose(word.upper().removeprefix(_PREFIX) for word in offered if word.upper().startswith(_PREFIX))
    if mechanism is None:
        names = " nor ".join(f"{_PREFIX}{mechanism}" for mechanism in Mechanism)
        raise PermanentFailure(f"{server} takes no token: it offers neither {names}")
    refusal = _try(client, server, mechanism, secret)
    if refusal is not None and (other := server.bearer.token(secret)) != secret:
        refusal = _try(client, server, mechanism, other)
    if refusal is not None:
        # As IMAPClient says it, so that a server which speaks of itself is told from one that refuses us.
        raise exceptions.LoginError(f"it takes no token of this account: {refusal}")


def _try(client: IMAPClient, server: Server, mechanism: Mechanism, token: str) -> str | None:
    """Log in by a token; None where that was done, else the words of the refusal."""
    conversation = Conversation(mechanism, server, token)
    try:
        client.sasl_login(mechanism.value, conversation.answer)
    except exceptions.LoginError as error:
        if isinstance(error.__context__, exceptions.IMAPClientAbortError):
            raise
        return in_words(f"{error} {conversation.refusal}", token, conversation.first)
    return None
