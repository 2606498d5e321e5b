"""Replaces addresses in every text of every table in which somebody may have written them."""

import re
from collections.abc import Sequence

from sqlalchemy import Column, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from models.reports.history.decided import MASK
from models.schema.metadata import metadata

# In these tables an address is a row of its own: `erase` says what becomes of it, and the desk's own addresses stay.
OWN_RULES = frozenset({"mail.suppression", "mail.breaker", "mail.staff", "mail.mailbox", "mail.search_person", "User"})

# How a column of each type is masked.
_MASKED = {
    "text": "regexp_replace({column}, :pattern, :mask, 'gi')",
    "text[]": "CAST(regexp_replace(CAST({column} AS text), :pattern, :mask, 'gi') AS text[])",
    "jsonb": "CAST(regexp_replace(CAST({column} AS text), :pattern, :mask, 'gi') AS jsonb)",
}


def mask(session: Session, addresses: Sequence[str]) -> None:
    """Replace the addresses by MASK in every text of the desk; its tables are read from end to end."""
    values = {"pattern": pattern_of(addresses), "mask": MASK}
    for table in metadata.sorted_tables:
        for statement in _statements(table) if str(table) not in OWN_RULES else ():
            session.connection().execute(text(statement), values)


def pattern_of(addresses: Sequence[str]) -> str:
    """A regular expression of PostgreSQL that finds the addresses, and no longer address that contains one of them."""
    named = "|".join(re.escape(address) for address in addresses)
    return rf"(?<![[:alnum:]._+-])({named})(?![[:alnum:]-]|\.[[:alnum:]])"


def _statements(table: Table) -> list[str]:
    """One statement for each column of texts; a row is written only where it names one of the addresses."""
    name = ".".join(f'"{part}"' for part in (table.schema or "public", table.name))
    return [
        f"UPDATE {name} SET {column} = {_MASKED[kind].format(column=column)} WHERE CAST({column} AS text) ~* :pattern"
        for column, kind in ((f'"{item.name}"', _text_type(item)) for item in table.columns)
        if kind
    ]


def _text_type(column: Column[object]) -> str | None:
    """The kind of text in a column in which somebody may have written an address; None for keys and for other types."""
    if column.primary_key or column.foreign_keys or column.computed:
        return None
    if isinstance(column.type, ARRAY):
        return "text[]" if isinstance(column.type.item_type, Text) else None
    return "jsonb" if isinstance(column.type, JSONB) else "text" if type(column.type) is Text else None
