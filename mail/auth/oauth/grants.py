"""Tokens asked for at a provider, by authlib; what it refuses is a permanent failure (RFC 6749, section 5.2)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from authlib.oauth2.auth import TokenAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7521 import AssertionClient

from mail.auth.oauth.client import GrantType, OAuthClient, Provider, service_account
from mail.auth.oauth.tokens import Tokens, read_tokens
from mail.auth.oauth.transport import FormPost
from mail.auth.oauth.words import in_words
from mail.failures import PermanentFailure, TemporaryFailure

# The codes by which a provider speaks of itself (RFC 6749, section 4.1.2.1), and Microsoft's numbers that do.
_OF_ITSELF: Final = frozenset({"server_error", "temporarily_unavailable", "rate_limit_exceeded", "too_many_requests"})
_PASSING: Final = ("AADSTS90024", "AADSTS90025", "AADSTS90033", "AADSTS90055")
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenRefused(PermanentFailure):
    """The provider gives no token, by its `code` (RFC 6749, section 5.2); the message holds its words."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class _Refusal(Exception):
    """An error as authlib reads it from an answer."""

    def __init__(self, error: object = None, description: object = None) -> None:
        super().__init__()
        self.error, self.description = error, description


class _Client(OAuth2Client):  # type: ignore[misc]
    oauth_error_class = _Refusal


class _Assertion(AssertionClient):  # type: ignore[misc]
    oauth_error_class = _Refusal
    token_auth_class = TokenAuth


def library_client(client: OAuthClient, **more: Any) -> OAuth2Client:
    """The library's client for ours, over our own wire."""
    # RFC 6749, section 2.3.1 asks every server for the header; the two that are known document the form.
    with_secret = "client_secret_basic" if client.provider is Provider.CUSTOM else "client_secret_post"
    return _Client(
        FormPost(client.timeout),
        client.client_id,
        client.secret or None,
        token_endpoint_auth_method=with_secret if client.secret else "none",
        scope=" ".join(client.scopes),
        code_challenge_method="S256",
        **more,
    )


def renew(client: OAuthClient, refresh: str, now: int) -> Tokens:
    """Ask for new tokens: with the refresh token, the application's secret, or its key, as the grant is.

    `now` is in seconds since 1970 and dates what the key signs. Where the provider gives no new refresh token, the old
    one is returned. Raises TokenRefused or TemporaryFailure.
    """
    if client.grant is GrantType.CODE:
        session = library_client(client)
        return ask(client, lambda: session.refresh_token(client.endpoints.token, refresh_token=refresh), refresh)
    if client.grant is GrantType.CLIENT_CREDENTIALS:
        session = library_client(client)
        return ask(client, lambda: session.fetch_token(client.endpoints.token, grant_type=client.grant.value))
    return ask(client, lambda: _by_key(client, now))


def ask(client: OAuthClient, question: Callable[[], Mapping[str, Any]], *secrets: str) -> Tokens:
    """The tokens that a question of authlib's brings; `secrets` are kept out of what is told."""
    try:
        return read_tokens(question(), client.host)
    except _Refusal as refusal:
        code = str(refusal.error)
        words = in_words(f"{code}: {refusal.description}" if refusal.description else code, client.secret, *secrets)
    except (ValueError, TypeError):
        raise TemporaryFailure(f"{client.host} gave an answer that cannot be read as a token") from None
    message = f"{client.host} gives no token for {client.user}: {words}"
    if code in _OF_ITSELF or any(number in words for number in _PASSING):
        raise TemporaryFailure(message)
    raise TokenRefused(message, code)


def _by_key(client: OAuthClient, now: int) -> Mapping[str, Any]:
    # 6 MB that only service accounts need.
    from authlib.oauth2.rfc7523 import JWTBearerGrant  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    account = service_account(client.key)
    if account is None:
        raise PermanentFailure("The key file is not that of a service account")
    try:
        key = RSAKey.import_key(account["private_key"])
    except (ValueError, TypeError, JoseError):
        raise PermanentFailure("The private key in the service account's file cannot be read") from None
    session = _Assertion(
        FormPost(client.timeout),
        client.endpoints.token,
        account["client_email"],
        client.user,
        grant_type=JWT_BEARER,
        claims={"scope": " ".join(client.scopes)},
        key=key,
        header={"alg": "RS256", **({"kid": account["private_key_id"]} if "private_key_id" in account else {})},
        issued_at=now,
    )
    session.ASSERTION_METHODS = {JWT_BEARER: JWTBearerGrant.sign}
    answer: Mapping[str, Any] = session.refresh_token()
    return answer
