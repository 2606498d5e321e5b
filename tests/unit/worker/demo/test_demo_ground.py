"""The folder that a demo works in: its own while it runs, private, and below the user's cache folder."""

import os
from pathlib import Path

import pytest

from worker.demo.ground import existing_servers, only_these_settings, own_folder


def test_two_demos_at_once_have_a_folder_each(tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path)}

    with own_folder(environ) as one, own_folder(environ) as other:
        assert one != other


def test_a_demo_begins_in_an_empty_folder_that_nobody_else_can_read(tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    with own_folder(environ) as folder:
        (folder / "worker.log").write_text("from the demo before")

    with own_folder(environ) as folder:
        found = list(folder.iterdir())

    assert found == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_cache_folder_that_is_no_absolute_path_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with own_folder({"XDG_CACHE_HOME": "cache"}) as folder:
        assert folder == tmp_path / ".cache" / "supportdesk" / "demo" / "1"


def test_the_children_see_the_settings_of_the_demo_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_DESK__NAME", "Another desk")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/desk")

    with only_these_settings(Path("/somewhere/supportdesk.toml")):
        seen = {name: value for name, value in os.environ.items() if name.startswith(("SUPPORTDESK_", "DATABASE_"))}

    assert seen == {"SUPPORTDESK_CONFIG": "/somewhere/supportdesk.toml"}
    assert os.environ["SUPPORTDESK_DESK__NAME"] == "Another desk"


def test_servers_that_are_named_need_not_be_started() -> None:
    existing = existing_servers({"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "", "PG_BIN": "/usr/lib/pg/bin"})

    assert existing.database_url == "postgresql://x/y"
    assert existing.redis_url is None
    assert existing.pg_bin == Path("/usr/lib/pg/bin")
