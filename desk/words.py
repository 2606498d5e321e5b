"""A mail's own words, taken apart: command lines at the top and the bottom, and the text that remains."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from desk.commands import COMMANDS, CUSTOMERS_MAY, Order, well_formed

# Mail programs leave these where nobody sees them; the other sign is what a Japanese keyboard writes.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
SIGNS = ("#", "\uff03")


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's own words, taken apart into commands and the text that remains."""

    top: tuple[Order, ...]
    text: str
    bottom: tuple[Order, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        """All commands in reading order."""
        return (*self.top, *self.bottom)

    @property
    def said(self) -> str:
        """The text, with what was written on the line of a #note; empty where the mail holds only commands."""
        parts = (*_on_notes(self.top), self.text, *_on_notes(self.bottom))
        return "\n".join(part for part in parts if part)


def _bare(line: str) -> str:
    return line.strip().strip(INVISIBLE).strip()


def _order(line: str) -> Order | None:
    bare = _bare(line)
    if not bare.startswith(SIGNS) or not bare[1:2].isalpha():
        return None
    name, *rest = bare[1:].split(maxsplit=1)
    return Order(bare, name.lower(), rest[0] if rest else "")


def _on_notes(orders: Sequence[Order]) -> Iterator[str]:
    return (order.argument for order in orders if order.name == "note")


def _take(lines: list[str], counts: Callable[[Order], bool]) -> tuple[Order, ...]:
    taken: list[Order] = []
    while lines:
        order = _order(lines[0])
        if (order and not counts(order)) or (order is None and _bare(lines[0])):
            break
        lines.pop(0)
        taken += [order] if order else []
    return tuple(taken)


def _any(order: Order) -> bool:
    return True


def _customers(order: Order) -> bool:
    return order.name in CUSTOMERS_MAY and well_formed(order)


def _nearly_known(order: Order) -> bool:
    return bool(difflib.get_close_matches(order.name, COMMANDS, 1))


def read(reply: str, *, staff: bool) -> Words:
    """Take the command lines off the top and the bottom of a reply.

    Staff's line at the top that starts with `#` is meant as a command whatever it says, and so is one at the bottom
    that nearly names one. Customers may well begin a sentence so; only what is a command of theirs, and nothing
    else on its line, counts for them.
    """
    lines = reply.splitlines()
    top = _take(lines, _any if staff else _customers)
    lines.reverse()
    bottom = _take(lines, _nearly_known if staff else _customers)
    return Words(top, "\n".join(reversed(lines)).strip("\n"), bottom[::-1])


def command_lines(text: str) -> Iterator[str]:
    """The lines of a text that read like commands, bare, whether or not they are any."""
    return (order.line for line in text.splitlines() if (order := _order(line)))


def stray(text: str) -> tuple[Order, ...]:
    """The lines of a text that are commands to the letter but stand where commands do not count."""
    found = (_order(line) for line in text.splitlines())
    return tuple(order for order in found if order and well_formed(order))
