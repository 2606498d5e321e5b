"""The layout: few doors on each floor, names that say what is behind them, one meaning for each class name."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The rooms of the product, and what stands beside it.
ROOMS = ("mail", "desk", "models", "worker", "seed")
FLOORS = (*ROOMS, "bench", "tests")
# A dozen doors are seen at one look.
MOST_DOORS = 12
# Folders of like files with one signature, which one table lists: they may hold any number. The others hold mails.
SHELVES = {"worker/cli/commands", "desk/commands/each", "bench/speed/sections", "tests/mails", "seed/story/mails"}
# Names that say nothing, and words that need a noun beside them.
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|common|managers?)(?:_|$)")
RIDDLES = {
    *("said", "told", "seen", "done", "made", "sent", "given", "taken", "asked", "known", "written"),
    *("before", "behind", "after", "beside", "above", "below"),
}
# What the web application calls so, and what the desk makes of its row.
TWO_ROOMS = {"Ticket"}


def folders() -> list[Path]:
    """Each folder of code or tests, from the root."""
    below = (path for room in FLOORS for path in (ROOT / room, *(ROOT / room).rglob("*")) if path.is_dir())
    return [path.relative_to(ROOT) for path in below if "__" not in path.name and not path.name.startswith(".")]


def doors(folder: Path) -> list[str]:
    """What one sees when one opens a folder: its files of code and its folders."""
    inside = (ROOT / folder).iterdir()
    names = [path.name for path in inside if path.is_dir() or path.suffix == ".py"]
    return sorted(name for name in names if not name.startswith((".", "__")))


@pytest.mark.parametrize("folder", [str(folder) for folder in folders() if str(folder) not in SHELVES])
def test_a_folder_has_a_dozen_doors_at_most(folder: str) -> None:
    assert len(doors(Path(folder))) <= MOST_DOORS


def test_no_file_bears_the_name_of_its_folder() -> None:
    doubled = [f"{folder}/{name}" for folder in folders() for name in doors(folder) if name == f"{folder.name}.py"]

    assert doubled == []


def test_no_two_files_begin_with_a_word_that_a_folder_could_say() -> None:
    prefixes = {
        str(folder): [word for word, times in Counter(first_words(folder)).items() if times > 1]
        for folder in folders()
        if folder.parts[0] != "tests"
    }

    assert {folder: words for folder, words in prefixes.items() if words} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    names = {(str(folder), name.removesuffix(".py")) for folder in folders() for name in (folder.name, *doors(folder))}

    vague = [f"{folder}: {name}" for folder, name in names if VAGUE.search(name) or name in RIDDLES]

    assert vague == []


def test_each_folder_of_code_says_what_it_is_for() -> None:
    code = [folder for folder in folders() if folder.parts[0] in ROOMS and list((ROOT / folder).glob("*.py"))]

    silent = [str(folder) for folder in code if not (ROOT / folder / "__init__.py").is_file()]

    assert code
    assert silent == []


def test_a_class_name_means_one_thing_in_all_rooms() -> None:
    rooms: dict[str, set[str]] = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    rooms.setdefault(node.name, set()).add(room)

    shared = {name: sorted(where) for name, where in rooms.items() if len(where) > 1}

    assert shared.keys() == TWO_ROOMS, shared


def first_words(folder: Path) -> list[str]:
    """The first word of each file of a folder that has several words for its name."""
    return [name.partition("_")[0] for name in doors(folder) if "_" in name]
