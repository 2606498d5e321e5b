"""What the pages name is there: tests, files, folders and functions of the repository, and pages that they point to."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from desk.intake.decide import RULES
from models.schema.metadata import metadata
from worker.runtime.bell import QUEUES

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + [*(ROOT / "docs").rglob("*.md")]
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
PATH_PAGE = "docs/architecture.md"
TEST = re.compile(r"`(test_\w+)::(test_\w+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
# A folder ends in a slash; a file may be followed by a name in it: `desk/intake/decide.py::RULES`.
PLACE = re.compile(
    r"(?<![\w./-])((?:desk|mail|models|worker|seed|bench|tests|templates|migrations)/(?:[\w.-]+/)*(?:[\w-]+(?:\.\w+)*)?)"
    r"(?:::([\w.]+))?(?![\w/])"
)
# A module written with dots would be a second notation, which nobody compares with the code.
DOTTED = re.compile(
    r"(?<!-m )(?<!-A )(?<![@\w-])(?![\w.-]*\.example\b)"
    r"(?:(?:desk|models|seed|bench)\.[a-z_]+|(?:mail|worker)\.[a-z_]+\.[a-z_]+)"
)
BACKQUOTED = re.compile(r"`([^`\n]+)`")
RULE_ROW = re.compile(r"^\| `(\w+)` \| `(desk/intake/[\w/]+\.py)` \| .+ \|$", re.MULTILINE)
# What the page of the path has between backquotes besides places, tests, tables, queues and keys of rules.
OTHER_WORDS = {"file.py::name", "mail", "desk", "models", "seed", "worker", "public", "fate", "from_start"}
OTHER_WORDS |= {"pyproject.toml", "supportdesk", "supportdesk.toml", "supportdesk explain"}
OTHER_WORDS |= {"limits.mail_seconds", "limits.mail_megabytes"}
CODE = ("mail", "desk", "models", "worker", "seed", "bench")
MOST_LINES_OF_A_SCREEN = 45


def text_of(name: str) -> str:
    """The text of a page, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_test_that_a_page_names_is_there(name: str) -> None:
    named = TEST.findall(text_of(name))

    missing = [f"{file}::{test}" for file, test in named if test not in names_in(file)]

    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_page_and_file_that_a_page_points_to_is_there(name: str) -> None:
    links = [link for link in LINK.findall(text_of(name)) if "://" not in link]

    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_folder_and_function_that_a_page_names_is_there(name: str) -> None:
    assert [place for place in places_in(text_of(name)) if not is_there(*place)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_module_with_dots(name: str) -> None:
    named = DOTTED.findall(text_of(name))

    # A column is named so, too.
    assert [words for words in named if words.rpartition(".")[0] not in metadata.tables] == []


@pytest.mark.parametrize(
    ("path", "inner", "there"),
    [
        ("desk/intake/", "", True),
        ("desk/intakes/", "", False),
        ("desk/intake/decide.py", "", True),
        ("desk/intake/gone.py", "", False),
        ("desk/intake/decide.py", "decide", True),
        ("desk/intake/decide.py", "RULES", True),
        ("desk/intake/decide.py", "replace", False),
        ("desk/intake/rule_names.py", "RuleName", True),
        ("mail/smtp/connection.py", "Connection.send", True),
        ("mail/smtp/connection.py", "Connection.sent", False),
    ],
)
def test_a_name_that_is_not_there_is_seen(path: str, inner: str, there: bool) -> None:
    assert is_there(path, inner) is there


def test_every_name_on_the_page_of_the_path_is_there() -> None:
    page = text_of(PATH_PAGE)
    known = {*OTHER_WORDS, *QUEUES.values(), *metadata.tables, *(str(name) for name, _ in RULES)}
    quoted = set(BACKQUOTED.findall(page)) - {"``"}

    unknown = [words for words in quoted if words not in known and not PLACE.fullmatch(words)]

    assert len(places_in(page)) > 100
    assert [words for words in unknown if not TEST.fullmatch(f"`{words}`")] == []


def test_the_path_of_a_mail_is_one_screen_and_its_steps_come_first() -> None:
    before, screen, _ = re.split(r"^```(?:text)?$", text_of(PATH_PAGE), maxsplit=2, flags=re.MULTILINE)

    steps = re.findall(r"^\d [A-Z]+ +(\S+)", screen, re.MULTILINE)
    assert [step.split("/")[1] for step in steps] == ["poll", "intake", "announce", "deliver"]
    assert len(before.splitlines()) + len(screen.splitlines()) <= MOST_LINES_OF_A_SCREEN
    assert max(map(len, screen.splitlines())) <= 120


def test_each_folder_has_one_line_on_the_page_of_the_path() -> None:
    rows = re.findall(r"^\| `([\w/]+/)` \| .+ \|$", text_of(PATH_PAGE), re.MULTILINE)

    there = {f"{path.parent.relative_to(ROOT)}/" for room in CODE for path in (ROOT / room).rglob("*.py")}
    there |= {f"{path.relative_to(ROOT)}/" for path in (ROOT / "tests").glob("*/") if path.name != "__pycache__"}
    there |= {f"{path.parent.relative_to(ROOT)}/" for path in (ROOT / "tests/support").rglob("*.py")}
    assert sorted(rows) == sorted({*there, "tests/support/"})


def test_the_table_of_rules_is_the_tuple_in_its_order() -> None:
    table = RULE_ROW.findall(text_of(PATH_PAGE))

    assert table == [(str(name), f"{rule.__module__.replace('.', '/')}.py") for name, rule in RULES]


def test_the_tests_of_the_security_page_are_found() -> None:
    named = TEST.findall(text_of("docs/security.md"))

    assert len(named) > 25


def names_in(file: str) -> set[str]:
    """The names of the tests in a file of this name in any of the test folders; none where there is no such file."""
    found = list((ROOT / "tests").rglob(f"{file}.py"))
    return set(re.findall(r"def (test_\w+)\(", found[0].read_text(encoding="utf-8"))) if found else set()


def places_in(page: str) -> list[tuple[str, str]]:
    """Each file or folder that a page names, with the name in that file, or an empty one."""
    return PLACE.findall(page)


def is_there(path: str, inner: str) -> bool:
    """Whether a file or folder exists, and defines the name: a class, function or constant, or `Class.method`."""
    if not (ROOT / path).exists():
        return False
    return not inner or inner in definitions(ROOT / path)


@cache
def definitions(file: Path) -> frozenset[str]:
    """What a module defines: its classes, functions and constants, and what its classes define, as `Class.method`."""
    names = set[str]()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        names |= defined_by(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for part in node.body for name in defined_by(part)}
    return frozenset(names)


def defined_by(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
