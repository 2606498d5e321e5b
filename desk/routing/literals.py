"""A checked condition as alternatives, each of literals that hold together: what proofs about rules are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any, Final

from rule_engine import ast

from desk.routing.grammar import OBJECTS

Value = str | bool
# Beyond so many alternatives nothing is proven of a condition; those that people write have a handful.
MOST_ALTERNATIVES: Final = 64
FLAGS: Final = frozenset({True, False})
_CHILDREN: Final = ("left", "right", "container", "member", "item", "object", "function", "arguments", "value", "name")
_CHILDREN_TOO: Final = ("condition", "case_true", "case_false", "iterable", "result", "variable", "type")


class Spot(StrEnum):
    """Where a text stands in a value, or that it is one of a list."""

    INSIDE = "holds"
    START = "starts with"
    END = "ends with"
    MEMBER = "has"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value of a subject, such as `sender.domain`, is one of these; without `holds` it is none of them."""

    subject: str
    values: frozenset[Value]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class HasText:
    """The value of a subject holds a text at a place; without `holds` it does not."""

    subject: str
    place: Spot
    text: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Opaque:
    """A condition that is only known by how it is written."""

    key: tuple[Any, ...]
    holds: bool = True


Literal = OneOf | HasText | Opaque
Term = frozenset[Literal]
Domains = Mapping[str, frozenset[Value]]


def alternatives(expression: Any, domains: Domains) -> tuple[Term, ...] | None:
    """The terms of which one holds where a checked condition does; None where there are too many.

    `domains` are all values that a subject can have, where that is known.
    """
    found = _terms(expression, domains, holds=True)
    return None if found is None else tuple(dict.fromkeys(found))


def is_fragile(expression: Any) -> bool:
    """True where a condition can fail on some values, as the third of two addresses does; it does not match then."""
    if isinstance(expression, (tuple, list, set, frozenset)):
        return any(map(is_fragile, expression))
    if not isinstance(expression, ast.ExpressionBase):
        return False
    return isinstance(expression, ast.GetItemExpression) or any(
        is_fragile(getattr(expression, name, None)) for name in (*_CHILDREN, *_CHILDREN_TOO)
    )


def key_of(node: Any) -> tuple[Any, ...]:
    """What an expression is, as a value that is equal for two that are written alike."""
    if isinstance(node, ast.ExpressionBase):
        parts = ((name, getattr(node, name)) for name in (*_CHILDREN, *_CHILDREN_TOO) if hasattr(node, name))
        return (type(node).__name__, *((name, key_of(part)) for name, part in parts))
    if isinstance(node, (set, frozenset)):
        return ("set", frozenset(map(key_of, node)))
    if isinstance(node, (tuple, list)):
        return ("list", *map(key_of, node))
    return (type(node).__name__, str(node))


def _terms(node: Any, domains: Domains, *, holds: bool) -> list[Term] | None:
    if isinstance(node, ast.UnaryExpression) and node.type == "not":
        return _terms(node.right, domains, holds=not holds)
    if isinstance(node, ast.BooleanExpression):
        return [frozenset()] if node.value is holds else []
    if not isinstance(node, ast.LogicExpression):
        literal = _literal(node, domains, holds=holds)
        domain = domains.get(literal.subject) if isinstance(literal, OneOf) and literal.holds else None
        # What is true of every value there is says nothing.
        is_empty = domain is not None and isinstance(literal, OneOf) and domain <= literal.values
        return [frozenset() if is_empty else frozenset({literal})]
    sides = [_terms(side, domains, holds=holds) for side in (node.left, node.right)]
    left, right = sides
    if left is None or right is None:
        return None
    found = left + right if (node.type == "or") is holds else [one | other for one, other in product(left, right)]
    return found if len(found) <= MOST_ALTERNATIVES else None


def _literal(node: Any, domains: Domains, *, holds: bool) -> Literal:
    found = _flag(node) or _comparison(node) or _membership(node) or _call(node)
    if isinstance(found, OneOf):
        one = OneOf(found.subject, found.values, found.holds is holds)
        whole = FLAGS if True in one.values or False in one.values else domains.get(one.subject)
        # Of what can have few values, a "not" is said as the others.
        return OneOf(one.subject, whole - one.values) if whole is not None and not one.holds else one
    if isinstance(found, HasText):
        return HasText(found.subject, found.place, found.text, found.holds is holds)
    negative = isinstance(node, ast.FuzzyComparisonExpression) and str(node.type).startswith("ne_")
    key = key_of(node)
    if negative:
        key = tuple(("type", ("str", str(node.type).replace("ne_", "eq_", 1))) if p[0] == "type" else p for p in key)
    return Opaque(key, holds is not negative)


def _flag(node: Any) -> OneOf | None:
    name, is_flag = _subject(node), getattr(getattr(node, "result_type", None), "name", "") == "BOOLEAN"
    return OneOf(name, frozenset({True})) if name and is_flag else None


def _comparison(node: Any) -> OneOf | None:
    if not isinstance(node, ast.ComparisonExpression) or node.type not in ("eq", "ne"):
        return None
    for one, other in ((node.left, node.right), (node.right, node.left)):
        name = _subject(one)
        if name and isinstance(other, (ast.StringExpression, ast.BooleanExpression)):
            return OneOf(name, frozenset({other.value}), node.type == "eq")
    return None


def _membership(node: Any) -> OneOf | HasText | None:
    if not isinstance(node, ast.ContainsExpression):
        return None
    name, container = _subject(node.member), node.container
    if name and isinstance(container, (ast.ArrayExpression, ast.SetExpression)):
        texts = [one.value for one in container.value if isinstance(one, ast.StringExpression)]
        return OneOf(name, frozenset(texts)) if len(texts) == len(container.value) else None
    name = _subject(container)
    if name and isinstance(node.member, ast.StringExpression):
        kind = container.result_type.name
        return HasText(name, Spot.MEMBER if kind == "ARRAY" else Spot.INSIDE, node.member.value)
    return None


def _call(node: Any) -> HasText | None:
    if not isinstance(node, ast.FunctionCallExpression) or len(node.arguments) != 1:
        return None
    function, argument = node.function, node.arguments[0]
    places = {"starts_with": Spot.START, "ends_with": Spot.END}
    if not isinstance(function, ast.GetAttributeExpression) or function.name not in places:
        return None
    name = _subject(function.object)
    is_text = isinstance(argument, ast.StringExpression)
    return HasText(name, places[str(function.name)], argument.value) if name and is_text else None


def _subject(node: Any) -> str:
    """`ticket.title` or `ticket.title.as_lower` for what reads that; empty for all else."""
    if not isinstance(node, ast.GetAttributeExpression):
        return ""
    if isinstance(node.object, ast.SymbolExpression):
        is_value = node.name in OBJECTS.get(str(node.object.name), {})
        return f"{node.object.name}.{node.name}" if is_value else ""
    inner = _subject(node.object)
    return f"{inner}.{node.name}" if inner and node.name in ("as_lower", "as_upper") else ""
