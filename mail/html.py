"""HTML bodies become plain text, with the quoted mail told apart where the sender's program marked it."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from html_to_markdown import ConversionOptions, convert
from selectolax.lexbor import LexborHTMLParser

from mail.attribution import is_forward_mark, is_label

MAX_HTML = 1_000_000
MAX_DEPTH = 200
LONGEST_HEAD = 400
NEVER_CLOSED = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "li", "link", "meta", "option", "p", "td", "th", "tr", "wbr"}
)

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
QUOTE_STARTS = ("#divRplyFwdMsg", "#x_divRplyFwdMsg", "#appendonsend", "hr[data-marker=__DIVIDER__]", "#stopSpelling")
# Outlook draws a line above the block of headers; others may draw lines, too, but above no such block.
BORDERS = ("div[style*='border-top:solid']", "div[style*='border-top: solid']", "div[style*='border-top:1pt solid']")
QUOTES = (*WRAPPERS, *QUOTE_STARTS, *BORDERS)
MARK = "\ue0a1cut\ue0a1"

_HINT = re.compile(
    r"gmail_quote|blockquote|moz-cite-prefix|reply-intro|AppleMailQuote|yahoo_quoted|protonmail_quote|tutanota_quote|"
    r"zmail_extra|name=.?quote|includetail|isReplyContent|ntes-mailmaster|OLK_SRC_BODY|mail-editor-reference|"
    r"divRplyFwdMsg|appendonsend|__DIVIDER__|stopSpelling|border-top: ?(?:1pt )?solid",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<<([^<>\s]{1,320})>>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAG = re.compile(r"<[^<>]*>")
_OPENED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})")
_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of an HTML body: the sender's own and, below it, what was quoted."""

    own: str
    quoted: str = ""


def read_html(html: str) -> HtmlText:
    """Plain text of HTML of at most a million characters; never raises, never empty where a word is shown."""
    html = _CONTROL.sub("", html[:MAX_HTML])
    if _is_deep(html):
        return HtmlText(_tidy(unescape(_TAG.sub("\n", html))))
    marked = _marked(html) if _HINT.search(html) else None
    if marked:
        own, found, quoted = _to_text(marked).partition(MARK)
        # A mark in the middle of a line means that the quote shares a table or list with other text.
        if found and own.strip() and own.endswith("\n") and quoted.startswith("\n") and not _is_forward(quoted):
            return HtmlText(own.strip(), quoted.strip())
    return HtmlText(_to_text(html).replace(MARK, "").strip())


def _marked(html: str) -> str | None:
    """Return the document with a mark above the first quote; None where text follows the quote or none precedes it."""
    if MARK in html:
        return None
    tree = LexborHTMLParser(html)
    first = next((node for node in tree.css(", ".join(QUOTES)) if _is_quote(node)), None)
    if first is None:
        return None
    mark = LexborHTMLParser(f"<p>{MARK}</p>").css_first("p")
    first.insert_before(mark or MARK)
    marked = tree.html
    is_start = first.css_matches(", ".join((*QUOTE_STARTS, *BORDERS)))
    before, _, after = _remaining(tree).partition(MARK)
    return marked if before.strip() and (is_start or not after.strip()) else None


def _is_quote(node: Any) -> bool:
    """Whether the element is a quote; below a line drawn by hand it is one if it begins with a block of headers."""
    if not node.css_matches(", ".join(BORDERS)):
        return True
    return is_label(node.text()[:LONGEST_HEAD].strip().partition("\n")[0])


def _is_forward(quoted: str) -> bool:
    # A mail that is passed on is what the sender wants to be read, whatever wraps it.
    return is_forward_mark(quoted.strip().partition("\n")[0])


def _remaining(tree: Any) -> str:
    """Return the text of the document without all that is marked as quoted."""
    for node in tree.css(", ".join((*WRAPPERS, *QUOTE_STARTS, "style", "script", "title"))):
        node.decompose()
    return tree.body.text() if tree.body else ""


def _to_text(html: str) -> str:
    text = _markdown(html)
    return (_tidy(text) or _tidy(_shown(html))) + "\n"


def _tidy(text: str) -> str:
    text = _ADDRESS.sub(r"<\1>", text)
    return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def _is_deep(html: str) -> bool:
    """Whether tags may be nested deeper than the converter goes; it leaves out what lies deeper and does not say so."""
    depth = 0
    for closing, name in _OPENED.findall(html):
        depth += -1 if closing else name.lower() not in NEVER_CLOSED
        if depth > MAX_DEPTH:
            return True
        depth = max(depth, 0)
    return False


def _markdown(html: str) -> str:
    options = ConversionOptions(
        extract_metadata=False, skip_images=True, bullets="-", max_depth=2 * MAX_DEPTH, max_input_size=8 * MAX_HTML
    )
    # The converter is compiled code with errors of its own; whatever it cannot read, the plain reader can.
    try:
        return convert(html, options).content or ""
    except Exception:  # noqa: BLE001
        return ""


def _shown(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css("style, script, title, head"):
        node.decompose()
    return tree.body.text(separator="\n") if tree.body else ""
