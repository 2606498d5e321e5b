"""How values stand in the lists of the studio: states as badges, times as people write them, words in one line."""

import re
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from worker.runtime.terminal import printable, printable_lines

# Which states need somebody, are under way, are well, and are over.
_COLOURS: Final = {
    **dict.fromkeys(("open", "quarantined", "failed", "urgent"), "red"),
    **dict.fromkeys(("in_progress", "undecided", "waiting", "held", "high"), "orange"),
    **dict.fromkeys(("resolved", "applied", "sent", "announced", "in force"), "green"),
    **dict.fromkeys(("agent", "admin"), "blue"),
}
LONGEST: Final = 160
# What is signed in addresses, Message-IDs and references (desk/tokens.py): who knows it may answer as somebody else.
_SIGNED: Final = re.compile(r"(?<![0-9a-z])([0-9a-z]{1,13}\.)[0-9a-z]{20}(?![0-9a-z])", re.IGNORECASE | re.ASCII)


def badge(value: str) -> Markup:
    """A state as a badge, in the colour that says whether it needs somebody."""
    shown = value.replace("_", " ")
    return Markup('<span class="badge bg-{}-lt">{}</span>').format(_COLOURS.get(value, "secondary"), shown)


def moment(value: datetime) -> Markup:
    """A time in UTC."""
    shown = Markup('<time datetime="{}"><span>{}</span> {}</time>')
    return shown.format(value.isoformat(), f"{value:%Y-%m-%d}", f"{value:%H:%M}")


def line(value: str) -> str:
    """Words in one line, not too long, of which nothing is hidden and nothing turns round what stands beside it."""
    shown = printable(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def ticket_link(number: int | None) -> Markup:
    """The page of a ticket; nothing where there is none."""
    return Markup('<a href="/tickets/details/{0}">SD-{0}</a>').format(number) if number else Markup("")


def formatted(how: Any) -> Any:
    """A formatter of sqladmin that shows an attribute of a row by a function from its value."""
    return lambda row, attribute: how(getattr(row, attribute))


def shown(value: Any) -> Any:
    """A value as every page shows it: no signature, nothing hidden, and no words that turn round those beside them."""
    if type(value) is Markup:
        return Markup(_SIGNED.sub(r"\1…", str(value)))  # noqa: S704  it was HTML of ours before
    return printable_lines(_SIGNED.sub(r"\1…", value)) if type(value) is str else value
