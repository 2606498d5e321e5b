"""Text normalised: to lower case for searching, to LF as line end, or to one line that is safe to show."""

import re

# Controls, surrogates and the marks that change the direction of the text that a reader sees.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def lowered(text: str) -> str:
    """Return the text in lower case, with the dotless i of Turkish as a plain i.

    Expressions search such text, since matching with IGNORECASE takes ten times as long.
    """
    if text.isascii():
        return text.lower()
    # The lower case of a capital I with a dot is an i and a combining dot.
    return text.lower().replace("i\u0307", "i").replace("\u0131", "i")


def with_lf(text: str) -> str:
    """Return the text with LF as its only line end, in place of CRLF and of CR alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def one_line(text: str, limit: int) -> str:
    """Return the text as one line without controls, of at most `limit` characters."""
    line = " ".join(UNSEEN.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
