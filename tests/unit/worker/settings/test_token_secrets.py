"""What a mailbox asks for tokens with is read again when its file changes, while a process runs."""

import json
import logging
from pathlib import Path

import pytest

from worker.settings.load import load_settings
from worker.settings.model import Settings

GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")
APPLICATION = 'oauth = { provider = "microsoft", client_id = "c", client_secret_file = "hush" }'
ACCOUNT = 'oauth = { provider = "google", grant = "service_account", key_file = "hush" }'


def an_account(name: str) -> str:
    return json.dumps({"client_email": f"{name}@project.example", "private_key": "-----BEGIN"})


OLD, NEW = an_account("old"), an_account("new")
# How the table stands, what its file holds at first, what it is changed to, and what may stand in it half-way.
KINDS: dict[str, tuple[str, str, str, list[str | bytes | None]]] = {
    "client secret": (APPLICATION, "old", "new", ["", None, b"\xff"]),
    "service account": (ACCOUNT, OLD, NEW, ["", None, NEW[:-9], "{}", "null"]),
}
HALF_WAY = [(kind, half) for kind, (_, _, _, halves) in KINDS.items() for half in halves]


def write(file: Path, text: str | bytes | None) -> None:
    """Write over a file in its place; None takes it away."""
    if text is None:
        file.unlink()
        return
    file.touch(mode=0o600)
    file.write_bytes(text if isinstance(text, bytes) else f"{text}\n".encode())


def settings_in(folder: Path, kind: str) -> Settings:
    table, first, _, _ = KINDS[kind]
    write(folder / "hush", first)
    (folder / "supportdesk.toml").write_text(GOOD.replace('password = "imap-hush"', table, 1), encoding="utf-8")
    return load_settings(folder / "supportdesk.toml", {})


def asked_with(settings: Settings) -> str:
    """What the next question for a token goes with."""
    oauth = settings.mailbox[0].oauth
    assert oauth is not None
    client = oauth.client("support@desk.example", 5)
    return client.secret or client.key


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_question_for_a_token_goes_with_what_the_file_has_now(tmp_path: Path, kind: str) -> None:
    _, old, new, _ = KINDS[kind]
    settings = settings_in(tmp_path, kind)
    first = asked_with(settings)

    write(tmp_path / "hush", new)

    assert (first, asked_with(settings)) == (old, new)


@pytest.mark.parametrize(("kind", "half"), HALF_WAY)
def test_a_half_written_file_leaves_the_old_with_one_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, half: str | bytes | None
) -> None:
    _, old, new, _ = KINDS[kind]
    settings = settings_in(tmp_path, kind)

    write(tmp_path / "hush", half)
    meanwhile = [asked_with(settings), asked_with(settings)]
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    write(tmp_path / "hush", new)

    assert (meanwhile, asked_with(settings)) == ([old, old], new)
    assert [line.startswith(f"{tmp_path}/hush ") for line in lines] == [True]
    assert lines[0].endswith("; what it held before is used on")


def test_no_line_of_the_log_holds_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    settings = settings_in(tmp_path, "service account")

    for text in ('{"private_key": "half-hush"', an_account("new-hush")):
        write(tmp_path / "hush", text)
        asked_with(settings)

    assert len(caplog.records) == 2
    assert not [record for record in caplog.records if "-hush" in record.getMessage()]
