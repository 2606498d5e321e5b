"""Secrets that lie in files of their own, named by `*_file` keys."""

import stat
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, Final

from worker.settings.environment import LISTS, SECRETS
from worker.settings.keys import Path

# Stands for a secret that could not be read, so that its absence is not reported a second time.
UNREADABLE: Final = "unreadable" * 8
# A secret's file has mode 0640 at most: others may do nothing with it, and the group may read it.
FORBIDDEN: Final = 0o037


def named_files(data: dict[str, Any]) -> dict[Path, str]:
    """The files that hold secrets, as the tables name them, by the path of the key that each stands for."""
    return {
        (*path, key): str(table[f"{key}_file"])
        for path, table in _tables(data)
        for key in sorted(SECRETS)
        if f"{key}_file" in table
    }


def read_secrets(data: dict[str, Any], folder: FilePath) -> list[tuple[Path, str]]:
    """Replace each `*_file` key by the file's text without its last line break; paths are relative to `folder`.

    Returns the paths of keys that could not be followed, each with a sentence.
    """
    problems: list[tuple[Path, str]] = []
    for path, table in _tables(data):
        for key in sorted(SECRETS & {str(name).removesuffix("_file") for name in table if str(name).endswith("_file")}):
            sentence = _replace_by_text(table, key, folder)
            if sentence:
                problems.append(((*path, f"{key}_file"), sentence))
    return problems


def _tables(data: dict[str, Any], above: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name, value in data.items():
        entries = enumerate(value) if isinstance(value, list) else ()
        found = [((*above, name), value), *(((*above, name, number), table) for number, table in entries)]
        for path, table in found:
            if isinstance(table, dict):
                yield path, table
                yield from _tables(table, path)


def _replace_by_text(table: dict[str, Any], key: str, folder: FilePath) -> str | None:
    named = table.pop(f"{key}_file")
    if key in table:
        return f"give {key} or {key}_file, not both"
    table[key] = [UNREADABLE] if key in LISTS else UNREADABLE
    if not isinstance(named, str):
        return "must be the path of a file"
    try:
        mode = stat.S_IMODE((folder / named).stat().st_mode)
        if mode & FORBIDDEN:
            return f'"{named}" may be read by others (mode {mode:04o}); say chmod 640 or 600'
        text = (folder / named).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        return f'"{named}" cannot be read: {reason}'
    if not text:
        return f'"{named}" is empty'
    table[key] = text.split() if key in LISTS else text
    return None
