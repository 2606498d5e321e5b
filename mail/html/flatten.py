"""HTML nested deeper than parsers and converters bear, made flat without a parser; what it hides stays hidden."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from itertools import accumulate
from operator import sub

from mail.html.hidden import declarations, hides

MAX_DEPTH = 200
# So many more elements are kept below that depth whose class or style may hide them.
MAX_STYLED = 180
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
NEVER_CLOSED = VOID | {"li", "option", "p", "td", "th", "tr"}
# What holds no words, or such as no tags stand in.
RAW = {
    name: re.compile(rf"</{name}[^<>]{{0,100}}>?", re.IGNORECASE) for name in ("script", "style", "template", "title")
}
_COMMENT_END = re.compile("-->")
INLINE = frozenset(
    {"a", "abbr", "b", "big", "em", "font", "i", "o:p", "s", "small", "span", "strong", "sub", "sup", "u"}
)
MAX_STYLE = 4_000

# What opens another level, and, with its slash, what closes one.
_NESTED = re.compile(rf"<(?:(/)|(?!(?:{'|'.join(sorted(NEVER_CLOSED))})(?![a-z0-9:])))[a-z]", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+)>?)")
_STYLED = re.compile(r"\b(?:style|class|id|hidden|href)\b", re.IGNORECASE)
_STYLE = re.compile(r"\bstyle\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)


def is_deep(html: str) -> bool:
    """Whether tags may be nested deeper than the converter goes; it leaves out what lies deeper and does not say so."""
    if html.count("<") <= MAX_DEPTH:
        return False
    # All steps are taken at once, since a loop over the tags costs three times as much. What is closed and was not
    # open counts for nothing, so a depth is measured from the lowest place before it.
    levels = list(accumulate((-1 if closing else 1 for closing in _NESTED.findall(html)), initial=0))
    return bool(max(map(sub, levels, accumulate(levels, min))) > MAX_DEPTH)


def flattened(html: str) -> tuple[str, bool]:
    """Return the HTML with at most 380 levels, in linear time, and whether words were left out that were hidden.

    Below 200 levels tags go and words stay, but for elements that hide theirs; those whose class or style could hide
    them are kept for the parser, as long as there is room.
    """
    walk = _Walk(html)
    at = 0
    while match := _TAG.search(html, at):
        walk.say(html[at : match.start()])
        at = walk.take(match)
    walk.say(html[at:])
    return "".join(walk.pieces), walk.hid


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that is open: whether its tag was kept, and whether it hides what is in it."""

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
    hid: bool = False

    def say(self, text: str) -> None:
        """Take in what stands between two tags."""
        if not self.hiding:
            self.pieces.append(text)
        elif text and not text.isspace():
            self.hid = True

    def take(self, match: re.Match[str]) -> int:
        """Take in a tag or a comment, and return where it ends."""
        name = (match[2] or "").lower()
        if not name:
            return self._behind(_COMMENT_END, match.end())
        if match[1]:
            self._close(name, match[0])
            return match.end()
        if name in RAW:
            end = self._behind(RAW[name], match.end())
            # The style sheet says what is hidden; nobody reads the others.
            self.pieces.append(self.html[match.start() : end] if name == "style" else "")
            return end
        self._open(name, match[0], match[3])
        return match.end()

    def _behind(self, mark: re.Pattern[str], start: int) -> int:
        # What is never closed goes on to the end, as in a browser.
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
        self.pieces.append(tag if keeps else _gap(name))

    def _close(self, name: str, tag: str) -> None:
        if not self.names[name]:
            if name in NEVER_CLOSED and not self.hiding:
                self.pieces.append(tag)
            return
        while self._pop() != name:
            pass

    def _pop(self) -> str:
        last = self.stack.pop()
        self.names[last.name] -= 1
        self.hiding -= last.hides
        if last.kept:
            self.kept -= 1
            self.pieces.append(f"</{last.name}>")
        elif not self.hiding:
            self.pieces.append(_gap(last.name))
        return last.name


def _gap(name: str) -> str:
    return "" if name in INLINE else "\n<br>"


def _conceals(attributes: str) -> bool:
    found = _STYLE.search(attributes)
    style = unescape((found[1] or found[2] or found[3] or "")[:MAX_STYLE]) if found else ""
    return _HIDDEN.search(attributes) is not None or hides(declarations(style))
