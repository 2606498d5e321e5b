"""Lists on the terminal, and the same lists as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings; cells are text and nothing in them is obeyed."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    Console().print(table)


def show_json(values: Iterable[Any]) -> None:
    """Print dataclasses as a JSON list, times in ISO 8601."""
    click.echo(json.dumps([asdict(value) for value in values], default=str, indent=2))


def printable(text: str) -> str:
    """The text on one line, with U+FFFD for each character that is not printable and might control the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
