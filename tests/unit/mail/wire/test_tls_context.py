"""One TLS context serves all IMAP connections of a process, until the authorities that it trusts are others."""

import os
from pathlib import Path

import pytest

from mail.imap.connection import tls_context

LATER = 10**9


@pytest.fixture
def authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that names whom this process trusts, which is nobody yet."""
    file = tmp_path / "authorities.pem"
    file.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def test_connections_share_one_context(authorities: Path) -> None:
    assert tls_context() is tls_context()


def test_authorities_that_are_replaced_are_read_anew(authorities: Path) -> None:
    before = tls_context()

    os.utime(authorities, ns=(LATER, LATER))

    assert tls_context() is not before


def test_other_authorities_are_another_context(
    authorities: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = tls_context(), tmp_path / "other.pem"
    other.touch()
    os.utime(other, ns=(authorities.stat().st_atime_ns, authorities.stat().st_mtime_ns))

    monkeypatch.setenv("SSL_CERT_FILE", str(other))

    assert tls_context() is not before
