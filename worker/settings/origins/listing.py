"""Every value of the settings, with where it came from and with secrets masked; and which secrets others can read."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from enum import Enum
from pathlib import Path as FilePath
from typing import Any, Final, Literal

from pydantic import SecretStr

from worker.settings.environment import SECRETS
from worker.settings.keys import Path, entry_of, keys_of
from worker.settings.load import Loaded
from worker.settings.messages import key_name
from worker.settings.model import Settings
from worker.settings.origins.positions import lines_of
from worker.settings.secrets import FORBIDDEN

MASK: Final = "********"


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its key in words, the value itself (a secret is masked), and where it came from.

    `origin` is "file", "environment" or "default". `line` counts from one and is that of the settings file, `variable`
    is the environment variable, and `secret_file` names the file that a secret was read from.
    """

    key: str
    value: Any
    origin: Literal["file", "environment", "default"]
    line: int | None = None
    variable: str | None = None
    secret_file: str | None = None


def values(loaded: Loaded) -> Iterator[Value]:
    """Every value of the settings, in the order of their sections."""
    lines = lines_of(loaded.text)
    names = loaded.settings.model_dump(include={"mailbox": {"__all__": {"name"}}, "rule": {"__all__": {"name"}}})
    names["report"] = [{"name": report.name} for report in loaded.settings.report]
    for path, value in _leaves(Settings, loaded.settings):
        # A secret that lies in a file of its own stands under another key.
        secret_file = loaded.secret_files.get(path)
        stands = path if secret_file is None else (*path[:-1], f"{path[-1]}_file")
        variable, line = _first(stands, loaded.variables), _first(stands, lines)
        key = key_name(path, names)
        if variable:
            yield Value(key, value, "environment", variable=variable, secret_file=secret_file)
        elif line and stands in lines:
            yield Value(key, value, "file", line=line, secret_file=secret_file)
        else:
            yield Value(key, value, "default")


def bare_secrets(loaded: Loaded) -> Iterator[str]:
    """A sentence for each secret that stands in the settings file itself, where others can read that file."""
    mode = stat.S_IMODE(loaded.file.stat().st_mode)
    if not mode & FORBIDDEN:
        return
    for value in values(loaded):
        if value.value == MASK and value.line and value.secret_file is None:
            last = value.key.replace(" ", ".").rpartition(".")[2]
            yield (
                f"{loaded.file}:{value.line}: {value.key} stands in a file that others can read (mode {mode:04o});"
                f" put it into a file of its own, named by {last}_file, or say chmod 640 or 600"
            )


def _leaves(kind: Any, value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no table, as JSON has it."""
    entry = entry_of(kind)
    if keys_of(kind) and value is not None:
        for name, inner in keys_of(kind).items():
            yield from _leaves(inner, getattr(value, name), (*path, name))
    elif keys_of(entry):
        for number, table in enumerate(value):
            yield from _leaves(entry, table, (*path, number))
    else:
        yield path, _plain(value, is_secret=path[-1] in SECRETS)


def _plain(value: Any, *, is_secret: bool) -> Any:
    if is_secret or isinstance(value, SecretStr):
        return MASK if value else value if value is None else []
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, FilePath):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one, is_secret=False) for one in value]
    return value.value if isinstance(value, Enum) else value


def _first(path: Path, known: Any) -> Any:
    """What is known of a path, or of the nearest table that holds it; None where nothing is."""
    return next((known[path[:length]] for length in range(len(path), 0, -1) if path[:length] in known), None)
