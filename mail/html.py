"""HTML bodies become plain text, with the quoted mail told apart where the sender's program marked it."""

import re
from dataclasses import dataclass

from html_to_markdown import ConversionOptions, convert
from selectolax.lexbor import LexborHTMLParser

from mail.attribution import is_forward_mark
from mail.deep import MAX_DEPTH, flattened, is_deep
from mail.hidden import without_hidden
from mail.html_quotes import MARK, with_mark

MAX_HTML = 1_000_000

_ADDRESS = re.compile(r"<<([^<>\s]{1,320})>>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of an HTML body: the sender's own and, below it, what was quoted; `hid` where it hides more words."""

    own: str
    quoted: str = ""
    hid: bool = False


def read_html(html: str) -> HtmlText:
    """Plain text of HTML of at most a million characters; never raises, never empty where a word is shown."""
    html = _CONTROL.sub("", html[:MAX_HTML])
    html, hid_below = flattened(html) if is_deep(html) else (html, False)
    html, hid = without_hidden(html)
    hid = hid or hid_below
    marked = with_mark(html)
    if marked:
        own, found, quoted = _to_text(marked).partition(MARK)
        # A mark in the middle of a line means that the quote shares a table or list with other text.
        if found and own.strip() and own.endswith("\n") and quoted.startswith("\n") and not _is_forward(quoted):
            return HtmlText(own.strip(), quoted.strip(), hid)
    return HtmlText(_to_text(html).replace(MARK, "").strip(), hid=hid)


def _is_forward(quoted: str) -> bool:
    # A mail that is passed on is what the sender wants to be read, whatever wraps it.
    return is_forward_mark(quoted.strip().partition("\n")[0])


def _to_text(html: str) -> str:
    text = _markdown(html)
    return (_tidy(text) or _tidy(_shown(html))) + "\n"


def _tidy(text: str) -> str:
    text = _ADDRESS.sub(r"<\1>", text)
    return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


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
