"""HTML gets the line `--` (RFC 3676, section 4.3) above what the sender's mail program marked as the signature."""

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from mail.html.elements import SIGNING, hints, selectors
from mail.html.quotes import WRAPPERS, text_outside_quotes

SIGNATURES, HINTS = selectors(SIGNING), hints(SIGNING)
_FRAMED = re.compile(
    r"<pre([^<>]{0,200}moz-signature[^<>]{0,200})>([^<>]*(?:<br ?/?>[^<>]*){0,40})</pre>", re.IGNORECASE
)
DASHES = "\ue0a2dashes\ue0a2"


def mark_signature(html: str, lowered: str) -> str:
    """Return the document with `DASHES`, which stands for `--`, above the signature that its program marked.

    Unchanged where there is none, where words of the sender follow it, or where none precede it.
    """
    if not any(hint in lowered for hint in HINTS) or DASHES in html:
        return html
    html = _FRAMED.sub(_unframed, html)
    tree = LexborHTMLParser(html)
    node = next((one for one in tree.css(", ".join(SIGNATURES)) if _is_signature(one)), None)
    line = LexborHTMLParser(f"<div>{DASHES}</div>").css_first("div")
    if node is None or line is None:
        return html
    node.insert_before(line)
    marked = tree.html or html
    before, _, after = text_outside_quotes(tree, "blockquote").partition(DASHES)
    own = before.strip()
    is_marked_already = own.endswith("--") or after.lstrip().startswith("--")
    return marked if own and not is_marked_already and not _below(tree) else html


def _is_signature(node: Any) -> bool:
    """Whether the element has words, and is in no quote."""
    if not node.text().strip():
        return False
    quotes = ", ".join(WRAPPERS)
    parent = node
    while parent is not None and parent.tag not in {"body", "html", "-undef"}:
        if parent.css_matches(quotes) or parent.tag == "blockquote":
            return False
        parent = parent.parent
    return True


def _unframed(match: re.Match[str]) -> str:
    """Return Thunderbird's preformatted signature as an element that no frame is drawn around."""
    return f"<div{match[1]}>{match[2].replace(chr(10), '<br>')}</div>"


def _below(tree: Any) -> str:
    """Return the sender's words below the signature; it changes the tree."""
    return text_outside_quotes(tree, *SIGNATURES).partition(DASHES)[2].strip()
