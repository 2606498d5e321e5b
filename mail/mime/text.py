"""Text brought to one form: lower case of every language, one kind of line end, or one line that is safe to show."""

import re

# Controls, surrogates and the marks that reverse what a reader sees.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def lowered(text: str) -> str:
    """Return the text in lower case; the dotted and the dotless i of Turkish are one letter in it.

    Words are looked for in such text, as an expression that disregards case takes ten times as long.
    """
    if text.isascii():
        return text.lower()
    # A capital I with a dot becomes two letters, of which the second is only a dot.
    return text.lower().replace("i\u0307", "i").replace("\u0131", "i")


def with_lf(text: str) -> str:
    """Return the text with LF as its only line end, in place of CRLF and of CR alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def one_line(text: str, limit: int) -> str:
    """Return the text as one line without controls, of at most `limit` characters."""
    line = " ".join(UNSEEN.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
