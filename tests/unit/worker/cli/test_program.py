"""The program itself: where options may stand, and what it says to a command that it does not know."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from worker.cli.main import main

MISSING = "nowhere.toml"


@pytest.mark.parametrize(
    "words",
    [
        ("--config", MISSING, "config", "check"),
        ("config", "--config", MISSING, "check"),
        ("config", "check", "--config", MISSING),
        ("config", "check", f"--config={MISSING}"),
    ],
)
def test_the_settings_file_is_named_before_or_after_the_command(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)

    assert result.exit_code == 2
    assert MISSING in result.output


def test_what_follows_two_dashes_is_nobodys_option(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["mail", "read", "--", "--config", MISSING])

    assert "--config: the file cannot be read" in result.output


@pytest.mark.parametrize(("word", "near"), [("tikcet", "ticket"), ("statsu", "status"), ("queue", "")])
def test_an_unknown_command_gets_the_nearest_one_named(word: str, near: str) -> None:
    result = CliRunner().invoke(main, [word])

    assert result.exit_code == 2
    told = f"Did you mean '{near}'?" if near else "`supportdesk --help` lists them."
    assert told in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_is_said(option: str) -> None:
    assert CliRunner().invoke(main, [option]).output.startswith("supportdesk")
