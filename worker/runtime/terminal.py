"""Lists on the terminal, and the same lists as JSON."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click

# What a terminal would obey instead of show, but for tabs and line breaks; and signs that show nothing or turn words
# round: those of Unicode's Bidi_Control and Default_Ignorable_Code_Point, and the empty pattern of Braille.
_OBEYED = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_OBEYED}{_UNSEEN}]")
# They choose between two pictures of the letter before them.
_SELECTORS = re.compile("[\ufe00-\ufe0f]")


# A column of such words is not broken in a narrow terminal: numbers, states, a day.
SHORT = 12


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings; cells are text and nothing in them is obeyed."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table, lines = Table(box=None, pad_edge=False), [[printable(str(cell)) for cell in row] for row in rows]
    for place, column in enumerate(columns):
        is_short = all(len(line[place]) <= SHORT for line in lines)
        table.add_column(Text(column), overflow="fold", no_wrap=is_short)
    for line in lines:
        table.add_row(*map(Text, line))
    Console().print(table)


def show_json(values: Iterable[Any]) -> None:
    """Print dataclasses as a JSON list, times in ISO 8601."""
    show_rows_as_json(asdict(value) for value in values)


def show_rows_as_json(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as a JSON list, times in ISO 8601."""
    click.echo(json.dumps(list(rows), default=str, indent=2))


def printable(text: str) -> str:
    """The text on one line, with U+FFFD for each character that might control the terminal, or that nobody sees."""
    shown = printable_lines(text)
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, with its tabs and line breaks."""
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", _SELECTORS.sub("", text))
