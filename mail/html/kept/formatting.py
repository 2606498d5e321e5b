"""Whether HTML says more than the text beside it: of paragraphs and line breaks alone, the text is as good."""

import re
from collections.abc import Sequence
from itertools import pairwise

from mail.html.kept.letters import longest_words

# All that is kept but for paragraphs, breaks and boxes, by the names under which programs write it.
_MORE = re.compile(
    r"<(?:a|b|strong|i|em|u|s|strike|del|code|tt|kbd|samp|pre|ul|ol|li|table|td|blockquote|h[1-6]|hr|img)(?=[\s/>])",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"<(?:br|/?(?:p|div|body))(?=[\s/>])", re.IGNORECASE)
_CID = re.compile("cid:", re.IGNORECASE)
# Programs break the lines of a plain form behind so many characters, and HTML does not.
SHORTEST_BROKEN = 60


def says_more(html: str, text: str) -> bool:
    """Whether HTML may show more than this text: emphasis, links, lists, pictures and the like, or whole lines.

    A quick test on HTML of any kind, up to the last word of the text that it holds; in doubt it may.
    """
    if _is_broken(text):
        return bool(html)
    end = len(html) if _CID.search(html) else _end_of(list(longest_words(text)), html)
    return _MORE.search(html, 0, end) is not None


def _is_broken(text: str) -> bool:
    """Whether lines of a text may have been broken by a program: the word below had no room in its line."""
    return any(
        len(above) + 1 + len(words[0]) > SHORTEST_BROKEN
        for above, below in pairwise(text.split("\n"))
        if above.strip() and (words := below.split(None, 1))
    )


def _end_of(words: Sequence[str], html: str) -> int:
    """Return where the line ends in HTML that holds the last of these words, each looked for below the one before.

    The end of the HTML for any doubt. Linear.
    """
    if not words or not words[-1]:
        return len(html)
    at = html.rfind("</style>") + 1
    for word in words:
        at = _find(word, html, at)
        if at < 0:
            return len(html)
        at += len(word)
    end = _LINE_END.search(html, at)
    return end.start() if end else len(html)


def _find(word: str, html: str, start: int) -> int:
    """Return where a word stands in the text of HTML, from a place in its text on; below 0 for nowhere."""
    at = html.find(word, start)
    # A word within a tag is none of the text.
    while at >= 0 and html.rfind("<", start, at) > html.rfind(">", start, at):
        start = html.find(">", at) + 1 or len(html)
        at = html.find(word, start)
    return at
