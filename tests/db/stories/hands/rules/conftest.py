"""A folder with the settings of the example, on the database of the test."""

from pathlib import Path

import pytest

from tests.support.database.services import EXAMPLE, SECRET, Supportdesk


@pytest.fixture
def settings_here(monkeypatch: pytest.MonkeyPatch, supportdesk: Supportdesk, tmp_path: Path) -> Path:
    """The folder from which the program is run, which has `supportdesk.toml` and the secrets that it needs."""
    (tmp_path / "supportdesk.toml").write_bytes(EXAMPLE.read_bytes())
    values = {"REDIS_URL": "redis://127.0.0.1:1", "SUPPORTDESK_DESK__SECRET_KEY": SECRET}
    for name, value in (values | {"SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo"}).items():
        monkeypatch.setenv(name, value)
    return tmp_path
