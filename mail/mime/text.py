"""Text normalised: to lower case for searching, to LF as line end, or to one line that is safe to show."""

import re

# Controls, surrogates and the marks that change the direction of the text that a reader sees.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class WordTable:
    """Words of many languages, any of which is searched in a text; in ASCII text, none of other letters is."""

    def __init__(self, *words: str) -> None:
        # Of two words of which one is in the other, the shorter is enough.
        self._every = tuple(word for word in words if not any(one in word for one in words if one != word))
        self._ascii = tuple(filter(str.isascii, self._every))

    def stand_in(self, text: str) -> bool:
        """Whether one of the words stands in the text, also within another word."""
        return any(map(text.__contains__, self._ascii if text.isascii() else self._every))


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
    # To split and join takes half of the time of `replace`.
    return "\n".join(text.split("\r\n")).replace("\r", "\n") if "\r" in text else text


def one_line(text: str, limit: int) -> str:
    """Return the text as one line without controls, of at most `limit` characters."""
    line = " ".join(UNSEEN.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
