"""Attacks on regular expressions: all compiled ones of a package, and texts built of the parts of their patterns."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import _parser as parser  # type: ignore[attr-defined]
from time import process_time
from types import ModuleType
from typing import Any

SIZES = (3_000, 100_000)
# What stands for each class of characters in a pattern.
CLASSES = {"SPACE": " ", "DIGIT": "1", "WORD": "a", "NOT_SPACE": "a", "NOT_DIGIT": "a", "NOT_WORD": "-"}
ANYWHERE = ("search", "finditer", "findall", "sub", "split")


@dataclass(frozen=True, slots=True)
class Target:
    """A compiled expression, the name under which its module holds it, and whether it is looked for anywhere."""

    name: str
    pattern: re.Pattern[Any]
    anywhere: bool


def targets(*rooms: ModuleType) -> list[Target]:
    """Every expression that the modules of the rooms hold, also within tables, each once."""
    modules = [importlib.import_module(found.name) for room in rooms
               for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]  # fmt: skip
    source = "\n".join(map(inspect.getsource, modules))
    found: dict[tuple[Any, int], Target] = {}
    for module in modules:
        for name, value in vars(module).items():
            for pattern in _patterns(value, 3):
                alone = pattern is value
                # Names with an underscore are the module's own.
                readers = inspect.getsource(module) if name.startswith("_") else source
                used = re.search(rf"\b{name}\.(?:{'|'.join(ANYWHERE)})\b", readers)
                target = Target(f"{module.__name__}.{name}", pattern, not alone or used is not None)
                found.setdefault((pattern.pattern, pattern.flags), target)
    return list(found.values())


def _patterns(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _patterns(inner, depth - 1)


def pieces(pattern: re.Pattern[Any]) -> list[str]:
    """The pieces of text that a pattern is made of, in its order: literals, and one letter for each class."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    return list(dict.fromkeys(_parsed_pieces(parser.parse(source, flags))))


def _parsed_pieces(parsed: Any) -> Iterator[str]:
    run = ""
    for code, value in parsed:
        letter = _letter(str(code), value)
        run += letter
        if not letter:
            if run:
                yield run
            run = ""
            yield from _inner(str(code), value)
    if run:
        yield run


def _letter(code: str, value: Any) -> str:
    if code == "LITERAL":
        return chr(value)
    if code in {"ANY", "NOT_LITERAL"}:
        return "a"
    return _member(value) if code == "IN" else ""


def _member(members: Any) -> str:
    code, value = members[0]
    if str(code) == "NEGATE":
        return "a"
    if str(code) == "CATEGORY":
        return CLASSES[str(value).removeprefix("CATEGORY_")]
    return chr(value[0]) if str(code) == "RANGE" else chr(value)


def _inner(code: str, value: Any) -> Iterator[str]:
    if code.endswith("_REPEAT"):
        yield from _parsed_pieces(value[2])
    elif code == "SUBPATTERN":
        yield from _parsed_pieces(value[3])
    elif code == "BRANCH":
        for branch in value[1]:
            yield from _parsed_pieces(branch)
    elif code in {"ASSERT", "ASSERT_NOT"}:
        yield from _parsed_pieces(value[1])
    elif code == "ATOMIC_GROUP":
        yield from _parsed_pieces(value)


def attacks(pattern: re.Pattern[Any], most: int) -> list[str]:
    """Texts to repeat as an attack on a pattern: its pieces, pairs of them, all of them in a row, and white space."""
    own = pieces(pattern)
    short = [piece for piece in own if len(piece) <= 12]
    pairs = [one + other for one, other in zip(short, short[1:] + short[:1], strict=True)]
    row = "".join(own)[:200]
    every = (" ", "\n", row, *own[:most], "a", *pairs[:most], "1", "a\n", "\t \n", "<", "-", *dict.fromkeys(row))
    return [one for one in dict.fromkeys(every) if one][: 2 * most]


def seconds(target: Target, attack: str, longest: int, bound: float) -> float:
    """How long the expression takes for the attack at growing sizes; the sizes end where it takes longer than bound."""
    spent = 0.0
    for size in (min(size, longest) for size in SIZES):
        text: Any = (attack * (size // len(attack) + 1))[:size] + "\x01"
        text = text.encode("latin-1", "replace") if isinstance(target.pattern.pattern, bytes) else text
        started = process_time()
        for read in _readers(target):
            read(text)
        spent = process_time() - started
        if spent > bound or size == longest:
            break
    return spent


def _readers(target: Target) -> tuple[Callable[[Any], object], ...]:
    pattern = target.pattern
    return (pattern.search,) if target.anywhere else (pattern.match, pattern.fullmatch)
