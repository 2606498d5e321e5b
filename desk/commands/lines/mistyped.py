"""Lines that were meant as commands and are none: with another sign, a space behind the sign, or no sign at all."""

import difflib
import re
from collections.abc import Collection

from desk.commands.table import COMMANDS

# What people and mail programs put where the sign of a command belongs.
SIGNS = frozenset("#\uff03/\\!@")
QUOTES = (">", "|")
_LONGEST = 60
# How like a name a word must be, with a sign before it and without. Short names are like too many words.
NEAR, NEARER, SHORT = 0.75, 0.85, 4
_PARTS = re.compile(r"([\W_]{0,8})(\w[\w-]{0,20})[\W_]{0,3}(?:\s[\W_]{0,3}(\w.{0,40}?))?[\W_]{0,4}")


def meant_command(line: str, *, first: bool, staff: Collection[str] = ()) -> str | None:
    """The command that a line of staff was probably meant as, such as `#resolve`; None where it is none.

    With a sign, such as `/resolve` and `# resolve`, it is one at the top and at the bottom of a text. Without any it is
    one only as the `first` line, where it holds nothing but the name and what that command takes; `staff` are the names
    that `#assign` takes.
    """
    line = line.strip()
    parts = _PARTS.fullmatch(line) if len(line) <= _LONGEST and not line.startswith(QUOTES) else None
    if parts is None:
        return None
    sign, word, argument = parts[1], parts[2].casefold(), (parts[3] or "").strip()
    marked = not SIGNS.isdisjoint(sign)
    name = _nearest(word, NEAR if marked else NEARER)
    if name is None or not (COMMANDS[name].fits(argument, staff) or (marked and name == word)):
        return None
    # A heading, or somebody who is spoken to.
    if not marked and (line.endswith((":", ",", "?")) or not (first or sign.strip())):
        return None
    return f"#{name} {argument}".strip()


def _nearest(word: str, near: float) -> str | None:
    if word in COMMANDS:
        return word
    long = [name for name in COMMANDS if len(name) > SHORT]
    return next(iter(difflib.get_close_matches(word, long, 1, near)), None)
