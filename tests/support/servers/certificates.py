"""Certificates for servers of the tests, which nobody trusts yet."""

import shutil
import subprocess
from pathlib import Path

import pytest

REQUEST = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"


def make_certificate(place: Path, names: str, called: str = "certificate") -> tuple[Path, Path]:
    """A certificate for names such as DNS:localhost and its key, as files; the test is skipped without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to try TLS with")
    certificate, key = place / f"{called}.pem", place / f"{called}.key"
    words = [*REQUEST.split(), "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *words], check=True, capture_output=True, timeout=30)
    return certificate, key
