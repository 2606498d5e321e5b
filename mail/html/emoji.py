"""Emoji that a mail program draws as pictures become letters again."""

import re
from html import unescape

from mail.mime.emoji import is_emoji

_PICTURE = re.compile(r"<img\b[^<>]{0,2000}>", re.IGNORECASE)
_TEXT = re.compile(
    r"\b(?:alt|data-emoji)\s{0,9}=\s{0,9}(?:\"([^\"]{1,120})\"|'([^']{1,120})'|([^\s>\"']{1,120}))", re.IGNORECASE
)


def with_emoji(html: str) -> str:
    """Return the HTML with the emoji in place of each picture whose text alternative is one; others stay pictures."""
    return _PICTURE.sub(_emoji_of, html) if "<img" in html or "<IMG" in html else html


def _emoji_of(picture: re.Match[str]) -> str:
    found = _TEXT.search(picture[0])
    text = unescape(found[1] or found[2] or found[3]).strip() if found else ""
    return text if is_emoji(text) else picture[0]
