"""HTML nested too deep for parsers and converters is made flat without a parser; hidden words stay out."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import accumulate

from mail.html.hidden import declarations, hides

MAX_DEPTH = 200
# So many more levels are kept below that depth for elements whose class or style may hide them.
MAX_STYLED = 180
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
NEVER_CLOSED = VOID | {"li", "option", "p", "td", "th", "tr"}
# Elements whose content holds no tags, with the expression for their end.
RAW = {
    name: re.compile(rf"</{name}[^<>]{{0,100}}>?", re.IGNORECASE) for name in ("script", "style", "template", "title")
}
_COMMENT_END = re.compile("-->")
INLINE = frozenset(
    {"a", "abbr", "b", "big", "em", "font", "i", "o:p", "s", "small", "span", "strong", "sub", "sup", "u"}
)
MAX_STYLE = 4_000

# A tag that opens another level; with a slash, one that closes it.
_NESTED = re.compile(rf"<(?:(/)|(?!(?:{'|'.join(sorted(NEVER_CLOSED))})(?![a-z0-9:])))[a-z]", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+)>?)")
_STEPS = {"": 1, "/": -1}
_STYLED = re.compile(r"\b(?:style|class|id|hidden|href)\b", re.IGNORECASE)
_STYLE = re.compile(r"\bstyle\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)


def is_deep(html: str) -> bool:
    """Whether tags may be nested deeper than 200 levels, below which the converter silently leaves out text."""
    if html.count("<") <= MAX_DEPTH:
        return False
    return opens_more(_NESTED.findall(html), MAX_DEPTH)


def opens_more(tags: Sequence[str], most: int) -> bool:
    """Whether more elements are open at once, by their tags in order: empty for one that opens, `/` for an end.

    A closing tag without an opening one does not count, so each depth is measured from the lowest one before it.
    """
    if tags.count("") <= most:
        return False
    # Loops over the tags take three times as long.
    levels = list(accumulate(map(_STEPS.__getitem__, tags), initial=0))
    return max(map(int.__sub__, levels, accumulate(levels, min))) > most


def flatten(html: str) -> tuple[str, bool]:
    """Return the HTML with at most 380 levels, and whether hidden words were left out; in linear time.

    Below 200 levels tags are removed and words stay, except those that their element hides; elements whose class or
    style could hide them stay for the parser, up to 180 levels more.
    """
    walk = _Walk(html)
    at = 0
    while match := _TAG.search(html, at):
        walk.take_text(html[at : match.start()])
        at = walk.take_tag(match)
    walk.take_text(html[at:])
    return "".join(walk.pieces), walk.has_hidden


@dataclass(frozen=True, slots=True)
class _Open:
    """An open element: whether its tag was kept, and whether it hides its content."""

    name: str
    kept: bool
    hides: bool


@dataclass(slots=True)
class _Walk:
    """One pass over the tags, with the elements that are open."""

    html: str
    pieces: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    hiding: int = 0
    has_hidden: bool = False

    def take_text(self, text: str) -> None:
        """Keep the text between two tags, unless an element hides it."""
        if not self.hiding:
            self.pieces.append(text)
        elif text and not text.isspace():
            self.has_hidden = True

    def take_tag(self, match: re.Match[str]) -> int:
        """Keep or leave out a tag or a comment, and return where it ends."""
        name = (match[2] or "").lower()
        if not name:
            return self._end_of(_COMMENT_END, match.end())
        if match[1]:
            self._close(name, match[0])
            return match.end()
        if name in RAW:
            end = self._end_of(RAW[name], match.end())
            # A style sheet says what is hidden; the other elements show nothing.
            self.pieces.append(self.html[match.start() : end] if name == "style" else "")
            return end
        self._open(name, match[0], match[3])
        return match.end()

    def _end_of(self, mark: re.Pattern[str], start: int) -> int:
        # An element that is never closed ends with the document, as in a browser.
        found = mark.search(self.html, start)
        return found.end() if found else len(self.html)

    def _open(self, name: str, tag: str, attributes: str) -> None:
        styled = _STYLED.search(attributes) is not None
        keeps = self.kept < MAX_DEPTH or (styled and self.kept < MAX_DEPTH + MAX_STYLED)
        conceals = not keeps and styled and _conceals(attributes)
        if name in NEVER_CLOSED and not (conceals and name not in VOID):
            if not self.hiding and not conceals:
                self.pieces.append(tag)
            return
        self.stack.append(_Open(name, keeps and not self.hiding, conceals))
        self.names[name] += 1
        self.hiding += conceals
        if self.hiding:
            return
        self.kept += keeps
        self.pieces.append(tag if keeps else _line_break(name))

    def _close(self, name: str, tag: str) -> None:
        if not self.names[name]:
            if name in NEVER_CLOSED and not self.hiding:
                self.pieces.append(tag)
            return
        # The elements within the closed one end with it.
        closed = ""
        while closed != name:
            element = self.stack.pop()
            closed = element.name
            self.names[closed] -= 1
            self.hiding -= element.hides
            if element.kept:
                self.kept -= 1
                self.pieces.append(f"</{closed}>")
            elif not self.hiding:
                self.pieces.append(_line_break(closed))


def _line_break(name: str) -> str:
    return "" if name in INLINE else "\n<br>"


def _conceals(attributes: str) -> bool:
    found = _STYLE.search(attributes)
    style = unescape((found[1] or found[2] or found[3] or "")[:MAX_STYLE]) if found else ""
    return _HIDDEN.search(attributes) is not None or hides(declarations(style))
