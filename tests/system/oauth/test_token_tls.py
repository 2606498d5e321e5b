"""Tokens are asked for over TLS, of a provider whose certificate can be checked."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail.auth.oauth.client import OAuthClient
from mail.auth.oauth.grants import renew
from mail.failures import TemporaryFailure
from tests.support.servers.token_server import Provider, running_token_server
from worker.settings.sections.oauth import OAuthSettings

REQUEST = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `localhost`, which nobody trusts yet, and its key."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed, so there is no certificate to try TLS with")
    place = tmp_path_factory.mktemp("pem")
    certificate, key = place / "certificate.pem", place / "key.pem"
    words = [*REQUEST.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *words], check=True, capture_output=True, timeout=30)
    return certificate, key


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
