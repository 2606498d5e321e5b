"""The grammar of conditions: three typed objects, the expressions and attributes allowed, and their checks."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from rule_engine import DataType, ast

from desk.routing.regex_guard import why_slow
from desk.ticket import Category, Priority, Role, Status

_TEXT: Final = DataType.STRING
_FLAG: Final = DataType.BOOLEAN
_TEXTS: Final = DataType.ARRAY(DataType.STRING)

OBJECTS: Final[dict[str, dict[str, Any]]] = {
    "ticket": {"title": _TEXT, "description": _TEXT, "category": _TEXT, "priority": _TEXT, "status": _TEXT},
    "sender": {"email": _TEXT, "domain": _TEXT, "name": _TEXT, "role": _TEXT, "is_new": _FLAG},
    "mail": {
        "subject": _TEXT,
        "to": _TEXTS,
        "cc": _TEXTS,
        "mailbox": _TEXT,
        "has_attachments": _FLAG,
        "automatic": _FLAG,
    },
}

# Attributes with a closed set of values: a comparison with another value would never hold.
CLOSED: Final[dict[tuple[str, str], type[StrEnum]]] = {
    ("ticket", "category"): Category,
    ("ticket", "priority"): Priority,
    ("ticket", "status"): Status,
    ("sender", "role"): Role,
}

# The attributes of texts and lists. The library's others convert values, and hostile text breaks conversions.
VALUE_ATTRIBUTES: Final = frozenset({"as_lower", "as_upper", "starts_with", "ends_with", "length", "is_empty"})

# The expressions allowed. Arithmetic and shifts are left out, because strangers choose the lengths of values.
PARTS: Final = (
    ast.LogicExpression,
    ast.ComparisonExpression,
    ast.ContainsExpression,
    ast.GetAttributeExpression,
    ast.GetItemExpression,
    ast.SymbolExpression,
    ast.UnaryExpression,
    ast.TernaryExpression,
    ast.ComprehensionExpression,
    ast.FunctionCallExpression,
    ast.ArrayExpression,
    ast.SetExpression,
    ast.StringExpression,
    ast.FloatExpression,
    ast.BooleanExpression,
    ast.NullExpression,
)

_CHILDREN: Final = (
    *("left", "right", "container", "member", "item", "object", "function", "arguments"),
    *("condition", "case_true", "case_false", "iterable", "result", "value"),
)
KINDS: Final = {"STRING": "text", "FLOAT": "a number", "BOOLEAN": "true or false", "ARRAY": "a list", "SET": "a set"}


class ConditionFailure(Exception):
    """A condition cannot be used; the text is a sentence without a full stop that says why."""


def read_and_check(expression: Any) -> tuple[tuple[str, str], ...]:
    """The attributes that an expression reads, as (object, attribute), each once.

    Raises ConditionFailure for an expression that is not allowed or could never work.
    """
    nodes = tuple(_walk(expression))
    for node in nodes:
        _check(node)
    if expression.result_type.name != "BOOLEAN":
        kind = KINDS.get(expression.result_type.name, "something else")
        raise ConditionFailure(f"the condition gives {kind}, not true or false")
    return tuple(dict.fromkeys(name for node in nodes if (name := _attribute(node)) is not None))


def _walk(node: Any) -> Iterator[Any]:
    if not isinstance(node, ast.ExpressionBase):
        return
    yield node
    for name in _CHILDREN:
        child = getattr(node, name, None)
        for part in child if isinstance(child, (tuple, list, set, frozenset)) else (child,):
            yield from _walk(part)


def _check(node: Any) -> None:
    if not isinstance(node, PARTS):
        raise ConditionFailure(f"conditions do not hold a {type(node).__name__.removesuffix('Expression').lower()}")
    if isinstance(node, ast.FuzzyComparisonExpression):
        _check_pattern(node.right)
    elif isinstance(node, ast.ComparisonExpression):
        _check_comparable(node.left, node.right)
        _check_closed_values(node.left, (node.right,))
        _check_closed_values(node.right, (node.left,))
    elif isinstance(node, ast.ContainsExpression) and isinstance(
        node.container, (ast.ArrayExpression, ast.SetExpression)
    ):
        _check_closed_values(node.member, node.container.value)
    elif isinstance(node, ast.GetAttributeExpression):
        if _attribute(node) is None and node.name not in VALUE_ATTRIBUTES:
            offered = ", ".join(sorted(VALUE_ATTRIBUTES))
            raise ConditionFailure(f'".{node.name}" is not offered here; there are {offered}')
    elif isinstance(node, ast.SymbolExpression) and node.scope:
        # The library's own functions read the clock, roll dice and build lists of any length.
        raise ConditionFailure(f'"${node.name}" is not offered here')


def _check_pattern(right: Any) -> None:
    if not isinstance(right, ast.StringExpression):
        raise ConditionFailure("a regular expression must be written out, not taken from a value")
    reason = why_slow(right.value)
    if reason:
        raise ConditionFailure(f'the regular expression "{right.value}" could take for ever: {reason}')


def _check_comparable(left: Any, right: Any) -> None:
    kinds = tuple(side.result_type.name for side in (left, right))
    if kinds[0] == kinds[1] or not set(kinds) <= KINDS.keys():
        return
    raise ConditionFailure(f"{KINDS[kinds[0]]} is compared with {KINDS[kinds[1]]}, and they are never equal")


def _check_closed_values(side: Any, others: Any) -> None:
    name = _attribute(side)
    allowed = CLOSED.get(name) if name else None
    if name is None or allowed is None:
        return
    for other in others:
        if isinstance(other, ast.StringExpression) and other.value not in list(allowed):
            listed = ", ".join(allowed)
            raise ConditionFailure(f'{".".join(name)} is never "{other.value}"; it is one of {listed}')


def _attribute(node: Any) -> tuple[str, str] | None:
    if isinstance(node, ast.GetAttributeExpression) and isinstance(node.object, ast.SymbolExpression):
        name = (str(node.object.name), str(node.name))
        return name if name[1] in OBJECTS.get(name[0], {}) else None
    return None
