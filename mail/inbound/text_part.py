"""One text of a mail, of which HTML is converted only when it is needed."""

import re
from dataclasses import dataclass
from functools import cached_property

from mail.html.emoji import with_emoji
from mail.html.text import HtmlText, read_html
from mail.html.visible_commands import command_lines
from mail.mime.text import with_lf

_IMAGE = re.compile(
    r"<img\b[^<>]{0,2000}?\bsrc\s{0,9}=\s{0,9}[\"']?cid:([^\"'\s<>\]]{1,300})[^<>]{0,5000}>", re.IGNORECASE
)


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
