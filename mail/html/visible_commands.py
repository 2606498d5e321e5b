"""Which command lines of an HTML text its reader may not see: those in an element with a style beyond an allow-list.

What hides words has no end (clip-path, scale(0), filters, variables, `@media`), so what shows them is listed instead.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from mail.html.allowed import is_allowed, shows

MARK = "\ue0a3"
MAX_SHEET = 100_000
MAX_RULES = 500
# Looking up a selector walks the tree, and one of many parts does so again and again.
MAX_LOOKED_UP, MAX_PARTS = 50, 3
MAX_SELECTED = 20_000

# Also behind a number, as in `12 #resolve` and `- [SD-12]: #resolve`.
_COMMAND = re.compile(
    "[\\s\u200b-\u200f\u2060\ufeff]{0,40}"
    "(?:(?:\\\\?[-*\u2022]\\s{1,4})?[^\\s\\d]{0,6}\\d{1,18}[\\]:.,)]{0,3}\\s{1,9})?[#\uff03][^\\W\\d_]"
)
_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|<!--|-->")
_BLOCK = re.compile(r"\{([^{}]*)\}")
# `p.MsoNormal`, `a:link`; a pseudo-class is left out, so that the rule is read as one for more elements.
_SELECTOR = re.compile(r"[\w\s.,#>\[\]=\"'*-]{1,2000}")
_PSEUDO = re.compile(r"::?[\w-]{1,40}")


def unseen_lines(html: str, own: str, to_text: Callable[[str], str]) -> frozenset[str]:
    """Return the lines of `own`, without white space around them, that begin like commands and may be out of sight.

    `own` is the text that `to_text` made of the HTML, or a part of it.
    """
    commands = command_lines(own)
    if not commands:
        return commands
    marked = _with_marks(html)
    lines = to_text(marked).split("\n") if marked is not None else []
    plain = {line.replace(MARK, "").strip() for line in lines if MARK not in line}
    hidden = {line.replace(MARK, "").strip() for line in lines if MARK in line}
    return frozenset(commands - plain | commands & hidden)


def command_lines(text: str) -> frozenset[str]:
    """Return the lines that begin like commands, without white space around them."""
    return frozenset(line.strip() for line in text.split("\n") if _COMMAND.match(line))


def _with_marks(html: str) -> str | None:
    """Return the HTML with MARK before each text in an element that may not be shown; None where all may be hidden."""
    tree = LexborHTMLParser(html)
    ruled = _ruled(tree)
    if ruled is None or tree.root is None:
        return None
    open_nodes: list[tuple[Any, bool]] = [(tree.root, False)]
    texts: list[Any] = []
    while open_nodes:
        node, hidden = open_nodes.pop()
        hidden = hidden or node.mem_id in ruled or not shows(node.tag or "", node.attributes)
        for child in node.iter(include_text=True):
            if not child.is_text_node:
                open_nodes.append((child, hidden))
            elif hidden and not child.text().isspace():
                texts.append(child)
    for text in texts:
        text.insert_before(MARK)
    return tree.html or ""


def _ruled(tree: LexborHTMLParser) -> set[int] | None:
    """Return the elements, by their id in memory, that a style sheet may hide; None where that may be any."""
    sheet = "\n".join(node.text() for node in tree.css("style"))
    if len(sheet) > MAX_SHEET or "@import" in sheet.lower() or "\\" in sheet or tree.css("link[rel~=stylesheet]"):
        return None
    found: set[int] = set()
    looked_up = 0
    for number, (selector, style) in enumerate(_rules(_COMMENT.sub(" ", sheet))):
        if number > MAX_RULES or len(found) > MAX_SELECTED:
            return None
        if _is_harmless(selector, style):
            continue
        looked_up += 1
        nodes = _selected(tree, selector) if looked_up <= MAX_LOOKED_UP else None
        if nodes is None:
            return None
        found.update(node.mem_id for node in nodes)
    return found


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selector and declarations of each block, the innermost first: what is nested counts in any medium."""
    sheet += "}" * max(0, sheet.count("{") - sheet.count("}"))
    for _ in range(9):
        if "{" not in sheet:
            return
        kept, at = [], 0
        for block in _BLOCK.finditer(sheet):
            before = sheet[at : block.start()]
            cut = max(map(before.rfind, "{};")) + 1
            kept.append(before[:cut])
            yield before[cut:].strip(), block[1]
            at = block.end()
        sheet = " ".join((*kept, sheet[at:]))
    yield "{", "{"


def _is_harmless(selector: str, style: str) -> bool:
    if selector.startswith("@font-face"):
        # A font of the mail's own may have no shapes for its letters.
        return "src" not in style.lower()
    return selector.startswith("@page") or is_allowed(style)


def _selected(tree: LexborHTMLParser, selector: str) -> list[Any] | None:
    general = ",".join(_PSEUDO.sub("", one).strip() or "*" for one in selector.split(","))
    long = any(len(one.replace(">", " ").split()) > MAX_PARTS for one in general.split(","))
    if long or not _SELECTOR.fullmatch(general):
        return None
    try:
        return list(tree.css(general))
    except (SelectolaxError, ValueError):
        return None
