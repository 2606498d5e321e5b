"""The settings that `supportdesk init` writes: what a start would not take is not put there, and they come last."""

from pathlib import Path

import pytest

from worker.cli.setup.placing import place
from worker.settings.load import ConfigFailure

GOOD = (Path(__file__).parents[3] / "settings/good.toml").read_text(encoding="utf-8")
PASSWORD = {"secrets/support_password": "hush"}


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_settings_that_a_start_would_not_take_are_not_put_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure, match="colour"):
        place(tmp_path / "supportdesk.toml", GOOD + '[colour]\nof = "red"\n', PASSWORD)

    assert left(tmp_path) == []


def test_where_a_secret_cannot_be_put_there_no_settings_name_it(tmp_path: Path) -> None:
    in_its_place = tmp_path / "secrets/support_password"
    in_its_place.mkdir(parents=True)

    with pytest.raises(IsADirectoryError):
        place(tmp_path / "supportdesk.toml", GOOD, PASSWORD)

    assert left(tmp_path) == []
