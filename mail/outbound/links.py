"""Addresses of pages and mailboxes in plain text become links of safe HTML; nothing else does."""

import re

from markupsafe import escape

LONGEST = 2_000

# It ends before white space, marks of markup, and signs that are not seen or that turn others around.
_URL = re.compile(
    r"(?<!\w)(?:https?://(?=[\w\[])|mailto:(?=\w))"
    '[^\\s<>"`\\\\^{}|\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+',
    re.IGNORECASE,
)
_BEHIND = ".,;:!?'*_~\u2026\u3002\uff0c\u201d\u2019\u00bb"
_CLOSING = {")": "(", "]": "["}


def with_links(line: str) -> str:
    """A line of a person's text as safe HTML: escaped, its URLs links to what they show, runs of spaces kept."""
    pieces, rest = [], 0
    for found in _URL.finditer(line):
        url = _without_end(found[0])
        if len(url) <= LONGEST and not url.endswith(("//", ":")):
            shown = escape(url)
            pieces += [escaped(line[rest : found.start()]), f'<a href="{shown}">{shown}</a>']
            rest = found.start() + len(url)
    return "".join((*pieces, escaped(line[rest:])))


def _without_end(url: str) -> str:
    """The URL without the punctuation of the sentence: a bracket stays where it was opened within the URL."""
    counts = {bracket: url.count(bracket) for bracket in "()[]"}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _CLOSING and counts[last] > counts[_CLOSING[last]]:
            counts[last] -= 1
        elif last not in _BEHIND:
            break
        end -= 1
    return url[:end]


def escaped(text: str) -> str:
    """Escaped text; a browser would fold runs of spaces."""
    return str(escape(text)).replace("  ", "&nbsp; ")
