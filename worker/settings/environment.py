"""The environment laid over the settings file."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from worker.settings.keys import Path, entry_of, keys_of, kind_at, value_at

PREFIX: Final = "SUPPORTDESK_"
# Variables with the prefix that are not settings.
RESERVED: Final = frozenset({"SUPPORTDESK_CONFIG"})
PLAIN_NAMES: Final[dict[str, Path]] = {"DATABASE_URL": ("database", "url"), "REDIS_URL": ("broker", "url")}
# A key that may be replaced by the path of a file which holds it.
SECRETS: Final = frozenset({"secret_key", "previous_secret_keys", "password", "url", "client_secret", "key"})
# Of these the file holds one in each line.
LISTS: Final = frozenset({"previous_secret_keys"})


@dataclass(slots=True)
class Layered:
    """The file's tables with the environment on top: which variable set what, and what was wrong with the others."""

    data: dict[str, Any]
    origins: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def overlay(data: dict[str, Any], environ: Mapping[str, str], root: Any) -> Layered:
    """Lay the environment over the tables; `root` is the type of the whole file.

    `SUPPORTDESK_DESK__NAME` sets `name` in `[desk]`, `SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD` that of the mailbox
    named support. Lists and tables are written as JSON. An empty variable counts as not set.
    """
    layered = Layered(data)
    for variable, plain in PLAIN_NAMES.items():
        if environ.get(variable):
            _put(layered, variable, plain, environ[variable])
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and name not in RESERVED):
        # Read again for each, as a variable may have added a table that later ones name.
        known = {variable_of(path, layered.data): path for path in _paths(root, layered.data)}
        if variable not in known:
            layered.problems.append(_unknown(variable, known))
        elif environ[variable]:
            path = known[variable]
            _put(layered, variable, path, _parse(environ[variable], kind_at(root, path)))
    return layered


def _unknown(variable: str, known: Iterable[str]) -> str:
    # Without the prefix, which would make all of them look alike.
    names = [name.removeprefix(PREFIX) for name in known]
    near = difflib.get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
    return f"environment variable {variable}: sets nothing that is known{hint}"


def _paths(kind: Any, data: Any, path: Path = ()) -> Iterator[Path]:
    """Give every path that a variable may set; of lists the entries that the file has."""
    for name, inner in keys_of(kind).items():
        yield (*path, name)
        if name in SECRETS:
            yield (*path, f"{name}_file")
        below = data.get(name) if isinstance(data, dict) else None
        yield from _paths(inner, below, (*path, name))
        entry = entry_of(inner)
        for number, table in enumerate(below if entry and isinstance(below, list) else ()):
            yield from _paths(entry, table, (*path, name, number))


def variable_of(path: Path, data: Any) -> str:
    """Return the variable that sets a path; an entry of a list goes by its name, else by its number from zero."""
    parts, here = [], data
    for step in path:
        here = value_at(here, step)
        part = here.get("name", step) if isinstance(step, int) and isinstance(here, dict) else step
        parts.append(re.sub(r"[^A-Z0-9]", "_", str(part).upper()))
    return PREFIX + "__".join(parts)


def _parse(text: str, kind: Any) -> Any:
    if not keys_of(kind) and entry_of(kind) is None:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _put(layered: Layered, variable: str, path: Path, value: Any) -> None:
    table: Any = layered.data
    for step in path[:-1]:
        table = table[step] if isinstance(step, int) else table.setdefault(step, {})
        if not isinstance(table, (dict, list)):
            layered.problems.append(f"environment variable {variable}: {path[0]} is not a table in the file")
            return
    key = str(path[-1])
    # Whoever sets a secret replaces the file that holds it, and the other way round.
    table.pop(key.removesuffix("_file") if key.endswith("_file") else f"{key}_file", None)
    table[key] = value
    layered.origins[path] = variable
