"""An HTML body becomes plain text: the sender's own words, and apart from them the quote that a program marked."""

import re
from dataclasses import dataclass, replace

from html_to_markdown import ConversionOptions, convert
from selectolax.lexbor import LexborHTMLParser

from mail.html.elements import lowered_once
from mail.html.flatten import MAX_DEPTH, flatten, is_deep
from mail.html.hidden import may_hide, remove_hidden
from mail.html.quotes import INSIDE, MARK, mark_quote, may_quote
from mail.html.signatures import DASHES, mark_signature
from mail.html.visible_commands import command_lines, unseen_lines
from mail.quoting.attribution import is_forward_mark

MAX_HTML = 1_000_000
OPTIONS = ConversionOptions(
    extract_metadata=False, skip_images=True, bullets="-", max_depth=2 * MAX_DEPTH, max_input_size=8 * MAX_HTML
)

_ADDRESS = re.compile(r"<<([^<>\s]{1,320})>>")
CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_CONTROL = re.compile(f"[{re.escape(CONTROL.decode())}\ud800-\udfff]")
_OTHERS = re.compile(r"[\W_]+")
# So many letters of a quote are alike in both forms where it is the same one.
ALIKE = 20
# The converter escapes what would begin an item or a heading of Markdown, and each backslash before such a sign.
_ESCAPED = re.compile(r"^([ \t>|]{0,40})(?:\\(?=[+#-][ \t]|-{1,3}$|#{1,6}[ \t])|(\d{1,9})\\(?=[.)][ \t]))")
_DOUBLED = re.compile(r"\\\\(?=[!-/:-@\[-`{-~])")
FENCE = "```"
_BLANKS = re.compile(r"\n{3,}")
# Elements that show nothing, and that end with the document where nothing else closes them.
_SHOW_NOTHING = ("style", "script")
# A picture that stands in the HTML itself; nothing in it is a word.
_PICTURE = re.compile(r"(\bdata:image/[a-z0-9.+-]{1,40};base64,)[a-z0-9+/=%\r\n]+", re.IGNORECASE)
# The Message-ID that Thunderbird and others name in their quotes; nobody is shown it, and the converter would write it.
_CITE = re.compile(
    r"(?P<tag><blockquote\b[^<>]{0,2000}?\s)cite\s{0,9}=\s{0,9}(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of an HTML body: the sender's own words and the quote; `has_hidden` where hidden words were left out.

    `unseen` are the lines of its own words that begin like commands, and that a reader may not see. The quote
    `has_answers_inside` where some of its lines look otherwise than those around them.
    """

    own: str
    quoted: str = ""
    has_hidden: bool = False
    unseen: frozenset[str] = frozenset()
    has_answers_inside: bool = False


def read_html(html: str) -> HtmlText:
    """Return the plain text of the first million characters; never raises, never empty if any word is shown."""
    html = without_control(html[:MAX_HTML])
    lowered = lowered_once(html)
    html = _with_end(html, lowered)
    if is_deep(html):
        flat, is_shortened = flatten(html)
        found = _read(flat, lowered_once(flat), has_hidden=is_shortened)
        # Of the styles deep within, some are gone.
        return replace(found, unseen=command_lines(found.own))
    found = _read(html, lowered)
    unseen = unseen_lines(html, found.own, _to_text)
    return replace(found, unseen=unseen) if unseen else found


def quote_in_plain(plain: str, html: str) -> int | None:
    """Return the index of the line of a plain text where the quote that its HTML form marks begins, else None.

    Letters and digits are compared: those above that line are the sender's own in HTML, too; the quote begins alike.
    """
    if not may_quote(lowered_once(html[:MAX_HTML])):
        return None
    read = read_html(html)
    own, quoted, lines = _letters(read.own), _letters(read.quoted), plain.split("\n")
    length = 0
    for at, line in enumerate(lines):
        letters = _letters(line)
        if letters and length == len(own):
            begins = _letters("\n".join(lines[at : at + ALIKE]))[:ALIKE]
            is_alike = own == _letters("\n".join(lines[:at])) and quoted.startswith(begins)
            return at if own and quoted and is_alike else None
        length += len(letters)
    return None


def _letters(text: str) -> str:
    return _OTHERS.sub("", text)


def _read(html: str, lowered: str, *, has_hidden: bool = False) -> HtmlText:
    shown, is_hidden = remove_hidden(html) if may_hide(lowered) else (html, False)
    has_hidden = has_hidden or is_hidden
    shown = mark_signature(shown, lowered)
    # Where something was hidden, the parser has written the HTML anew, and quotes in it may be recognised only now.
    marked = mark_quote(shown) if shown is not html or may_quote(lowered) else None
    if marked:
        has_answers = marked.endswith(INSIDE)
        own, found, quoted = _to_text(marked.removesuffix(INSIDE)).partition(MARK)
        # A mark in the middle of a line means that the quote is in a table or list with other text.
        is_alone = own.endswith("\n") and quoted.startswith("\n")
        # A forwarded mail is what the sender wants us to read, whatever wraps it.
        is_forward = is_forward_mark(quoted.strip().partition("\n")[0])
        if found and own.strip() and is_alone and not is_forward:
            return HtmlText(own.strip(), quoted.strip(), has_hidden, has_answers_inside=has_answers)
    return HtmlText(_to_text(shown).replace(MARK, "").strip(), has_hidden=has_hidden)


def without_pictures(html: str) -> str:
    """Return HTML without the bytes of pictures that stand in it, which would leave no room for the words behind."""
    return _PICTURE.sub(r"\1", html)


def _with_end(html: str, lowered: str) -> str:
    """Return HTML, maybe cut, with the end of an element whose content would be taken for words without it."""
    names = [name for name in _SHOW_NOTHING if f"<{name}" in lowered]
    if not names:
        return html
    # Without halves of surrogate pairs it can be encoded, and bytes become lower case in a quarter of the time.
    whole = html.encode().lower()
    is_open = (whole.rfind(f"<{name}".encode()) > whole.rfind(f"</{name}>".encode()) for name in names)
    return f"{html}{''.join(f'</{name}>' for name, lasts in zip(names, is_open, strict=True) if lasts)}"


def without_control(html: str) -> str:
    """Return the HTML without control characters and halves of surrogate pairs."""
    # Nearly all HTML holds none, which is found faster in bytes than by an expression.
    try:
        plain = html.encode()
    except UnicodeEncodeError:
        return _CONTROL.sub("", html)
    return html if len(plain.translate(None, CONTROL)) == len(plain) else _CONTROL.sub("", html)


def _to_text(html: str) -> str:
    html = _CITE.sub(r"\g<tag>", html) if "cite" in html or "CITE" in html else html
    # The converter is compiled code with errors of its own; the text nodes can always be read.
    try:
        text = _tidy(convert(html, OPTIONS).content or "")
    except Exception:  # noqa: BLE001
        text = ""
    if not text:
        tree = LexborHTMLParser(html)
        for node in tree.css("style, script, title, head"):
            node.decompose()
        text = _tidy(tree.body.text(separator="\n")) if tree.body else ""
    return f"{text}\n".replace(DASHES, "--")


def _tidy(text: str) -> str:
    text = _ADDRESS.sub(r"<\1>", text) if "<<" in text else text
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    text = _without_escapes(text) if "\\" in text else text
    return (_BLANKS.sub("\n\n", text) if "\n\n\n" in text else text).strip("\n")


def _without_escapes(text: str) -> str:
    """Return the converter's text as its author wrote it; it escapes nothing in code."""
    lines, in_code = list[str](), False
    for line in text.split("\n"):
        in_code ^= line.startswith(FENCE)
        lines.append(line if in_code or "`" in line else _DOUBLED.sub(r"\\", _ESCAPED.sub(r"\1\2", line, count=1)))
    return "\n".join(lines)
