"""The folder of texts: what it holds now, read again when it changes, and the sentence for a file that is no text."""

import os
from pathlib import Path

import pytest

from desk.commands.arguments.macros import Macro
from worker.settings.load import ConfigFailure, load_settings
from worker.settings.sections.macros import LARGEST, MOST, MacroFolder

GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")


def keep(folder: Path, **texts: bytes | str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in texts.items():
        (folder / f"{name}.txt").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_a_folder_that_is_not_there_has_no_texts_and_no_trouble(tmp_path: Path) -> None:
    folder = MacroFolder(tmp_path / "macros")

    assert (folder.read(), folder.troubles) == ({}, ())


def test_texts_are_read_again_where_a_file_comes_changes_or_goes(tmp_path: Path) -> None:
    place = tmp_path / "macros"
    folder = MacroFolder(place)
    seen = [folder.read()]
    keep(place, refund="\nOne.")
    seen.append(folder.read())
    keep(place, refund="\nTwo.", bye="\nBye.")
    os.utime(place / "refund.txt", ns=(1, 1))
    seen.append(folder.read())
    (place / "refund.txt").unlink()
    seen.append(folder.read())

    one, two, bye = Macro("One."), Macro("Two."), Macro("Bye.")
    assert seen == [{}, {"refund": one}, {"bye": bye, "refund": two}, {"bye": bye}]


def test_nothing_is_read_again_where_nothing_changed(tmp_path: Path) -> None:
    folder = MacroFolder(keep(tmp_path / "macros", refund="\nOne."))

    assert folder.read() is folder.read()


TROUBLES = [
    ("x", "Hello:\n\nBye.", 'begins with "Hello:"'),
    ("x", "\n{who}", "names {who}"),
    ("x", b"\n\xff", "is not UTF-8 text"),
    ("x", "\n" + "a" * LARGEST, "is larger than 10 kB"),
    ("x", "", "holds no words and changes nothing"),
    ("a b", "\nHello.", "needs a name of letters, digits, - and _"),
]


@pytest.mark.parametrize(("name", "content", "trouble"), TROUBLES, ids=range(len(TROUBLES)))
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, content: bytes | str, trouble: str
) -> None:
    place = keep(tmp_path / "macros", **{name: content, "good": "\nHello."})
    folder = MacroFolder(place)

    assert folder.read() == {"good": Macro("Hello.")} | ({} if " " in name else {name: None})
    (told,) = folder.troubles
    assert told.startswith(f'"{place / name}.txt" {trouble}')


def test_other_files_hidden_ones_and_folders_are_no_texts(tmp_path: Path) -> None:
    place = keep(tmp_path / "macros", **{".hidden": "?"})
    (place / "README.md").write_text("?")
    (place / "folder.txt").mkdir()
    (place / "gone.txt").symlink_to(place / "nothing")
    folder = MacroFolder(place)

    assert (folder.read(), folder.troubles) == ({}, ())


def test_of_a_great_many_files_the_first_are_read(tmp_path: Path) -> None:
    folder = MacroFolder(keep(tmp_path / "macros", **{f"t{number:04}": "\nHi." for number in range(MOST + 1)}))

    assert (len(folder.read()), folder.troubles[0].partition(" holds ")[2][:14]) == (MOST, "more than 500 ")


SETTINGS = [
    ("", None, "macros"),
    ('macros = "texts"', "texts", "texts"),
]


@pytest.mark.parametrize(("line", "made", "name"), SETTINGS)
def test_the_folder_stands_beside_the_file_of_settings(tmp_path: Path, line: str, made: str | None, name: str) -> None:
    (tmp_path / "supportdesk.toml").write_text(GOOD.replace('name = "Desk"', f'name = "Desk"\n{line}', 1))
    if made:
        (tmp_path / made).mkdir()

    assert load_settings(tmp_path / "supportdesk.toml", {}).desk.macros == tmp_path / name


def test_a_folder_that_is_named_and_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "supportdesk.toml").write_text(GOOD.replace('name = "Desk"', 'name = "Desk"\nmacros = "texts"', 1))

    with pytest.raises(ConfigFailure, match="is no folder"):
        load_settings(tmp_path / "supportdesk.toml", {})
