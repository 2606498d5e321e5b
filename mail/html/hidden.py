"""HTML without the elements that its styles hide: text that no reader sees must not count as the sender's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from mail.html.elements import DOCUMENT

# Properties of one element with their values; elements by their id in memory, each with its properties.
Style = Mapping[str, str]
Styles = dict[int, tuple[Any, Style]]

MAX_SHEET = 100_000
MAX_RULES = 50
MAX_SELECTED = 20_000
MAX_STYLE = 4_000
MAX_PARTS = 3
# Text for screen readers gets one pixel of room; farther left than this, nothing shows.
PIXEL, OUTSIDE = 1.0, -500.0
# Properties that inner elements inherit, unless they set them themselves.
INHERITED = ("visibility", "font-size")

# Expressions for HTML in lower case that may hide something, also by letters written as numbers, which honest senders
# do not do. Each has a word that is searched first, as that is faster.
HINTS = tuple(
    (word, re.compile(hint))
    for word, hint in (
        ("display", r"display\s*:\s*none"),
        ("hidden", r"hidden\s*[=>\s/\"']"),
        ("visibility", r"visibility\s*:\s*[hc]"),
        ("opacity", r"opacity\s*:\s*[0.]"),
        # The last zero of `11.0pt`, which Outlook writes, hides nothing.
        ("font", r"font(?:-size)?\s*:[^;\"'>]{0,40}\b(?<![0-9]\.)0"),
        ("overflow", r"overflow(?:-[xy])?\s*:\s*[hc]"),
        ("indent", r"indent\s*:\s*-\d{3}"),
        ("position", r"position\s*:\s*[af]"),
        ("/*", r"/\*"),
        ("\\", r"\\[0-9a-f]"),
        ("&", r"&(?:colon|tab|newline)"),
        # Quotes and brackets, which programs write like this, hide nothing.
        ("&#", r"&#(?:0*(?:4[58]|5\d|6[5-9]|[789]\d|1[01]\d|12[0-2])|x0*(?!2[267]|3[ce])[2-7][0-9a-f])\b"),
    )
)
# A style without one of these does not hide its element.
DECISIVE = frozenset({"display", "opacity", "overflow", "overflow-x", "overflow-y", "text-indent", "position"})
_PROPERTIES = re.compile(r"display|visibility|opacity|font|overflow|text-indent|position")
_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_LENGTH = re.compile(r"(-?\d{0,9}\.?\d{1,9})(?:[a-z]{2,4}|%)?")
_FONT = re.compile(r"(?:[\w-]{1,20} ){0,4}0(?:\.0*)?(?:[a-z]{2,4}|%)?(?:/\S{1,10})?(?: .*)?")
# Selectors that are looked up: names, classes, ids and attributes, but no pseudo-classes.
_SELECTOR = re.compile(r"[\w\s.,#>\[\]=\"'-]{1,200}")
_BRACE = re.compile(r"[{}]")


def may_hide(lowered: str) -> bool:
    """Whether HTML may hide anything, by what `lowered_once` makes of it: a quick test that most mails fail."""
    return any(word in lowered and hint.search(lowered) for word, hint in HINTS)


def remove_hidden(html: str) -> tuple[str, bool]:
    """Return the HTML without the elements that their style hides, and whether these held any words.

    The HTML is unchanged where nothing is hidden.

    Elements that only some programs hide (`mso-hide`, `@media`) stay, and so does our own marker. Text in the colour of
    its background is not recognised. The HTML must be flat enough for the parser (`flatten`).
    """
    tree = LexborHTMLParser(html)
    has_hidden = remove_hidden_from(tree)
    return (html, False) if has_hidden is None else (tree.html or "", has_hidden)


def remove_hidden_from(tree: LexborHTMLParser) -> bool | None:
    """Remove the same elements from a parsed document, and return whether these held any words; None for no element."""
    styles = _styles(tree)
    wordless = [(node, names) for node, style in styles.values() if (names := _hiding_properties(style))]
    gone = [node for node, style in styles.values() if hides_all(style) and not _is_kept(node)]
    if not wordless and not gone:
        return None
    shown = _count(tree)
    for node, names in wordless:
        for name in names:
            _remove_words(node, name, styles)
        # The converter, which knows only this style, would also leave out inner elements that are shown.
        if "style" in node.attributes:
            del node.attrs["style"]
    # No element may be used after one around it is removed, so these are removed last.
    for node in _outermost(gone):
        node.decompose()
    return _count(tree) < shown


def _is_kept(node: Any) -> bool:
    """Whether an element stays whatever hides it: our marker, and the document, which programs show as their own."""
    return node.tag == DOCUMENT or "data-supportdesk" in node.attributes


def _count(tree: LexborHTMLParser) -> int:
    """Return how many characters the body holds, without white space."""
    return len("".join(tree.body.text().split())) if tree.body else 0


def hides(style: Style) -> bool:
    """Whether a style hides the words of its element, and of inner elements that do not set the property."""
    return hides_all(style) or bool(_hiding_properties(style))


def _styles(tree: LexborHTMLParser) -> Styles:
    """Return every element with a style of its own or by a rule of the mail's style sheet, with that style."""
    ruled: dict[int, tuple[Any, dict[str, str]]] = {}
    by_rules = (
        (node, style) for selector, style in islice(_rules(tree), MAX_RULES) for node in _selected(tree, selector)
    )
    for node, style in islice(by_rules, MAX_SELECTED):
        ruled.setdefault(node.mem_id, (node, {}))[1].update(style)
    found: Styles = dict(ruled)
    for node in tree.css("[style], [hidden]"):
        attributes = node.attributes
        own = declarations(attributes.get("style") or "")
        own = {"display": "none", **own} if "hidden" in attributes else own
        # Elements with the same style share one mapping unless a rule adds to it.
        found[node.mem_id] = (node, {**ruled[node.mem_id][1], **own} if node.mem_id in ruled else own)
    return found


def _rules(tree: LexborHTMLParser) -> Iterator[tuple[str, Style]]:
    """Yield selector and style of the rules that may hide something, without nested ones (`@media`)."""
    sheet = _COMMENT.sub(" ", "\n".join(node.text() for node in tree.css("style"))[:MAX_SHEET])
    depth = start = opened = 0
    nested = False
    for brace in _BRACE.finditer(sheet):
        if brace[0] == "{":
            depth, nested = depth + 1, depth > 0
            opened = opened if nested else brace.start()
            continue
        depth = max(0, depth - 1)
        if not depth:
            style = {} if nested else declarations(sheet[opened + 1 : brace.start()])
            if style and _PROPERTIES.search(" ".join(style)):
                yield sheet[start:opened].strip(), style
            start, nested = brace.end(), False


def _selected(tree: LexborHTMLParser, selector: str) -> list[Any]:
    short = all(len(one.replace(">", " ").split()) <= MAX_PARTS for one in selector.split(","))
    if not (short and _SELECTOR.fullmatch(selector)):
        return []
    try:
        return list(tree.css(selector))
    except (SelectolaxError, ValueError):
        return []


def declarations(style: str) -> Style:
    """Return the last value of each property of a style, in lower case and without `!important`."""
    return _read_declarations(style[:MAX_STYLE])


# Hundreds of elements of a mail have the same few styles.
@lru_cache(maxsize=256)
def _read_declarations(style: str) -> Style:
    plain = _COMMENT.sub(" ", style) if "/*" in style else style
    plain = (_ESCAPE.sub(_unescaped, plain) if "\\" in plain else plain).lower()
    pairs = (one.partition(":") for one in plain.split(";"))
    return {name.strip(): value.partition("!")[0].strip() for name, _, value in pairs if value.strip()}


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code < 0x110000 else " "


def _outermost(nodes: Iterable[Any]) -> list[Any]:
    """Return the elements that are in none of the others."""
    found = {node.mem_id: node for node in nodes}
    # Elements that are known to be in none, so that no path to the root is walked twice.
    outside: set[int] = set()
    outermost = []
    for node in found.values():
        path, outer = [], node.parent
        while outer is not None and outer.mem_id not in found and outer.mem_id not in outside:
            path.append(outer.mem_id)
            outer = outer.parent
        if outer is None or outer.mem_id in outside:
            outside.update(path)
            outermost.append(node)
    return outermost


def _hiding_properties(style: Style) -> tuple[str, ...]:
    """Return the inherited properties by which an element hides its words; inner elements may show theirs."""
    return _hiding_properties_of(style.get("visibility", ""), style.get("font-size", ""), style.get("font", ""))


@lru_cache(maxsize=256)
def _hiding_properties_of(visibility: str, size: str, font: str) -> tuple[str, ...]:
    is_invisible = visibility in {"hidden", "collapse"}
    has_no_size = _length(size) == 0.0 if size else _FONT.fullmatch(font) is not None
    return tuple(name for name, hides in zip(INHERITED, (is_invisible, has_no_size), strict=True) if hides)


def _remove_words(node: Any, name: str, styles: Styles) -> None:
    """Remove the words in an element, except in inner elements that set the same property."""
    inner = [node]
    while inner:
        for child in list(inner.pop().iter(include_text=True)):
            if child.is_text_node:
                child.decompose()
            elif not _sets_property(styles.get(child.mem_id), name):
                inner.append(child)


def _sets_property(found: tuple[Any, Style] | None, name: str) -> bool:
    return found is not None and (name in found[1] or (name == "font-size" and "font" in found[1]))


def hides_all(style: Style) -> bool:
    """Whether a style hides its element with all inner elements, whatever styles these have."""
    if DECISIVE.isdisjoint(style):
        return False
    if style.get("display") == "none" or _length(style.get("opacity")) == 0.0:
        return True
    return _is_clipped(style) or _is_outside(style)


def _is_clipped(style: Style) -> bool:
    """Whether the element is at most a pixel high or wide, and clips what does not fit."""
    cut = any(style.get(name) in {"hidden", "clip"} for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = [_length(style.get(name)) for name in ("height", "max-height", "width", "max-width")]
    return cut and any(size is not None and 0.0 <= size <= PIXEL for size in sizes)


def _is_outside(style: Style) -> bool:
    """Whether the element or its text is moved out of the window."""
    moved = [_length(style.get("text-indent"))]
    if style.get("position") in {"absolute", "fixed"}:
        moved += [_length(style.get(name)) for name in ("left", "top")]
    return any(place is not None and place <= OUTSIDE for place in moved)


def _length(value: str | None) -> float | None:
    match = _LENGTH.fullmatch(value) if value else None
    return float(match[1]) if match else None
