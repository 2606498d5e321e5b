"""Every key that there is, as the settings' own types say it: what it means, and what it may be.

What a key means is the docstring below it in the code. Its last words, `Such as ...`, are an example.
"""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import time
from enum import Enum
from itertools import pairwise
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from worker.settings.environment import PLAIN_NAMES, SECRETS, variable_of
from worker.settings.keys import Path, entry_of, keys_of
from worker.settings.model import Settings
from worker.settings.secrets import READ_AGAIN

OURS: Final = ("worker.", "desk.")
UNITS: Final = ("seconds", "days", "megabytes")
# The entry of a list goes by its name in a variable.
NAMES: Final = {"mailbox": [{"name": "support"}], "rule": [{"name": "invoices"}], "report": [{"name": "daily"}]}
# These keys come first in their table.
FIRST: Final = ("name", "address")
_EXAMPLE: Final = re.compile(r"(?:^| )Such as `(.*)`\.$")
_KINDS: Final = {str: "text", int: "whole number", float: "number", bool: "true or false", FilePath: "path of a folder"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it means, its kind and bounds in words, and its default and an example as TOML.

    `default` is empty where it must be given, and None where nothing stands for it. `variables` set it from the
    environment. A secret may lie in a file, named by the key `file_key`, which is `read_again` when it changes.
    """

    name: str
    meaning: str
    kind: str
    default: str | None
    example: str
    variables: tuple[str, ...]
    file_key: str = ""
    read_again: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the settings file, by its name with dots; `many` may stand there."""

    name: str
    many: bool
    meaning: str
    keys: tuple[Key, ...]


def tables(kind: Any = Settings, path: Path = ()) -> Iterator[Table]:
    """Every table with its keys, each before those that stand in it."""
    if path:
        hints, meanings = get_type_hints(kind, include_extras=True), docstrings(kind)
        names = sorted(keys_of(kind), key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
        keys = tuple(_key(kind, (*path, name), hints[name], meanings.get(name, "")) for name in names)
        yield Table(_dotted(path), isinstance(path[-1], int), _in_one_line(kind.__doc__), keys)
    for name, inner in keys_of(kind).items():
        entry = entry_of(inner)
        below = (*path, name, 0) if entry else (*path, name)
        if keys_of(entry or inner):
            yield from tables(entry or inner, below)


def docstrings(kind: Any) -> dict[str, str]:
    """What stands below each key of a type in the code, and of those that it extends."""
    found: dict[str, str] = {}
    for one in reversed([one for one in kind.__mro__ if one.__module__.startswith(OURS)]):
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        assert isinstance(definition, ast.ClassDef)
        for statement, after in pairwise(definition.body):
            match statement, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = _in_one_line(text)
    return found


def _key(kind: Any, path: Path, hint: Any, text: str) -> Key:
    name, bare, default = str(path[-1]), _without_none(hint), _default(kind, str(path[-1]))
    plain = [variable for variable, place in PLAIN_NAMES.items() if place == path]
    own, file_key = variable_of(path, NAMES), f"{name}_file" if name in SECRETS else ""
    return Key(
        name,
        _EXAMPLE.sub("", text),
        _kind(name, bare),
        default,
        f'{file_key} = "secrets/{name}"' if file_key else _example(name, _EXAMPLE.search(text), bare, default),
        (*plain, own, *([f"{own}_FILE"] if file_key else [])),
        file_key,
        name in READ_AGAIN,
    )


def _default(kind: Any, name: str) -> str | None:
    """As TOML; empty where the key must be given, None where nothing stands for it."""
    if name == "port":
        return ", ".join(f"{port} ({security})" for security, port in kind.USUAL_PORTS.items())
    if issubclass(kind, BaseModel):
        value = kind.model_fields[name].default
    else:
        value = next(field.default for field in fields(kind) if field.name == name)
    return "" if value in (PydanticUndefined, MISSING) else None if value is None else _toml(value)


def _toml(value: Any) -> str:
    if is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return f"{{ {', '.join(f'{name} = {_toml(one)}' for name, one in given.items() if one)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    text = f"{value:%H:%M}" if isinstance(value, time) else value.value if isinstance(value, Enum) else value
    # A string of JSON is one of TOML, and so are numbers and booleans.
    return json.dumps(text, ensure_ascii=False)


def _example(name: str, given: "re.Match[str] | None", kind: Any, default: str | None) -> str:
    """What its docstring gives, or a value beside the default."""
    if given:
        return f"{name} = {given[1]}"
    if kind is bool:
        return f"{name} = true"
    if choices := _choices(kind):
        return f"{name} = {_toml(choices[-1])}"
    if name == "port":
        return f"{name} = {(default or '').partition(' ')[0]}"
    return f"{name} = {2 * int(float(default))}" if default and default.isdigit() else ""


def _kind(name: str, hint: Any) -> str:
    """A type in words, with its bounds."""
    words = next((one for one in _metadata(hint) if isinstance(one, str)), None)
    kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if keys_of(kind):
        return "table"
    if get_origin(kind) is tuple:
        if words:
            return words
        inner = get_args(kind)[0]
        return f"list of {_choice(inner)}" if _choices(inner) else f"list of {_plural(_kind('', inner))}"
    if _choices(kind):
        return _choice(kind)
    if kind is SecretStr:
        return words or "secret"
    unit = next((f" of {unit}" for unit in UNITS if name.endswith(f"_{unit}")), "")
    return f"{words or _KINDS[kind]}{unit}{_bounds(hint)}"


def _plural(words: str) -> str:
    return f"{words}es" if words.endswith("s") else f"{words}s"


def _choice(kind: Any) -> str:
    """The values of a closed set."""
    *others, last = (f"`{_toml(one)}`" for one in _choices(kind))
    return f"{', '.join(others)} or {last}" if others else f"only {last}"


def _bounds(hint: Any) -> str:
    found = [bound for one in _metadata(hint) if isinstance(one, FieldInfo) for bound in one.metadata]
    low = next((f"{bound.ge}" for bound in found if isinstance(bound, Ge)), "")
    high = next((f"{bound.le}" for bound in found if isinstance(bound, Le)), "")
    above = next((f", more than {bound.gt}" for bound in found if isinstance(bound, Gt)), "")
    return f", {low} to {high}" if high else f", {low} or more" if low else above


def _metadata(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _choices(kind: Any) -> tuple[Any, ...]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(kind)
    return get_args(kind) if get_origin(kind) is Literal else ()


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(one for one in get_args(hint) if one is not NoneType)
    return hint


def _dotted(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def _in_one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()
