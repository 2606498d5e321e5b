"""Where in an HTML body the quoted mail begins, by what mail programs wrap it in."""

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from mail.quoting.header_block import read_label

LONGEST_HEAD = 400

# What mail programs wrap the quoted mail in, or put right above it.
WRAPPERS = (
    # Gmail, also as Outlook and others rename its classes; a blockquote of that class alone is an indented paragraph.
    "div.gmail_quote",
    "div.gmail_quote_container",
    "div.x_gmail_quote",
    # Apple Mail, Thunderbird, Roundcube, and whoever follows them.
    "blockquote[type=cite]",
    ".moz-cite-prefix",
    "#reply-intro",
    ".AppleMailQuote",
    # Yahoo, also on iOS.
    ".yahoo_quoted",
    "blockquote.iosymail",
    ".protonmail_quote",
    ".tutanota_quote",
    ".zmail_extra",
    # GMX and WEB.DE.
    "div[name=quote]",
    # QQ and NetEase.
    "includetail",
    "#isReplyContent",
    ".ntes-mailmaster-quote",
    # Outlook for Mac and the new Outlook for telephones.
    "#OLK_SRC_BODY_SECTION",
    "#mail-editor-reference-message-container",
)
# With these the rest of the document is the quote, without a wrapper: Outlook on the web, Zimbra.
QUOTE_STARTS = (
    *("#appendonsend", "#x_appendonsend", "#divRplyFwdMsg", "#x_divRplyFwdMsg"),
    *("hr[data-marker=__DIVIDER__]", "#stopSpelling"),
)
# Outlook draws a line above the block of headers; others may draw lines, too, but above no such block.
BORDERS = ("div[style*='border-top:solid']", "div[style*='border-top: solid']", "div[style*='border-top:1pt solid']")
# What our own mails hold: the outermost element that begins with it is the quote, where a program has kept it.
OURS = "[data-supportdesk=reply]"
QUOTES = ", ".join((*WRAPPERS, *QUOTE_STARTS, *BORDERS, OURS))
MARK = "\ue0a1cut\ue0a1"

# What a document with a quote holds, in lower case; most hold none of it.
HINTS = (
    *("gmail_quote", "blockquote", "moz-cite-prefix", "reply-intro", "applemailquote", "yahoo_quoted"),
    *("protonmail_quote", "tutanota_quote", "zmail_extra", "includetail", "isreplycontent", "ntes-mailmaster"),
    *("olk_src_body", "mail-editor-reference", "data-supportdesk", "divrplyfwdmsg", "appendonsend", "__divider__"),
    *("stopspelling", "name=quote", 'name="quote', "name='quote", "name= quote"),
    *("border-top:solid", "border-top: solid", "border-top:1pt solid"),
)


def may_quote(lowered: str) -> bool:
    """Whether HTML may hold a quote, by its text in lower case."""
    return any(hint in lowered for hint in HINTS)


def with_mark(html: str) -> str | None:
    """Return the document with a mark above the first quote.

    None where no program marked one, where text follows the quote, or where none precedes it.
    """
    if MARK in html:
        return None
    tree = LexborHTMLParser(html)
    first = next((node for node in tree.css(QUOTES) if _is_quote(node)), None)
    if first is None:
        return None
    is_start = first.css_matches(", ".join((*QUOTE_STARTS, *BORDERS)))
    ours = first.css_matches(OURS)
    quote = _around_marker(first) if ours else first
    mark = LexborHTMLParser(f"<p>{MARK}</p>").css_first("p")
    _with_rule_above(quote).insert_before(mark or MARK)
    marked = tree.html
    if ours:
        quote.decompose()
    before, _, after = _text_outside_quotes(tree).partition(MARK)
    return marked if before.strip() and (is_start or not after.strip()) else None


def _is_quote(node: Any) -> bool:
    """Whether the element is a quote; below a line drawn by hand it is one if it begins with a block of headers."""
    if not node.css_matches(", ".join(BORDERS)):
        return True
    return read_label(node.text()[:LONGEST_HEAD].strip().partition("\n")[0]) is not None


def _around_marker(node: Any) -> Any:
    """Return the outermost element that begins with our marker."""
    while node.parent is not None and node.parent.tag not in {"body", "html"} and not any(map(_is_shown, _above(node))):
        node = node.parent
    return node


def _with_rule_above(node: Any) -> Any:
    """Return the line that a program draws right above a quote, else the quote."""
    above = next(filter(_is_shown, _above(node)), None)
    return above if above is not None and above.tag == "hr" else node


def _above(node: Any) -> Iterator[Any]:
    """Yield what stands before an element beside it, the nearest first."""
    while node.prev is not None:
        node = node.prev
        yield node


def _is_shown(node: Any) -> bool:
    return node.tag == "hr" or bool(node.text().strip())


def _text_outside_quotes(tree: Any) -> str:
    """Return the text of the document without all that is marked as quoted."""
    # The inner ones go first: no element may be touched after one around it is gone.
    for node in reversed(tree.css(", ".join((*WRAPPERS, *QUOTE_STARTS, "style", "script", "title")))):
        node.decompose()
    return tree.body.text() if tree.body else ""
