"""A mail about many tickets: on each of its lines the number of a ticket and a command, such as `12 #resolve`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from desk.commands.arguments.people import read_number
from desk.commands.command import Order
from desk.commands.lines.parser import INVISIBLE, parse_line

# As people write lists: `12 #resolve`, `- [SD-12]: #resolve`, `#12) #resolve`; HTML read as text has `\\*`.
_LINE = re.compile(
    r"(?:\\?[-*\u2022]\s{1,4})?(\[?(?:SD-|#)?[0-9]{1,18}\]?)[:.,)]?\s{1,9}([#\uff03][^\W\d_].*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """One line: the number of the ticket as it was written, and the command, whose `line` is the whole line."""

    number: int
    order: Order


@dataclass(frozen=True, slots=True)
class ManyLines:
    """The lines of a mail, parsed: those that name a ticket and a command, and the others that are not empty."""

    orders: tuple[TicketOrder, ...]
    others: tuple[str, ...]


def read_many(text: str) -> ManyLines:
    """Parse the own words of a mail; where no line names a ticket with a command, all of them are `others`."""
    lines = [bare for line in text.splitlines() if (bare := line.strip().strip(INVISIBLE).strip())]
    read = [(line, _parse(line)) for line in lines]
    return ManyLines(
        tuple(order for _, order in read if order is not None), tuple(line for line, order in read if order is None)
    )


def named_in_lines(text: str) -> Iterator[int]:
    """The numbers of the tickets that such lines name, also behind their commands, as in `12 #merge SD-13`."""
    for one in read_many(text).orders:
        yield one.number
        argument = read_number(one.order.argument)
        if argument is not None:
            yield argument


def _parse(line: str) -> TicketOrder | None:
    found = _LINE.fullmatch(line)
    order = parse_line(found[2]) if found else None
    number = read_number(found[1]) if found else None
    return TicketOrder(number, replace(order, line=line)) if order and number is not None else None
