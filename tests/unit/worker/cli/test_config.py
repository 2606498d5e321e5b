"""`supportdesk config`: what is wrong with the settings, and where each value comes from."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from worker.cli.main import main

GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own to stand in, without a variable that sets something."""
    monkeypatch.chdir(tmp_path)
    for variable in ("DATABASE_URL", "REDIS_URL", "SUPPORTDESK_CONFIG"):
        monkeypatch.delenv(variable, raising=False)


def config(text: str, *words: str, mode: int = 0o600) -> Result:
    file = Path("supportdesk.toml")
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return CliRunner().invoke(main, ["config", *words])


def test_settings_without_a_mistake_are_fine() -> None:
    result = config(GOOD, "check")

    assert (result.exit_code, result.output) == (0, "supportdesk.toml: fine\n")


def test_each_mistake_is_a_sentence() -> None:
    result = config(GOOD.replace('name = "Desk"', "nam = 1").replace("[smtp]", "[smtp]\nport = 0"), "check")

    assert (result.exit_code, len(result.stderr.splitlines()), result.stdout) == (2, 3, "")


def test_a_secret_that_others_can_read_is_advice() -> None:
    result = config(GOOD, "check", mode=0o644)

    assert (result.exit_code, result.output.count("advice: "), result.output.splitlines()[-1]) == (
        1,
        5,
        "supportdesk.toml: can be used",
    )


def test_a_broken_template_is_a_mistake() -> None:
    Path("own/ticket-opened").mkdir(parents=True)
    Path("own/ticket-opened/subject.txt").write_text("{{ nobody }}", encoding="utf-8")

    result = config(f'{GOOD}\n[templates]\nfolder = "own"\n', "check")

    assert (result.exit_code, "nobody" in result.stderr) == (2, True)


def test_a_text_of_the_desk_that_cannot_be_used_is_advice_for_a_start_would_do() -> None:
    Path("macros").mkdir()
    Path("macros/refund.txt").write_text("\nDear {name},", encoding="utf-8")

    result = config(GOOD, "check")

    assert (result.exit_code, "refund.txt" in result.output, "names {name}" in result.output) == (1, True, True)


def test_a_file_that_is_not_there_is_a_mistake() -> None:
    result = CliRunner().invoke(main, ["config", "check"])

    assert (result.exit_code, result.stderr) == (
        2,
        "supportdesk.toml: there is no such file; `supportdesk init` writes one, SUPPORTDESK_CONFIG names it\n",
    )


def test_scripts_read_mistakes_and_advice() -> None:
    result = config(GOOD.replace('name = "Desk"', ""), "check", "--json")

    read = json.loads(result.stdout)
    assert (result.exit_code, read) == (
        2,
        {
            "file": str(Path("supportdesk.toml").absolute()),
            "mistakes": ["supportdesk.toml: desk.name: is missing"],
            "advice": [],
        },
    )


def test_every_value_is_shown_with_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush@h/d")

    lines = config(GOOD, "show").output.splitlines()

    assert lines[0] == f"The settings are those of {Path('supportdesk.toml').absolute()}."
    assert 'desk.name = "Desk"  (supportdesk.toml:3)' in lines
    assert 'database.url = "********"  (DATABASE_URL)' in lines
    assert "smtp.port = 465  (default)" in lines
    assert "smtp.user = not set  (default)" in lines


def test_scripts_read_every_value() -> None:
    read = json.loads(config(GOOD, "show", "--json").stdout)

    (port,) = (one for one in read["values"] if one["key"] == "smtp.port")
    assert port == {
        "key": "smtp.port",
        "value": 465,
        "origin": "default",
        "line": None,
        "variable": None,
        "secret_file": None,
    }
