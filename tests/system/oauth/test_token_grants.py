"""Tokens asked for at a provider on this machine: by each grant, and what its refusals and its troubles become."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from mail.auth.oauth.client import GrantType, OAuthClient
from mail.auth.oauth.consent import (
    ConsentRefused,
    DeviceConsent,
    answered_on_device,
    ask_in_browser,
    ask_on_device,
    redeem,
)
from mail.auth.oauth.grants import TokenRefused, renew
from mail.auth.oauth.tokens import Tokens
from mail.failures import PermanentFailure, TemporaryFailure
from tests.support.servers.token_server import CLIENT, PAGE, SECRET, Provider
from worker.settings.sections.oauth import OAuthSettings

USER = "support@desk.example"
NOW = 1_800_000_000


def client_of(here: Provider, **more: Any) -> OAuthClient:
    return OAuthSettings.model_validate(here.table(**more)).client(USER, 2)


def test_a_refresh_token_is_changed_for_new_tokens(provider: Provider) -> None:
    provider.refresh = "old-hush"

    tokens = renew(client_of(provider), "old-hush", NOW)

    assert tokens == Tokens("access-1-hush", "refresh-1-hush", 3600, None, "mail")
    form = {"grant_type": "refresh_token", "refresh_token": "old-hush", "scope": "mail"}
    assert provider.forms == [{**form, "client_id": CLIENT, "client_secret": SECRET}]


def test_a_provider_that_gives_no_new_refresh_token_leaves_the_old_one_good(provider: Provider) -> None:
    provider.troubles = [(200, json.dumps({"access_token": "a", "expires_in": 60}).encode())]

    assert renew(client_of(provider), "old-hush", NOW) == Tokens("a", "old-hush", 60)


def test_an_application_asks_with_its_secret_alone(provider: Provider) -> None:
    tokens = renew(client_of(provider, grant="client_credentials"), "", NOW)

    assert tokens.access == "access-1-hush"
    assert provider.grants == ["by secret"]


def test_an_application_without_a_secret_names_itself(provider: Provider) -> None:
    provider.refresh = "old-hush"

    renew(client_of(provider, client_secret=None), "old-hush", NOW)

    assert provider.forms[0]["client_id"] == CLIENT
    assert "client_secret" not in provider.forms[0]


def test_google_and_microsoft_get_the_secret_in_the_form(provider: Provider) -> None:
    provider.refresh = "old-hush"

    renew(client_of(provider, provider="microsoft"), "old-hush", NOW)

    assert (provider.forms[0]["client_id"], provider.forms[0]["client_secret"]) == (CLIENT, SECRET)


def test_a_service_account_signs_for_the_mailbox_by_the_time_that_it_is_given(provider: Provider) -> None:
    private = generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = json.dumps({"client_email": "robot@project.example", "private_key": pem, "private_key_id": "k1"})

    renew(client_of(provider, grant="service_account", key=key), "", NOW)

    signed = jwt.decode(provider.forms[0]["assertion"], RSAKey.import_key(pem))
    claims = {name: signed.claims[name] for name in ("iss", "sub", "aud", "scope", "iat", "exp")}
    who = {"iss": "robot@project.example", "sub": USER, "aud": f"{provider.address}/token", "scope": "mail"}
    assert claims == {**who, "iat": NOW, "exp": NOW + 3600}
    assert signed.header == {"alg": "RS256", "kid": "k1", "typ": "JWT"} or signed.header["kid"] == "k1"


def test_a_key_that_is_none_is_said_so(provider: Provider) -> None:
    key = json.dumps({"client_email": "robot@project.example", "private_key": "hush"})

    with pytest.raises(PermanentFailure, match="private key in the service account's file cannot be read") as caught:
        renew(client_of(provider, grant="service_account", key=key), "", NOW)

    assert "hush" not in str(caught.value)


REFUSALS = [
    (400, "invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: 7"),
    (401, "invalid_client", "AADSTS7000215: Invalid client secret is provided."),
    (400, "invalid_scope", None),
    (400, "unauthorized_client", 'The "client" may not do this: n\u00f6.'),
]


@pytest.mark.parametrize(("status", "code", "words"), REFUSALS, ids=[code for _, code, _ in REFUSALS])
def test_a_refusal_is_permanent_and_told_in_the_providers_words(
    provider: Provider, status: int, code: str, words: str | None
) -> None:
    error = {"error": code, **({"error_description": words} if words else {})}
    provider.troubles = [(status, json.dumps(error).encode())]

    with pytest.raises(TokenRefused) as caught:
        renew(client_of(provider), "old-hush", NOW)

    told = f"{code}: {' '.join(words.split())}" if words else code
    assert str(caught.value) == f"127.0.0.1:{provider.port} gives no token for {USER}: {told}"
    assert caught.value.code == code


TROUBLES = [
    (200, PAGE, 'answered 200 with a page, "Service Unavailable"'),
    (503, PAGE, 'answered 503 with a page, "Service Unavailable"'),
    (403, PAGE, 'answered 403 with a page, "Service Unavailable"'),
    (302, b"", "answered 302 with nothing"),
    (429, b"slow down", "answered 429 with something else"),
    (500, b'{"error": "invalid_grant"}', "answered 500 with something else"),
    (200, b"[]", "answered 200 with something else"),
    (200, b"{}", "gave an answer without a token"),
    (200, b'{"access_token": "a", "expires_in": "soon"}', "gave an answer that cannot be read as a token"),
    (400, b'{"error": "temporarily_unavailable"}', "temporarily_unavailable"),
    (400, b'{"error": "invalid_grant", "error_description": "AADSTS90033: A transient error"}', "AADSTS90033"),
]


@pytest.mark.parametrize(("status", "body", "told"), TROUBLES, ids=[told for _, _, told in TROUBLES])
def test_trouble_of_the_provider_itself_passes(provider: Provider, status: int, body: bytes, told: str) -> None:
    provider.troubles = [(status, body)]

    with pytest.raises(TemporaryFailure) as caught:
        renew(client_of(provider), "old-hush", NOW)

    assert told in str(caught.value)


def test_no_secret_that_a_provider_repeats_is_told(provider: Provider) -> None:
    words = f"bad refresh token old-hush of client {SECRET}"
    provider.troubles = [(400, json.dumps({"error": "invalid_grant", "error_description": words}).encode())]

    with pytest.raises(TokenRefused, match=r"bad refresh token \.\.\. of client \.\.\.") as caught:
        renew(client_of(provider), "old-hush", NOW)

    assert "hush" not in str(caught.value)


def test_a_provider_that_does_not_answer_is_left_after_the_limit(provider: Provider) -> None:
    provider.slow = 1.0

    with pytest.raises(TemporaryFailure, match=r"it took longer than 0\.2 seconds in all"):
        renew(replace(client_of(provider), timeout=0.2), "old-hush", NOW)


def test_a_provider_that_is_away_passes(provider: Provider) -> None:
    away = client_of(provider, token_url="http://127.0.0.1:1/token")

    with pytest.raises(TemporaryFailure, match=r"127\.0\.0\.1:1 could not be asked for a token: .*refused"):
        renew(away, "old-hush", NOW)


def test_a_browsers_consent_brings_tokens(provider: Provider) -> None:
    client = client_of(provider)
    consent = ask_in_browser(client, "http://127.0.0.1:1")
    answer: dict[str, str] = {}
    with pytest.raises(OSError, match="refused"):
        provider.agree(consent.address)
    answer = {"code": next(iter(provider.challenges)), "state": consent.state}

    assert redeem(client, consent, answer).refresh == "refresh-2-hush"
    assert provider.forms[0]["redirect_uri"] == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"code": "c", "state": "another"}, "belongs to another question"),
        ({"code": "c"}, "belongs to another question"),
        ({"state": "OURS", "error": "access_denied", "error_description": "no\r\nway"}, "says: access_denied no way"),
        ({"state": "OURS"}, "says: nothing, and gave no code"),
    ],
)
def test_an_answer_that_is_no_consent_is_refused(provider: Provider, answer: dict[str, str], told: str) -> None:
    client = client_of(provider)
    consent = ask_in_browser(client, "http://127.0.0.1:1")
    ours = {name: value.replace("OURS", consent.state) for name, value in answer.items()}

    with pytest.raises(ConsentRefused, match=told):
        redeem(client, consent, ours)

    assert provider.forms == []


def test_a_device_is_asked_again_until_somebody_agreed(provider: Provider) -> None:
    client, provider.pending = client_of(provider), 1
    consent = ask_on_device(client)
    provider.troubles = [(400, b'{"error": "slow_down"}')]

    slower = answered_on_device(client, consent)
    assert isinstance(slower, DeviceConsent)
    same = answered_on_device(client, slower)
    tokens = answered_on_device(client, consent)

    assert slower.interval == consent.interval + 5
    assert same == slower
    assert isinstance(tokens, Tokens)
    assert "hush" not in repr((consent, tokens))


def test_whoever_declines_on_the_device_ends_it(provider: Provider) -> None:
    client = client_of(provider)
    consent = ask_on_device(client)
    provider.troubles = [(400, b'{"error": "access_denied"}')]

    with pytest.raises(TokenRefused, match="access_denied"):
        answered_on_device(client, consent)


def test_a_client_with_all_its_secrets_prints_none(provider: Provider) -> None:
    client = client_of(provider, grant="service_account", key='{"client_email": "a", "private_key": "key-hush"}')

    assert "hush" not in repr(client)
    assert client.grant is GrantType.SERVICE_ACCOUNT
