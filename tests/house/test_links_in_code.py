"""Comments and docstrings refer to headings of the pages in `docs/` that exist, and to no other document."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("mail", "desk", "models", "worker", "seed", "migrations", "bench", "tests")
LINK = re.compile(r"(docs/[\w/-]+\.md)#([\w-]*)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Two documents that are not in the repository; SQL's SECURITY DEFINER is another matter.
ABSENT = re.compile(r"\b(?:SECURITY(?! DEFINER)|DESIGN)\b")


def files_of(*folders: str) -> list[Path]:
    """The Python and TOML files at the top and in these folders of the repository."""
    inside = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".toml"})
    return sorted([*inside, *ROOT.glob("*.toml")])


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings as GitHub makes them: lower case, no punctuation, a dash for each space."""
    headings = HEADING.findall(CODE_BLOCK.sub("", page.read_text(encoding="utf-8")))
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_heading_that_code_refers_to_is_there() -> None:
    links = [(file, *link) for file in files_of(*ROOMS) for link in LINK.findall(file.read_text("utf-8"))]

    missing = [
        f"{file.relative_to(ROOT)}: {page}#{anchor}"
        for file, page, anchor in links
        if not (ROOT / page).is_file() or anchor not in anchors(ROOT / page)
    ]

    assert missing == []
    assert len(links) > 20


def test_no_file_refers_to_a_document_that_is_not_here() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    others = [file for file in (*files_of(*ROOMS), *pages) if file != Path(__file__)]

    named = [str(file.relative_to(ROOT)) for file in others if ABSENT.search(file.read_text(encoding="utf-8"))]

    assert named == []
