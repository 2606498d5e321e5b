"""What the pages name is there: tests, files of the repository, and pages that they point to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + [*(ROOT / "docs").rglob("*.md")]
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
TEST = re.compile(r"`(test_\w+)::(test_\w+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
SOURCE = re.compile(r"`((?:desk|mail|models|worker|tests|bench|templates)/[\w/.-]+\.(?:py|txt|toml|json))`")


@pytest.mark.parametrize("name", NAMES)
def test_every_test_that_a_page_names_is_there(name: str) -> None:
    named = TEST.findall((ROOT / name).read_text(encoding="utf-8"))

    missing = [f"{file}::{test}" for file, test in named if test not in names_in(file)]

    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_page_and_file_that_a_page_names_is_there(name: str) -> None:
    page = ROOT / name
    text = page.read_text(encoding="utf-8")

    links = [page.parent / link for link in LINK.findall(text) if "://" not in link]
    missing = [str(file) for file in (*links, *(ROOT / file for file in SOURCE.findall(text))) if not file.exists()]

    assert missing == []


def test_the_tests_of_the_security_page_are_found() -> None:
    named = TEST.findall((ROOT / "docs/security.md").read_text(encoding="utf-8"))

    assert len(named) > 25


def names_in(file: str) -> set[str]:
    """The names of the tests in a file of this name in any of the test folders; none where there is no such file."""
    found = list((ROOT / "tests").rglob(f"{file}.py"))
    return set(re.findall(r"def (test_\w+)\(", found[0].read_text(encoding="utf-8"))) if found else set()
