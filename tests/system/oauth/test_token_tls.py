"""Tokens are asked for over TLS, of a provider whose certificate can be checked."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail.auth.oauth.client import OAuthClient
from mail.auth.oauth.grants import renew
from mail.failures import TemporaryFailure
from tests.support.servers.certificates import make_certificate
from tests.support.servers.token_server import Provider, running_token_server
from worker.settings.sections.oauth import OAuthSettings


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `localhost`, which nobody trusts yet, and its key."""
    return make_certificate(tmp_path_factory.mktemp("pem"), "DNS:localhost")


@pytest.fixture
def provider(pem: tuple[Path, Path]) -> Iterator[Provider]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pem)
    with running_token_server(context) as provider:
        yield provider


def client(provider: Provider, host: str = "localhost") -> OAuthClient:
    table = provider.table(grant="client_credentials", token_url=f"https://{host}:{provider.port}/token")
    return OAuthSettings.model_validate(table).client("support@desk.example", 5)


def test_a_provider_that_is_trusted_gives_tokens(
    provider: Provider, pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    assert renew(client(provider), "", 0).access == "access-1-hush"


def test_a_provider_that_nobody_trusts_gets_no_secret(provider: Provider) -> None:
    with pytest.raises(TemporaryFailure, match=r"localhost:\d+ could not be asked for a token: .*certificate"):
        renew(client(provider), "", 0)

    assert provider.forms == []


def test_a_certificate_of_another_name_is_none(
    provider: Provider, pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem[0]))

    with pytest.raises(TemporaryFailure, match=r"certificate is not valid for '127\.0\.0\.1'|IP address mismatch"):
        renew(client(provider, "127.0.0.1"), "", 0)

    assert provider.forms == []
