"""What an HTML body holds and shows nobody: such words are not the sender's, and are left out before it is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

# The properties of an element with their values, and elements with theirs.
Style = Mapping[str, str]
Styles = dict[int, tuple[Any, Style]]

MAX_SHEET = 100_000
MAX_RULES = 50
MAX_SELECTED = 20_000
MAX_STYLE = 4_000
MAX_PARTS = 3
# A pixel is what screen readers are left; farther left than this, nothing shows.
PIXEL, OUTSIDE = 1.0, -500.0
# What an element hides for all within it, and what only for words whose own element says nothing else of it.
INHERITED = ("visibility", "font-size")

# What hides, in lower case, also where letters are written as numbers, which nobody does who means no harm. Each
# expression stands behind the word in it that is looked for first.
HINTS = tuple(
    (word, re.compile(hint))
    for word, hint in (
        ("display", r"display\s*:\s*none"),
        ("hidden", r"hidden\s*[=>\s/\"']"),
        ("visibility", r"visibility\s*:\s*[hc]"),
        ("opacity", r"opacity\s*:\s*[0.]"),
        # The last nought of `11.0pt`, which Outlook writes, hides nothing.
        ("font", r"font(?:-size)?\s*:[^;\"'>]{0,40}\b(?<![0-9]\.)0"),
        ("overflow", r"overflow(?:-[xy])?\s*:\s*[hc]"),
        ("indent", r"indent\s*:\s*-\d{3}"),
        ("position", r"position\s*:\s*[af]"),
        ("/*", r"/\*"),
        ("\\", r"\\[0-9a-f]"),
        ("&", r"&(?:colon|tab|newline)"),
        # Programs write quotes and brackets so, which hide nothing.
        ("&#", r"&#(?:0*(?:4[58]|5\d|6[5-9]|[789]\d|1[01]\d|12[0-2])|x0*(?!2[267]|3[ce])[2-7][0-9a-f])\b"),
    )
)
# Without one of these no style hides its element.
DECISIVE = frozenset({"display", "opacity", "overflow", "overflow-x", "overflow-y", "text-indent", "position"})
_PROPERTIES = re.compile(r"display|visibility|opacity|font|overflow|text-indent|position")
_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_LENGTH = re.compile(r"(-?\d{0,9}\.?\d{1,9})(?:[a-z]{2,4}|%)?")
_FONT = re.compile(r"(?:[\w-]{1,20} ){0,4}0(?:\.0*)?(?:[a-z]{2,4}|%)?(?:/\S{1,10})?(?: .*)?")
# Selectors that are looked up: names, classes, ids and attributes, and no states of an element.
_SELECTOR = re.compile(r"[\w\s.,#>\[\]=\"'-]{1,200}")
_BRACE = re.compile(r"[{}]")


def may_hide(lowered: str) -> bool:
    """Whether HTML may hide anything, by its text in lower case; most holds no such style."""
    return any(word in lowered and hint.search(lowered) for word, hint in HINTS)


def without_hidden(html: str) -> tuple[str, bool]:
    """Return the HTML without the elements whose style shows them to nobody, and whether these held any words.

    The HTML is as it was where nothing is hidden.

    Elements that hide for some programs alone (`mso-hide`, `@media`) stay, and so does our own marker. Text in the
    colour of its ground is not looked for. The HTML may not be nested deeper than the parser bears.
    """
    tree = LexborHTMLParser(html)
    styles = _styles(tree)
    wordless = [(node, names) for node, style in styles.values() if (names := _hiding_properties(style))]
    gone = [node for node, style in styles.values() if hides_all(style) and "data-supportdesk" not in node.attributes]
    if not wordless and not gone:
        return html, False
    shown = _count(tree)
    for node, names in wordless:
        for name in names:
            _take_words(node, name, styles)
        # What an inner element shows again would go, too, where the converter knows the outer style only.
        if "style" in node.attributes:
            del node.attrs["style"]
    # No element may be touched after one around it is gone, so these go last.
    for node in _outermost(gone):
        node.decompose()
    return tree.html or "", _count(tree) < shown


def _count(tree: LexborHTMLParser) -> int:
    """Return how many letters the body holds, without white space."""
    return len("".join(tree.body.text().split())) if tree.body else 0


def hides(style: Style) -> bool:
    """Whether a style hides the words of its element, and those in it whose own elements say nothing else."""
    return hides_all(style) or bool(_hiding_properties(style))


def _styles(tree: LexborHTMLParser) -> Styles:
    """Return every element that has a style of its own or by a rule of the mail's style sheet, with that style."""
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
        # Elements of one style share what was read of it, as long as no rule adds to it.
        found[node.mem_id] = (node, {**ruled[node.mem_id][1], **own} if node.mem_id in ruled else own)
    return found


def _rules(tree: LexborHTMLParser) -> Iterator[tuple[str, Style]]:
    """Yield the rules that may hide something; those within others count for some programs only and are left out."""
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
    """Return the properties of a style with their values, in lower case and without `!important`; the last counts."""
    return _read_declarations(style[:MAX_STYLE])


# A mail gives the same few styles to hundreds of elements.
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
    # Elements that are known to be in none, so that no way up is gone twice.
    clear: set[int] = set()
    outermost = []
    for node in found.values():
        passed, outer = [], node.parent
        while outer is not None and outer.mem_id not in found and outer.mem_id not in clear:
            passed.append(outer.mem_id)
            outer = outer.parent
        if outer is None or outer.mem_id in clear:
            clear.update(passed)
            outermost.append(node)
    return outermost


def _hiding_properties(style: Style) -> tuple[str, ...]:
    """Return the properties by which an element hides its words, though inner ones may show theirs."""
    return _hiding_properties_of(style.get("visibility", ""), style.get("font-size", ""), style.get("font", ""))


@lru_cache(maxsize=256)
def _hiding_properties_of(visibility: str, size: str, font: str) -> tuple[str, ...]:
    is_invisible = visibility in {"hidden", "collapse"}
    has_no_size = _length(size) == 0.0 if size else _FONT.fullmatch(font) is not None
    return tuple(name for name, hides in zip(INHERITED, (is_invisible, has_no_size), strict=True) if hides)


def _take_words(node: Any, name: str, styles: Styles) -> None:
    """Take out the words within an element, but those of inner elements that say something of the same property."""
    inner = [node]
    while inner:
        for child in list(inner.pop().iter(include_text=True)):
            if child.is_text_node:
                child.decompose()
            elif not _sets(styles.get(child.mem_id), name):
                inner.append(child)


def _sets(found: tuple[Any, Style] | None, name: str) -> bool:
    return found is not None and (name in found[1] or (name == "font-size" and "font" in found[1]))


def hides_all(style: Style) -> bool:
    """Whether a style hides its element with all that is in it, whatever that says of itself."""
    if DECISIVE.isdisjoint(style):
        return False
    if style.get("display") == "none" or _length(style.get("opacity")) == 0.0:
        return True
    return _is_closed(style) or _is_outside(style)


def _is_closed(style: Style) -> bool:
    """Whether the element has no room, and what does not fit is not shown."""
    cut = any(style.get(name) in {"hidden", "clip"} for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = [_length(style.get(name)) for name in ("height", "max-height", "width", "max-width")]
    return cut and any(size is not None and 0.0 <= size <= PIXEL for size in sizes)


def _is_outside(style: Style) -> bool:
    """Whether the element, or its text, is moved to where no window reaches."""
    moved = [_length(style.get("text-indent"))]
    if style.get("position") in {"absolute", "fixed"}:
        moved += [_length(style.get(name)) for name in ("left", "top")]
    return any(place is not None and place <= OUTSIDE for place in moved)


def _length(value: str | None) -> float | None:
    match = _LENGTH.fullmatch(value) if value else None
    return float(match[1]) if match else None
