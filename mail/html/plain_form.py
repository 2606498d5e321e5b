"""The HTML form of a mail is asked what its plain form, which is shown, does not tell."""

import re
from collections.abc import Collection, Sequence
from html import unescape
from itertools import takewhile

from mail.html.answers_inside import may_look_otherwise
from mail.html.elements import lowered_once
from mail.html.quotes import HINTS, INSIDE, mark_quote, may_quote
from mail.html.text import MAX_HTML, quote_in_plain
from mail.quoting.attribution import attribution_length, bare
from mail.quoting.header_block import read_label

# The head of a quote: so many lines from the mark on.
HEAD_LINES = 12
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TAGGED = re.compile(r"\+[\w.-]{1,100}@")
_OTHERS = re.compile(r"[\W_]+")


def has_answers_inside(html: str) -> bool:
    """Whether answers stand within the quote that the HTML marks, in a colour of their own."""
    html = html[:MAX_HTML]
    if not may_look_otherwise(html) or not may_quote(lowered_once(html)):
        return False
    return (mark_quote(html) or "").endswith(INSIDE)


def later_quote(plain: str, html: str, cut: int, answered: Collection[str]) -> int | None:
    """Return the line of a plain text, below its cut, where the HTML form marks the quote of the mail that is answered.

    None where both agree, or where that is not certain (`is_answered_mail`).
    """
    lines = plain.split("\n")
    if not _names_again(lines, cut, answered) or _agrees("\n".join(lines[:cut]), html[:MAX_HTML]):
        return None
    at = quote_in_plain(plain, html)
    return at if at is not None and is_answered_mail(lines, cut, at, answered) else None


def earlier_quote(plain: str, html: str, cut: int, answered: Collection[str]) -> int | None:
    """Return the line of a plain text, above its cut, where the HTML form marks the quote of the mail that is answered.

    A head of words that no table holds stands there, with an address of `answered` (see `is_answered_mail`); the cut is
    at what was quoted in that mail. None where both agree, or where that is not certain.
    """
    lines = plain.split("\n")
    if not _names(lines[:cut], answered):
        return None
    at = quote_in_plain(plain, html)
    if at is None or at >= cut:
        return None
    head = list(takewhile(str.strip, lines[at : min(cut, at + HEAD_LINES)]))
    return at if _names(head, answered) else None


def _names(lines: Sequence[str], answered: Collection[str]) -> bool:
    """Whether the lines hold an address of `answered`."""
    text = _TAGGED.sub("@", "\n".join(line[:400] for line in lines).lower())
    return any(address in text for address in answered)


def _names_again(lines: Sequence[str], cut: int, answered: Collection[str]) -> bool:
    """Whether an address of `answered` stands below the head at the cut: a quick test."""
    start = cut + attribution_length(lines, cut)
    while start < len(lines) and _is_of_head(lines[start]):
        start += 1
    below = "\n".join(lines[start:]).lower()
    return any(domain in below for domain in {address.rpartition("@")[2] for address in answered})


def is_answered_mail(lines: Sequence[str], cut: int, at: int, answered: Collection[str]) -> bool:
    """Whether the mail that is answered begins at line `at`, which HTML marks, and not at the cut above it.

    The head there holds an address of `answered` (without `+…`, in lower case), else it may be an older mail within the
    quote. What stands between both lines is then the sender's: a mail or a list that they pasted.
    """
    between = lines[cut + attribution_length(lines, cut) : at]
    if at <= cut or all(map(_is_of_head, between)):
        return False
    return _names(lines[at : at + HEAD_LINES], answered)


def _is_of_head(line: str) -> bool:
    """Whether the line may stand in a head: it is blank, drawn, a divider or a label."""
    return not bare(line).strip("-=. ") or bare(line).startswith(("--", "==")) or read_label(line) is not None


def _agrees(above: str, html: str) -> bool:
    """Whether the same words stand above the first sign of a quote in the HTML: a quick test."""
    once = lowered_once(html)
    hints = [hint for hint in HINTS if hint in once]
    if not hints:
        return False
    lowered = html.lower()
    body = max(lowered.rfind("</head>"), lowered.rfind("</style>"), 0)
    first = min((at for hint in hints if (at := lowered.find(hint, body)) >= 0), default=-1)
    start = lowered.rfind("<", body, first) if first >= 0 else -1
    return start >= 0 and _letters(unescape(_TAG.sub(" ", html[body:start]))) == _letters(above)


def _letters(text: str) -> str:
    return _OTHERS.sub("", text)
