"""The parser of command lines: those at the top and at the bottom of a reply, and the text between them."""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from desk.commands.command import Order
from desk.commands.obey import is_well_formed
from desk.commands.table import COMMANDS, CUSTOMERS_MAY

# Mail programs leave these where nobody sees them; the other sign is what a Japanese keyboard writes.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
SIGNS = ("#", "\uff03")


@dataclass(frozen=True, slots=True)
class CommandLines:
    """A reply, parsed: the commands above its text, the text, and the commands below it, all in reading order."""

    top: tuple[Order, ...]
    text: str
    bottom: tuple[Order, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        """All commands in reading order."""
        return (*self.top, *self.bottom)

    @property
    def text_and_notes(self) -> str:
        """The text together with the arguments of `#note`; empty where the mail holds only commands."""
        parts = (*_note_arguments(self.top), self.text, *_note_arguments(self.bottom))
        return "\n".join(part for part in parts if part)

    def with_answer(self, answer: str) -> "CommandLines":
        """The same with the words that a command puts below its text, as a paragraph of their own."""
        return replace(self, text=f"{self.text}\n\n{answer}".strip("\n")) if answer else self


def _strip_invisible(line: str) -> str:
    return line.strip().strip(INVISIBLE).strip()


def _parse_line(line: str) -> Order | None:
    bare = _strip_invisible(line)
    if not bare.startswith(SIGNS) or not bare[1:2].isalpha():
        return None
    name, *rest = bare[1:].split(maxsplit=1)
    return Order(bare, name.lower(), rest[0] if rest else "")


def _note_arguments(orders: Sequence[Order]) -> Iterator[str]:
    return (order.argument for order in orders if order.name == "note")


def _take_commands(lines: list[str], counts: Callable[[Order], bool]) -> tuple[Order, ...]:
    taken: list[Order] = []
    while lines:
        order = _parse_line(lines[0])
        if (order and not counts(order)) or (order is None and _strip_invisible(lines[0])):
            break
        lines.pop(0)
        taken += [order] if order else []
    return tuple(taken)


def _is_customer_command(order: Order) -> bool:
    # What only begins like one, such as "#show me the invoice", is a sentence.
    return order.name in CUSTOMERS_MAY and is_well_formed(order) and COMMANDS[order.name].fits(order.argument, ())


def _is_nearly_known(order: Order) -> bool:
    return bool(difflib.get_close_matches(order.name, COMMANDS, 1))


def parse_reply(reply: str, *, staff: bool) -> CommandLines:
    """Parse a reply into the command lines at its top and its bottom, and its text.

    In a mail of staff every line at the top that starts with `#` counts as a command, and at the bottom each that
    nearly names one. Customers may well begin a sentence so: theirs count only where they are commands for customers
    with nothing else on the line.
    """
    lines = reply.splitlines()
    top = _take_commands(lines, (lambda _: True) if staff else _is_customer_command)
    lines.reverse()
    bottom = _take_commands(lines, _is_nearly_known if staff else _is_customer_command)
    return CommandLines(top, "\n".join(reversed(lines)).strip("\n"), bottom[::-1])


def command_lines(text: str) -> Iterator[str]:
    """The lines of a text that begin like a command, without invisible marks, whether or not such a command exists."""
    return (order.line for line in text.splitlines() if (order := _parse_line(line)))


def stand_in(lines: Collection[str], orders: Iterable[Order]) -> Order | None:
    """The first order that is one of the lines; None where none is."""
    bare = {_strip_invisible(line) for line in lines}
    return next((order for order in orders if order.line in bare), None)


def find_stray(text: str) -> tuple[Order, ...]:
    """The well-formed commands among the lines of a text, where commands do not count."""
    orders = (_parse_line(line) for line in text.splitlines())
    return tuple(order for order in orders if order and is_well_formed(order))
