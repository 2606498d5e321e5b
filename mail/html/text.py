"""HTML bodies become plain text, with the quoted mail told apart where the sender's program marked it."""

import re
from dataclasses import dataclass

from html_to_markdown import ConversionOptions, convert
from selectolax.lexbor import LexborHTMLParser

from mail.html.flatten import MAX_DEPTH, flattened, is_deep
from mail.html.hidden import may_hide, without_hidden
from mail.html.quotes import MARK, may_quote, with_mark
from mail.quoting.attribution import is_forward_mark

MAX_HTML = 1_000_000
OPTIONS = ConversionOptions(
    extract_metadata=False, skip_images=True, bullets="-", max_depth=2 * MAX_DEPTH, max_input_size=8 * MAX_HTML
)

_ADDRESS = re.compile(r"<<([^<>\s]{1,320})>>")
CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_CONTROL = re.compile(f"[{re.escape(CONTROL.decode())}\ud800-\udfff]")
_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of an HTML body: the sender's own and, below it, what was quoted; `hid` where it hides more words."""

    own: str
    quoted: str = ""
    hid: bool = False


def read_html(html: str) -> HtmlText:
    """Return the plain text of the first million characters; never raises, never empty where a word is shown."""
    html = _without_control(html[:MAX_HTML])
    html, hid_below = flattened(html) if is_deep(html) else (html, False)
    lowered = html.lower()
    shown, hid = without_hidden(html) if may_hide(lowered) else (html, False)
    # The HTML is written anew where something was hidden, and may then say more plainly what it quotes.
    marked = with_mark(shown) if shown is not html or may_quote(lowered) else None
    hid = hid or hid_below
    if marked:
        own, found, quoted = _to_text(marked).partition(MARK)
        # A mark in the middle of a line means that the quote shares a table or list with other text.
        is_alone = own.endswith("\n") and quoted.startswith("\n")
        # A mail that is passed on is what the sender wants to be read, whatever wraps it.
        is_forward = is_forward_mark(quoted.strip().partition("\n")[0])
        if found and own.strip() and is_alone and not is_forward:
            return HtmlText(own.strip(), quoted.strip(), hid)
    return HtmlText(_to_text(shown).replace(MARK, "").strip(), hid=hid)


def _without_control(html: str) -> str:
    # Nearly all HTML holds none, which bytes say sooner than an expression.
    try:
        plain = html.encode()
    except UnicodeEncodeError:
        return _CONTROL.sub("", html)
    return html if len(plain.translate(None, CONTROL)) == len(plain) else _CONTROL.sub("", html)


def _to_text(html: str) -> str:
    # The converter is compiled code with errors of its own; whatever it cannot read, the plain reader can.
    try:
        converted = convert(html, OPTIONS).content or ""
    except Exception:  # noqa: BLE001
        converted = ""
    return (_tidy(converted) or _tidy(_text_nodes(html))) + "\n"


def _tidy(text: str) -> str:
    text = _ADDRESS.sub(r"<\1>", text) if "<<" in text else text
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    return (_BLANKS.sub("\n\n", text) if "\n\n\n" in text else text).strip("\n")


def _text_nodes(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css("style, script, title, head"):
        node.decompose()
    return tree.body.text(separator="\n") if tree.body else ""
