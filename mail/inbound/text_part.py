"""One text of a mail, of which HTML is converted only when it is needed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from mail.html.emoji import with_emoji
from mail.html.text import MAX_HTML, HtmlText, read_html
from mail.html.visible_commands import command_lines
from mail.mime.charset import decode
from mail.mime.parts import Part
from mail.mime.text import with_lf

MAX_TEXT = 2_000_000
# So many encoded bytes of a long text are decoded, until they hold more characters than are read.
ENCODED_BYTES = (2_500_000, 5_000_000, 10_000_000)

_IMAGE = re.compile(
    r"<img\b[^<>]{0,2000}?\bsrc\s{0,9}=\s{0,9}[\"']?cid:([^\"'\s<>\]]{1,300})[^<>]{0,5000}>", re.IGNORECASE
)
_ALT = re.compile(r"\balt\s{0,9}=\s{0,9}(?:\"([^\"<>]{3,200})\"|'([^'<>]{3,200})'|([^\s\"'<>]{3,200}))", re.IGNORECASE)
_FILE_NAME = re.compile(r"[^\n/]{1,190}\.(?:avif|bmp|gif|heic|jpe?g|png|tiff?|webp)", re.IGNORECASE)
# So many pictures of one mail are looked for by their names.
MOST_NAMES = 50


def with_named_pictures(text: str, html: str, places: Mapping[str, str]) -> str:
    """Return a plain text with the place of each picture where its program wrote what the HTML calls it (`alt`).

    Programs write `[name]`, those of phones the name of the file as a line. `places` are by Content-ID in lower case.
    """
    named: dict[str, list[str]] = {}
    for image in _IMAGE.finditer(html[:MAX_HTML]) if places and "cid:" in html else ():
        alt, place = _ALT.search(image[0]), places.get(image[1].lower())
        name = unescape(next(filter(None, alt.groups()))).strip() if alt else ""
        if place and len(name) > 2 and "\n" not in name and len(named) < MOST_NAMES:
            named.setdefault(name, []).append(place)
    if not named:
        return text
    marks = [rf"\[{re.escape(name)}\]" for name in named]
    marks += [
        rf"^[ \t]{{0,9}}{re.escape(name)}(?=[ \t]{{0,9}}(?:<[^<>\s]{{1,3000}}>)?[ \t]{{0,9}}$)"
        for name in named
        if _FILE_NAME.fullmatch(name)
    ]

    def place_of(mark: re.Match[str]) -> str:
        shown = mark[0].strip()
        same = named.get(shown) or named[shown[1:-1]]
        return same.pop(0) if len(same) > 1 else same[0]

    return re.sub("|".join(marks), place_of, text, flags=re.MULTILINE)


@dataclass(frozen=True)
class TextPart:
    """One text of a mail; HTML is converted only when it is needed, as another form of the text may be used instead.

    `written` has the line ends of the mail, `text` has LF. `is_stub` is a text that only points to another form of it;
    it is kept with the quoted text. `plain` is the plain form of an HTML text, None where it has none.
    """

    written: str
    is_html: bool = False
    is_stub: bool = False
    plain: str | None = None
    # The HTML form of a plain text as it was written, which may mark where the quote begins.
    html: str = ""
    # Of a file beside other parts, which may be somebody else's that was attached.
    in_file: bool = False

    @cached_property
    def text(self) -> str:
        """The text with LF as line end; of most HTML it is never asked."""
        return with_lf(self.written)

    @property
    def unseen(self) -> frozenset[str]:
        """Lines like commands that a reader may not see: of two forms, what the plain one lacks; all of a file."""
        if self.in_file or (self.is_html and self.plain is not None):
            return command_lines(self.read.own) - command_lines("" if self.in_file else self.plain or "")
        return self.read.unseen

    @cached_property
    def read(self) -> HtmlText:
        """The sender's own words and the quote that HTML marks; pictures of the mail become `[cid:…]`."""
        if self.is_stub:
            return HtmlText("", self.text.strip("\n"))
        if not self.is_html:
            return HtmlText(self.text.strip("\n"))
        html = with_emoji(self.text)
        return read_html(_IMAGE.sub(r" [cid:\1] ", html) if "cid:" in html else html)


def first_lines(part: Part) -> bytes | None:
    """The first lines of a long text, where they hold no damage and more characters than are read; else None."""
    for length in ENCODED_BYTES:
        content, note = part.beginning(length)
        if len(content) <= MAX_TEXT:
            continue
        # In UTF-16 a line does not end at the byte of a line feed.
        if note or b"\0" in content:
            return None
        content = content[: content.rfind(b"\n") + 1]
        if len(decode(content, part.parameters.get("charset")).text) > MAX_TEXT:
            return content
    return None
