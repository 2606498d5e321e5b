"""Answers that the sender wrote within the quote of an HTML mail, known by where they stand or how they look."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from mail.html.elements import lowered_once
from mail.quoting.header_block import read_label

# Lines of a quote, and elements around a text, beyond these are not looked at.
MOST_LINES, MOST_AROUND = 400, 40
# Of a colour, the strongest part is so much above the weakest; black, grey and white have none.
VIVID = 60
NAMED = frozenset(
    "red blue green navy maroon purple teal olive orange fuchsia magenta crimson brown yellow darkblue darkred "
    "darkgreen".split()
)
# So many answers, with others' lines in between, need no question above them.
LEAST = 2
_ENDS = (".", "?", "!", ":", "\uff1f", "\u3002", "\u061f")
_ASKS = ("?", "\uff1f", "\u061f", ";")
_INLINE = frozenset("a abbr b big code del em font i ins label mark o:p q s small span strong sub sup u".split())
_COLOUR = re.compile(r"(?:^|[;\s])color\s{0,9}:\s{0,9}([^;!]{1,40})", re.IGNORECASE)
_MARKER = re.compile(r"(?:^|[;\s])background(?:-color)?\s{0,9}:\s{0,9}([^;!]{1,40})", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s{0,9}(\d{1,3})[\s,]{1,9}(\d{1,3})[\s,]{1,9}(\d{1,3})")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_COLOURED = re.compile(r"(?:color|background)\s{0,3}[:=][\s\"']{0,3}([^;\"'<>]{1,40})")
# What was typed in Outlook on the web has this class; in what it quotes, classes begin with `x_`.
_TYPED, _QUOTED_CLASS = "elementToProof", re.compile(r"\bclass=[\"']?x_")

# A line as it is shown, in pieces: text and colour, "" for a usual one.
Line = list[tuple[str, str]]


def stand_between(wrapper: Any) -> bool:
    """Whether words stand between and below the indented pieces within an element that wraps a quote."""
    if wrapper.tag == "blockquote" or wrapper.css_first("blockquote") is None:
        return False
    seen = False
    for child in wrapper.iter(include_text=True):
        if child.tag == "blockquote":
            seen = True
        elif child.tag == "-text" or child.css_first("blockquote") is None:
            if seen and child.tag not in {"style", "script"} and child.text().strip():
                return True
        elif stand_between(child):
            return True
        else:
            seen = True
    return False


def may_look_otherwise(html: str) -> bool:
    """Whether a document may hold answers that look otherwise than the quote: a quick test."""
    body = max(html.rfind("</style>"), 0)
    if _TYPED in html:
        return True
    return any(map(_vivid, dict.fromkeys(_COLOURED.findall(lowered_once(html[body:])))))


def look_otherwise(tree: Any, mark: str) -> bool:
    """Whether lines of the quote below the text `mark` look otherwise than those around them, as answers do.

    Only the first quoted mail is looked at, from its header on. One such line answers a question, or several stand
    between others: a mail may have a coloured heading or signature of its own.
    """
    html = tree.html or ""
    knows_typed = _TYPED in html and _QUOTED_CLASS.search(html) is not None
    lines = _first_mail(_lines(tree, mark, knows_typed=knows_typed))
    rows = [row for line in lines for row in _rows(line)]
    return any(_answer(rows, colour) for colour in {colour for _, colour in rows if colour})


def _answer(rows: Sequence[tuple[str, str]], colour: str) -> bool:
    """Whether the rows in one colour are answers."""
    if colour == _TYPED:
        return True
    groups = [(own, [text for text, _ in group]) for own, group in groupby(rows, lambda row: row[1] == colour)]
    own = [at for at, (is_own, _) in enumerate(groups) if is_own and at > 0]
    if any(groups[at - 1][1][-1].rstrip().endswith(_ASKS) for at in own):
        return True
    return len(own) >= LEAST and len({"".join(groups[at][1]) for at in own}) == len(own)


def _rows(line: Line) -> Line:
    """A line as one row, or as two where its end is an answer in another colour behind a whole sentence."""
    text, colour = line[-1]
    above = "".join(piece for piece, _ in line[:-1])
    if not above.strip():
        return [(text, colour)]
    if colour and above.rstrip().endswith(_ENDS):
        return [(above, ""), (text, colour)]
    return [(above + text, "")]


def _first_mail(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines of the first mail in a quote, without its header and up to the header of the next."""
    in_header = True
    for _, line in zip(range(MOST_LINES), lines, strict=False):
        text = "".join(piece for piece, _ in line).strip()
        label = read_label(text)
        if label is None and not (in_header and text.endswith(":")):
            in_header = False
            yield line
        elif not in_header and label is not None and label.kind in {"from", "date"}:
            return


def _lines(tree: Any, mark: str, *, knows_typed: bool) -> Iterator[Line]:
    """Yield the lines below the mark that hold words."""
    line: Line = []
    block, below = None, False
    for node in tree.body.traverse(include_text=True) if tree.body else ():
        if node.tag == "br" and line:
            yield line
            line = []
        if node.tag != "-text" or not (text := node.text(deep=False)).strip():
            continue
        if not below:
            below = mark in text
            continue
        parents = _around(node)
        own_block = next((parent.mem_id for parent in parents if parent.tag not in _INLINE), 0)
        if line and own_block != block:
            yield line
            line = []
        block = own_block
        colour = _look(parents, knows_typed=knows_typed)
        if line and line[-1][1] == colour:
            line[-1] = (line[-1][0] + text, colour)
        else:
            line.append((text, colour))
    if line:
        yield line


def _around(node: Any) -> list[Any]:
    """The elements around a text, nearest first."""
    around: list[Any] = []
    while node.parent is not None and node.parent.tag not in {"body", "html"} and len(around) < MOST_AROUND:
        node = node.parent
        around.append(node)
    return around


def _look(parents: Sequence[Any], *, knows_typed: bool) -> str:
    """The colour of a text, "" for a usual one; links have one of their own."""
    if any(parent.tag in {"a", "style", "script", "title"} for parent in parents):
        return ""
    for parent in parents:
        values = parent.attributes
        if knows_typed and _TYPED in (values.get("class") or "").split():
            return _TYPED
        style = values.get("style") or ""
        marker = _MARKER.search(style) if parent.tag in {"span", "font", "mark"} else None
        if marker and (vivid := _vivid(marker[1])):
            return f"on {vivid}"
        colour = _COLOUR.search(style)
        value = colour[1] if colour else values.get("color")
        if value:
            return _vivid(value)
    return ""


def _vivid(value: str) -> str:
    """A colour that is not black, grey or white, as it was written; else nothing."""
    value = value.strip().lower()
    if value in NAMED:
        return value
    if found := _RGB.match(value):
        parts = [int(part) for part in found.groups()]
    elif found := _HEX.match(value):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        parts = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    else:
        return ""
    return value if max(parts) - min(parts) >= VIVID else ""
