"""HTML in pieces, tags and texts, each with the number of the shown line that it stands in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from mail.html.elements import lowered_once
from mail.html.emoji import with_emoji
from mail.html.flatten import flatten, is_deep, opens_more
from mail.html.hidden import may_hide, remove_hidden_from

MAX_PIECES = 200_000
# A parser opens those that were never closed again in each paragraph below (HTML, section 13.2.4.3).
MAX_OPEN = 30
_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])")
# What shows no words of its own, or what a program would run.
WORDLESS = "style,script,title,head,template,svg,math,form,iframe,object,embed,noscript,textarea,select,video,audio,xmp"
VOID = frozenset({"br", "hr", "img"})
# Elements that stand within a line; each other one begins a line, but for those of Word (`o:p`).
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del em font i img ins kbd label mark q s samp small span strike strong sub "
    "sup time tt u var wbr".split()
)
_TOKEN = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][^\s/<>]{0,60})((?:[^<>\"]++|\"[^\"]*+\")*+)>|([^<]+|<)", re.DOTALL)


class Kind(StrEnum):
    """What a piece is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    VOID = "void"


# A name of this file is looked up in a tenth of the time that a member of an enum takes.
TEXT, OPEN, CLOSE, STANDS_ALONE = Kind

# Its kind, its name, its text and its line: a text as it is shown, or a tag with its name and attributes. Lines count
# from 0, and a break ends its own line. A document has hundreds of pieces, and plain tuples are made in a fifth of the
# time.
HtmlPiece = tuple[Kind, str, str, int]


@dataclass(frozen=True, slots=True)
class ShownHtml:
    """The pieces of a document, the text of each line, and the lines that show pictures of the mail."""

    pieces: Sequence[HtmlPiece]
    lines: Sequence[str]
    pictured: frozenset[int]


def shown(html: str) -> str:
    """Return the HTML as it is shown, by a parser: without hidden words, and with emoji instead of their pictures.

    Without halves of surrogate pairs in it. Empty where too many elements are never closed: that makes much of little.
    """
    # Of ASCII alone, as in tags; in bytes this takes a tenth of the time.
    if opens_more(_FORMATTING.findall(html.encode().lower().decode()), MAX_OPEN):
        return ""
    lowered = lowered_once(html)
    html = with_emoji(html) if "<img" in lowered else html
    if is_deep(html):
        html, _ = flatten(html)
    tree = LexborHTMLParser(html)
    if may_hide(lowered):
        remove_hidden_from(tree)
    # Inner elements are removed first: no element may be used after one around it is removed.
    for node in reversed(tree.css(WORDLESS)):
        node.decompose()
    return tree.body.html or "" if tree.body else ""


def cut(html: str) -> ShownHtml | None:
    """Return the pieces of HTML that a parser wrote; None for more than MAX_PIECES."""
    # A tag and the text behind it are two pieces at most.
    if 2 * html.count("<") > MAX_PIECES:
        return None
    pieces: list[HtmlPiece] = []
    lines: list[list[str]] = [[]]
    pictured: set[int] = set()
    framed = line = 0
    for closes, tag, attributes, text in _TOKEN.findall(html):
        if text:
            words = unescape(text) if "&" in text else text
            others: list[str] = []
            if framed > 0:
                # In preformatted text each of its lines is a line.
                words, *others = words.split("\n")
            pieces.append((TEXT, "", words, line))
            lines[line].append(words)
            for other in others:
                # The break belongs to both lines, and is written where both are.
                pieces += (STANDS_ALONE, "\n", "", line), (TEXT, "", other, line + 1)
                lines.append([other])
                line += 1
        # Of a comment, nothing is shown.
        elif tag:
            name = tag.lower()
            pieces.append((CLOSE if closes else STANDS_ALONE if name in VOID else OPEN, name, attributes, line))
            if name == "img" and "cid:" in attributes.lower():
                pictured.add(line)
            if name not in INLINE and ":" not in name:
                lines.append([])
                line += 1
            if name == "pre":
                framed += -1 if closes else 1
    return ShownHtml(pieces, ["".join(texts) for texts in lines], frozenset(pictured))
