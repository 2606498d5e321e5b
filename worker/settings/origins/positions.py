"""On which line of the settings file each key stands. The text is TOML already; only its statements are told apart."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from worker.settings.keys import Path

# What may hold line breaks, brackets or number signs that mean nothing, each ended by its own quotes; then what counts.
_PIECE: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|[\[{]|[\]}]|\n|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """The line, from one, of each table and key of a TOML text; what stands in a value has the line of its key."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        if statement.startswith("["):
            table = _table(statement, counts)
            lines.setdefault(table, line)
        else:
            lines.update((path, line) for path in _paths(tomllib.loads(statement), table))
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header of a table and each key with its value, without comments, and the line on which it begins."""
    line, began, depth = 1, 1, 0
    parts: list[str] = []
    for piece in _PIECE.findall(text.replace("\r\n", "\n")):
        if piece == "\n" and depth == 0:
            if statement := "".join(parts).strip():
                yield began, statement
            parts.clear()
        elif not piece.startswith("#"):
            if not "".join(parts[:1]).strip():
                parts.clear()
                began = line
            parts.append(piece)
            depth += (piece in "[{") - (piece in "]}")
        line += piece.count("\n")
    if statement := "".join(parts).strip():
        yield began, statement


def _table(header: str, counts: dict[Path, int]) -> Path:
    """The path of a header; of an array of tables the newest entry is meant (TOML 1.0, Array of Tables)."""
    is_entry = header.startswith("[[")
    names = _deepest(tomllib.loads(header.replace("[[", "[", 1).replace("]]", "]", 1) if is_entry else header))
    path: Path = ()
    for place, name in enumerate(names, 1):
        path = (*path, name)
        if is_entry and place == len(names):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _deepest(table: dict[str, Any]) -> tuple[str, ...]:
    """The one chain of names of a header's table."""
    names: list[str] = []
    while table:
        ((name, table),) = table.items()
        names.append(name)
    return tuple(names)


def _paths(value: Any, above: Path) -> Iterator[Path]:
    """Every path below a value that is a table or a list."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield (*above, step)
        yield from _paths(below, (*above, step))
