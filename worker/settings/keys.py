"""The keys that the settings file may hold, found by walking the sections' types."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

Path = tuple[str | int, ...]


@cache
def keys_of(kind: Any) -> Mapping[str, Any]:
    """Return the keys of a table with their types; empty for whatever is no table."""
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel)):
        return {
            name: _bare(hint)
            for name, hint in get_type_hints(kind).items()
            if not name.startswith("_") and get_origin(hint) is not ClassVar
        }
    return {}


def kind_at(root: Any, path: Sequence[str | int]) -> Any:
    """Return the type at a path such as ("mailbox", 0, "port"); None where the path leads nowhere."""
    kind = root
    for step in path:
        kind = entry_of(kind) if isinstance(step, int) else keys_of(kind).get(step)
    return kind


def entry_of(kind: Any) -> Any:
    """Return the type of a list's entries; None for whatever is no list."""
    return _bare(get_args(kind)[0]) if get_origin(kind) is tuple else None


def value_at(table: Any, step: str | int) -> Any:
    """Return what stands in a table or list of the file under a key or number; None where there is nothing."""
    try:
        return table[step]
    except (KeyError, IndexError, TypeError):
        return None


def _bare(hint: Any) -> Any:
    """Return the type without None and without annotations."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return next(_bare(part) for part in get_args(hint) if part is not type(None))
    return hint
