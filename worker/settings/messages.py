"""What is wrong with a settings file, as sentences that name the file and the key."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from worker.settings.environment import PLAIN_NAMES, SECRETS
from worker.settings.keys import Path, keys_of, kind_at, value_at

_UNKNOWN: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})

# What a kind of mistake is called; {expected} and {given} are filled in.
_SENTENCES: Final = {
    "enum": "must be one of {expected}, not {given}",
    "literal_error": "must be one of {expected}, not {given}",
    "int_parsing": "must be a whole number, not {given}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number, not {given}",
    "float_parsing": "must be a number, not {given}",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false, not {given}",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "greater_than_equal": "must be {ge} or more, not {given}",
    "greater_than": "must be more than {gt:g}, not {given}",
    "less_than_equal": "must be {le} or less, not {given}",
    "tuple_type": "must be a list",
    "too_long": "must have {max_length} values, not {actual_length}",
    "model_type": "must be a table",
    "dataclass_type": "must be a table",
}


def where(path: Path, data: Any, file: str, origins: Mapping[Path, str]) -> str:
    """Return where a key stands: the environment variable that set it, else the file and the key."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return f"environment variable {origins[path[:length]]}"
    return f"{file}: {key_name(path, data)}" if path else file


def sentence(error: ErrorDetails, root: Any) -> tuple[Path, str]:
    """Return the path and the sentence for one finding of pydantic."""
    path, kind = tuple(error["loc"]), error["type"]
    if kind in _UNKNOWN:
        return path, _unknown_key(path, root)
    if kind == "missing":
        return (path[:-1], "has too few values") if isinstance(path[-1], int) else (path, _missing(path))
    context = error.get("ctx", {})
    if kind == "value_error":
        # The sentences of checks of whole tables start with the key that is to blame.
        text = str(context["error"])
        key, colon, rest = text.partition(": ")
        return ((*path, key), rest) if colon and key.isidentifier() else (path, text)
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    pattern = _SENTENCES.get(kind)
    if pattern is None:
        return path, error["msg"]
    given = f'"{error["input"]}"' if isinstance(error["input"], str) else str(error["input"]).lower()
    return path, pattern.format(**{**context, "expected": expected, "given": given})


def key_name(path: Path, data: Any) -> str:
    """Write ("mailbox", 1, "port") as `mailbox[2] "sales" port`, counting as people do."""
    text, here = "", data
    for step in path:
        here = value_at(here, step)
        if isinstance(step, int):
            name = here.get("name") if isinstance(here, dict) else None
            text += f"[{step + 1}]" + (f' "{name}" ' if isinstance(name, str) else " ")
        else:
            text += step if text.endswith(" ") or not text else f".{step}"
    return text.strip()


def _unknown_key(path: Path, root: Any) -> str:
    known = list(keys_of(kind_at(root, path[:-1])))
    known += [f"{name}_file" for name in known if name in SECRETS]
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    return (
        f'is not a known key; did you mean "{near[0]}"?'
        if near
        else f"is not a known key; there are {', '.join(known)}"
    )


def _missing(path: Path) -> str:
    for variable, plain in PLAIN_NAMES.items():
        if path in (plain, plain[:1]):
            return f"is missing; give {'.'.join(map(str, plain))} here, or {variable} in the environment"
    if path[-1] in SECRETS:
        return f"is missing; give {path[-1]}, or {path[-1]}_file with the path of a file that holds it"
    return "is missing"
