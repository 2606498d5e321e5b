"""HTML gets a mark where the quoted mail begins, by the elements in which mail programs wrap it."""

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from mail.html.answers_inside import look_otherwise, may_look_otherwise, stand_between
from mail.html.elements import BORDERING, DOCUMENT, STARTING, WRAPPING, hints, selectors
from mail.quoting.header_block import read_label

LONGEST_HEAD = 400

WRAPPERS, QUOTE_STARTS, BORDERS = selectors(WRAPPING), selectors(STARTING), selectors(BORDERING)
# The marker in our own mails: if a program kept it, the outermost element that begins with it is the quote.
OURS = "[data-supportdesk=reply]"
QUOTES = ", ".join((*WRAPPERS, *QUOTE_STARTS, *BORDERS, OURS))
MARK = "\ue0a1cut\ue0a1"
# Behind a document: answers stand within its quote.
INSIDE = f"<!--{MARK}-->"

# Texts of which a document with a quote holds one, in lower case; most documents hold none.
HINTS = (*hints((*WRAPPING, *STARTING, *BORDERING)), "data-supportdesk")


def may_quote(lowered: str) -> bool:
    """Whether HTML may hold a quote, by what `lowered_once` makes of it: a quick test."""
    return any(hint in lowered for hint in HINTS)


def mark_quote(html: str) -> str | None:
    """Return the document with `MARK` above the first quote.

    None where there is no quote, where text follows it or stands between its pieces, or where no text precedes it.
    """
    if MARK in html:
        return None
    tree = LexborHTMLParser(html)
    first = next((node for node in tree.css(QUOTES) if node.tag != DOCUMENT and _is_quote(node)), None)
    if first is None or stand_between(first):
        return None
    is_start = first.css_matches(", ".join((*QUOTE_STARTS, *BORDERS)))
    ours = first.css_matches(OURS)
    quote = _around_marker(first) if ours else first
    mark = LexborHTMLParser(f"<p>{MARK}</p>").css_first("p")
    _with_rule_above(quote).insert_before(mark or MARK)
    marked = tree.html
    looks_inside = not ours and may_look_otherwise(html) and look_otherwise(tree, MARK)
    if ours:
        quote.decompose()
    before, _, after = text_outside_quotes(tree).partition(MARK)
    if not before.strip() or (after.strip() and not is_start):
        return None
    return f"{marked}{INSIDE}" if looks_inside and marked else marked


def _is_quote(node: Any) -> bool:
    """Whether the element is a quote; one with a drawn border is only if it begins with a block of headers."""
    if not node.css_matches(", ".join(BORDERS)):
        return True
    return read_label(node.text()[:LONGEST_HEAD].strip().partition("\n")[0]) is not None


def _around_marker(node: Any) -> Any:
    """Return the outermost element that begins with our marker."""
    while (
        node.parent is not None and node.parent.tag not in {"body", "html"} and not any(map(_is_shown, _previous(node)))
    ):
        node = node.parent
    return node


def _with_rule_above(node: Any) -> Any:
    """Return the `hr` right above a quote, else the quote."""
    above = next(filter(_is_shown, _previous(node)), None)
    return above if above is not None and above.tag == "hr" else node


def _previous(node: Any) -> Iterator[Any]:
    """Yield the siblings before an element, nearest first."""
    while node.prev is not None:
        node = node.prev
        yield node


def _is_shown(node: Any) -> bool:
    return node.tag == "hr" or bool(node.text().strip())


def text_outside_quotes(tree: Any, *also: str) -> str:
    """Return the text of the document without its quotes and the elements of further selectors; it changes the tree."""
    # Inner elements are removed first: no element may be used after one around it is removed.
    for node in reversed(tree.css(", ".join((*WRAPPERS, *QUOTE_STARTS, "style", "script", "title", *also)))):
        if node.tag != DOCUMENT:
            node.decompose()
    return tree.body.text() if tree.body else ""
