"""The card of a mail's own author: what a program adds below words that its author did not type, such as a command."""

import re
from collections.abc import Collection

from mail.quoting.signature.closings import is_card_line, is_name

MOST_LINES = 14
LONGEST = 500
# What stands behind a name on its line: a title or a company. Behind a comma goes on whoever is spoken to, too.
_STROKE = re.compile(r"[|\u00b7\u2022/\u2013\u2014]|\s-\s")
_COMMA = re.compile(r",\s*(?=\S)")
_WORD = re.compile(r"[^\W\d_]+")
_EDGES = " \t\xa0*_"


def is_own_card(text: str, names: Collection[str]) -> bool:
    """True where a text is nothing but the card of who bears the names, which are words in lower case.

    It begins with that name, alone on its line or before a title, and no line of it is a sentence. In doubt it is none.
    """
    lines = [line.strip(_EDGES) for line in text.splitlines() if line.strip(_EDGES)]
    if not 0 < len(lines) <= MOST_LINES or max(map(len, lines)) > LONGEST:
        return False
    return _begins_with(lines[0], names) and all(map(is_card_line, lines[1:]))


def _begins_with(line: str, names: Collection[str]) -> bool:
    name = _STROKE.split(line, maxsplit=1)[0].rstrip()
    words = _WORD.findall(name.casefold())
    if "," in name:
        words = _WORD.findall(_COMMA.split(name, maxsplit=1)[0].casefold())
        return len(words) > 1 and not name.endswith(",") and all(word in names for word in words)
    return is_name(name) and any(word in names for word in words)
