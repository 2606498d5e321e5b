"""What the web application adds to its tables beside us: told apart from what would change how we work on them."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection, Index, text

# We insert rows without a value for it.
_FILLS_ITSELF = re.compile(r"(?<!not) null\b| default | (identity|generated)\b")
_KEY = re.compile(r"on (?P<table>\w+) \((?P<columns>[^)]*)\)")

_UNKNOWN_VALUES = text("""
SELECT t.typname AS enum, e.enumlabel AS label FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = to_regnamespace('public') AND t.typname = :enum AND NOT e.enumlabel = ANY (:labels)
ORDER BY e.enumsortorder
""")
_DEFINITION = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname = :name")


def additions(wanted: Mapping[str, str], actual: Mapping[str, str]) -> set[str]:
    """The objects of `actual` that are more than `wanted` and change nothing for a program that knows only those.

    Both are from the object to its definition, as models.schema.catalogue.objects gives them: columns that fill
    themselves, indexes that forbid nothing, keys of added columns, and enums with more values than ours.
    """
    new = {name for name in actual.keys() - wanted.keys() if _is_harmless(name, actual[name], wanted)}
    more = {
        name
        for name in wanted.keys() & actual.keys()
        if name.startswith("enum ") and wanted[name] != actual[name] and _has_all(actual[name], wanted[name])
    }
    return new | more


def _is_harmless(name: str, definition: str, wanted: Mapping[str, str]) -> bool:
    if name.startswith("column "):
        return _FILLS_ITSELF.search(definition) is not None
    if name.startswith("index "):
        return not definition.startswith("unique ")
    key = _KEY.match(definition) if name.startswith("foreign key ") else None
    if key is None:
        return False
    return not any(f"column {key['table']}.{column}" in wanted for column in key["columns"].split(", "))


def _has_all(actual: str, wanted: str) -> bool:
    """Whether the labels of an enum are all there, in the order that they have with us."""
    known = wanted.split(", ")
    return [label for label in actual.split(", ") if label in known] == known


def unknown_values(connection: Connection, enum: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The values of one of SupportDesk's enums besides these, in their order."""
    rows = connection.execute(_UNKNOWN_VALUES, {"enum": enum, "labels": list(labels)})
    return tuple(row.label for row in rows)


def has_twin(connection: Connection, index: Index) -> bool:
    """Whether the web application has an index on the same columns, under the name that Prisma gives it.

    Ours on several columns leave out rows that nobody looks for, so one on all rows serves as well.
    """
    quote, columns = connection.dialect.identifier_preparer.quote, [column.name for column in index.columns]
    if len(columns) < 2 or index.table is None:
        return False
    name = f"{index.table.name}_{'_'.join(columns)}_idx"
    place = f"{quote(index.table.name)} USING btree ({', '.join(map(quote, columns))})"
    definition = connection.scalar(_DEFINITION, {"name": name})
    return bool(definition == f"CREATE INDEX {quote(name)} ON public.{place}")
