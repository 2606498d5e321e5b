"""The command lines that the pages show: in blocks for a terminal, between backquotes, and in the systemd units."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
# What the page of the commands shows is made from the commands themselves, and a decision may speak of what is gone.
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "supportdesk.toml")]
    + [
        page
        for page in (ROOT / "docs").rglob("*.md")
        if not {page.name, page.parent.name} & {"commands.md", "decisions"}
    ]
)
UNITS = sorted((ROOT / "docs/systemd").glob("*.service"))
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"^\$ (.+)$", re.MULTILINE)
INLINE = re.compile(r"`((?:supportdesk|celery|make|sudo|docker)\s[^`]+)`")
STARTS = re.compile(r"^ExecStart=(.+)$", re.MULTILINE)
COMMENT = re.compile(r"\s+# .*$")
FOLDER = re.compile(r"^/opt/supportdesk/bin/")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command line without its comment, and the first place that shows it; `in_block`: as one that is typed."""

    line: str
    place: str
    in_block: bool


def shown_commands() -> list[Shown]:
    """Each command line once, sorted; a place where it is typed comes before one where it is only named."""
    found: dict[str, Shown] = {}
    for one in _all():
        known = found.get(one.line)
        if known is None or (one.in_block and not known.in_block):
            found[one.line] = one
    return [found[line] for line in sorted(found)]


def _all() -> Iterator[Shown]:
    for page in PAGES:
        text, place = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        for block in CONSOLE.findall(text):
            yield from (Shown(COMMENT.sub("", line).rstrip(), place, True) for line in PROMPT.findall(block))
        for line in INLINE.findall(FENCED.sub("", text)):
            # In a comment of the settings a line may go on behind the next number sign.
            yield Shown(" ".join(re.sub(r"\n# ", " ", line).split()), place, False)
    for unit in UNITS:
        place = unit.relative_to(ROOT).as_posix()
        for line in STARTS.findall(unit.read_text(encoding="utf-8")):
            yield Shown(FOLDER.sub("", line), place, True)
