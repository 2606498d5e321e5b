"""The rules of a settings file with their lines, where some cannot be used and where the file has nothing else."""

from pathlib import Path

import pytest

from worker.settings.load import ConfigFailure
from worker.settings.origins.rules import load_rules

GOOD = (Path(__file__).parents[3] / "settings/good.toml").read_text(encoding="utf-8")
RULES = """[routing]
default = { role = "admin" }

[[rule]]
name = "fine"
when = "sender.is_new"
then = { priority = "high" }

[[rule]]
name = "typo"
when = 'sendr.is_new'
then = { priority = "high" }

[[rule]]
name = "colour"
when = "true"
then = { priority = "red" }

[[rule]]
name = "key"
when = "true"
then = { priority = "low", colour = "red" }

[[rule]]
name = "fine"
when = "true"
then = {}

[[rule]]
name = "fine"
when = "true"
then = { priority = "low" }
"""
WHY = [
    ("typo", 9, 'there is no "sendr"; did you mean "sender"?'),
    ("colour", 14, 'then.priority: must be one of low, medium, high, not "red"'),
    ("key", 19, "then.colour: is not a known key; there are priority, category, assign, drop"),
    ("fine", 24, '"then" sets nothing; give it priority, category, assign or drop'),
    ("fine", 29, "another rule has the same name"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "supportdesk.toml"
    file.write_text(GOOD, encoding="utf-8")
    return file


def test_each_rule_that_cannot_be_used_has_its_line_and_the_others_are_read(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(RULES, encoding="utf-8")

    read = load_rules(settings, tmp_path / "new.toml", {})

    assert [(one.name, one.line, one.sentence) for one in read.unusable] == WHY
    assert [rule.name for rule in read.settings.rule] == ["fine"]
    assert (read.lines, read.default_line) == ((4,), 2)
    assert read.settings.routing.default.role == "admin"
    assert read.settings.desk.name == "Desk"


def test_a_whole_file_is_read_as_such(settings: Path) -> None:
    read = load_rules(None, settings, {})

    assert [rule.name for rule in read.settings.rule] == ["Invoices"]
    assert load_rules(settings, None, {}) == read


BAD = {
    "a file without rules": ("[desk]\nname = 'x'\n", "has no [[rule]] table, so there is no rule to try"),
    "a file that is no TOML": ("[[rule", "is not TOML"),
    "a rule that is no table": ("rule = 7", "rule: must be a list"),
    "a mistake elsewhere": (GOOD.replace('name = "Desk"', 'nam = "Desk"'), "desk.nam: is not a known key"),
    "a mistake in the default": (
        RULES.replace('role = "admin"', 'role = "boss"'),
        "routing.default.role: must be one of",
    ),
}


@pytest.mark.parametrize(("text", "told"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used_is_said_with_its_name(settings: Path, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "new.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigFailure) as caught:
        load_rules(settings, file, {})

    assert f"{file}: {told}" in str(caught.value)


def test_a_file_that_is_not_there_is_said(settings: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure, match=r"gone\.toml: there is no such file, so there is no rule to try$"):
        load_rules(settings, tmp_path / "gone.toml", {})
