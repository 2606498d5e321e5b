"""The file of a password is read again when it changes, while a process runs."""

import os
from pathlib import Path

import pytest

from worker.runtime.services import imap_server, smtp_server
from worker.settings.load import load_settings
from worker.settings.model import Settings

GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")


def write(file: Path, text: str, mode: int = 0o600) -> None:
    """Put a file in place as a careful program does: whole, by a rename."""
    half = file.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.chmod(mode)
    half.replace(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    write(file, "old\n")
    return file


@pytest.fixture
def settings(file: Path) -> Settings:
    text = GOOD.replace('password = "imap-hush"', 'password_file = "password"', 1).replace(
        'host = "smtp.desk.example"', 'host = "smtp.desk.example"\nuser = "u"\npassword_file = "password"'
    )
    (file.parent / "supportdesk.toml").write_text(text, encoding="utf-8")
    return load_settings(file.parent / "supportdesk.toml", {})


def passwords(settings: Settings) -> tuple[str, str]:
    """Those of the next logins, to the mailbox and to the outgoing server."""
    limits = settings.limits
    return imap_server(settings.mailbox[0], limits).password, smtp_server(settings.smtp, limits).password


def test_the_next_login_has_the_new_password(settings: Settings, file: Path) -> None:
    first = passwords(settings)

    write(file, "new\n")

    assert (first, passwords(settings)) == (("old", "old"), ("new", "new"))


def test_a_file_that_is_written_over_in_its_place_is_seen_too(settings: Settings, file: Path) -> None:
    file.write_text("new\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))

    assert passwords(settings) == ("new", "new")


# What is found in the middle of a change, or after a mistake.
UNUSABLE = {"gone": None, "empty": ("", 0o600), "for all to read": ("new", 0o644)}


@pytest.mark.parametrize("state", UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used_leaves_the_password_until_it_can(
    settings: Settings, file: Path, state: tuple[str, int] | None
) -> None:
    file.unlink() if state is None else write(file, *state)
    meanwhile = passwords(settings)
    write(file, "newer")

    assert (meanwhile, passwords(settings)) == (("old", "old"), ("newer", "newer"))


def test_a_password_in_a_file_is_shown_nowhere(settings: Settings) -> None:
    assert "'old'" not in repr(settings.mailbox[0]) + str(settings.smtp)
