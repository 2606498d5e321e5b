"""Styles of HTML mails, inlined once for all mails of one frame, which is the HTML without its words.

Which style an element gets depends on the elements around it and not on words. So css-inline gets the frame alone, with
two paragraphs in place of many, and the words are put into what comes of it, as a browser's parser would write them.
Where a stylesheet or the words could make that another mail, the mail is inlined whole.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, count, zip_longest

from css_inline import CSSInliner

# How many frames are kept; each takes about 20 KB.
MOST_FRAMES = 200

# In a frame the first stands for words. In words, the others stand for what begins a paragraph, and for a line break.
_WORDS, _NEXT, _BREAK = "\ue000", "\ue001", "\ue002"
_SPACE = " \t\n"
_PARAGRAPHS = "</p>\n<p>"
# Words behind a tag, up to the next one.
_BEHIND_TAG = re.compile(r">([ \t\n]*[^<> \t\n][^<>]*)")
# Where a button of ours leads, and what stands for that in a frame; a parser would write it as it is.
_BUTTON = re.compile(r'(?<=<a class="button" href=")mailto:[\w.~%@?=&;-]*(?=">)', re.ASCII)
_LINK = "button:"
# What a parser would make something else of, beside _PARSED; and pictures, which are those of one mail alone, as are
# all links but those of buttons.
_SIGNS = ("\0", "\r", "\f", _WORDS, _NEXT, _BREAK, "<img ")
_ENTITY = re.compile("&(?!(?:amp|lt|gt|nbsp|quot|#34|#39);)")
_PARSED = (("&#34;", '"'), ("&#39;", "'"), ("&quot;", '"'), ("\xa0", "&nbsp;"), (_BREAK, "<br>"))
# A tag that holds no words, as where a sign of a tag stands in an attribute.
_WHOLE_TAG = r"""(?:[^<>"'\ue000-\ue002]|"[^"<>\ue000-\ue002]*"|'[^'<>\ue000-\ue002]*')*>"""
# A frame that begins where words are those of the page.
_FRAME = re.compile(rf"\s*<body\b{_WHOLE_TAG}(?:[^<>\ue001\ue002]|<[/!a-z]{_WHOLE_TAG})*", re.IGNORECASE)
# Elements whose words are no words for a parser, or not all of them.
_NO_WORDS = re.compile(
    r"<(?:pre|style|script|title|textarea|template|select|svg|math|i?frame|object|xmp|plaintext|listing|no\w+)\b",
    re.IGNORECASE,
)
# Selectors by which the number of words, line breaks or paragraphs counts; beside a cell there are cells alone.
_COUNTING = re.compile(
    r"[+~]|(?<!\btd):(?:only|first|last|nth)|:(?:empty|has|not|is|where|contains)|(?:^|[\s,>}])(?:\*|br)(?![\w-])",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OPENED = re.compile(r'<p(?: style="[^"<>]*")?>\Z')


class Inliner:
    """Puts the styles of HTML at its elements, as css-inline does; InlineError where a stylesheet cannot be read."""

    def __init__(self) -> None:
        # A stylesheet or picture that a template names must never make the worker fetch something.
        self._inliner = CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
        self._frame = lru_cache(maxsize=MOST_FRAMES)(self._inline_frame)

    def inline(self, html: str) -> str:
        """The HTML with its styles at its elements."""
        head, end, body = html.partition("</head>")
        links = _BUTTON.findall(body)
        if any(sign in body for sign in _SIGNS) or body.count("<a ") != len(links) or _ENTITY.search(body):
            return self.inline_whole(html)
        body = _BUTTON.sub(_LINK, body) if links else body
        parts = _BEHIND_TAG.split(body.replace(_PARAGRAPHS, _NEXT).replace("<br>", _BREAK))
        words = _as_parsed(parts[1::2])
        parts[1::2] = map(_place, parts[1::2])
        pieces = self._frame(head + end, "".join(parts))
        inlined = _linked(_filled(pieces, words), links) if pieces else None
        return inlined or self.inline_whole(html)

    def inline_whole(self, html: str) -> str:
        """The same of this mail alone, without a frame."""
        return str(self._inliner.inline(html))

    def _inline_frame(self, head: str, frame: str) -> Sequence[str]:
        """The pieces of the inlined frame, between which words stand; empty where words may change them."""
        styles = _COMMENT.sub("", head.partition("<style")[2])
        if _COUNTING.search(styles) or not _FRAME.fullmatch(frame) or _NO_WORDS.search(frame):
            return ()
        if any(_WORDS in behind.partition("-->")[0] for behind in frame.split("<!--")[1:]):
            return ()
        places = count()
        numbered = re.sub(_WORDS, lambda _: f"{_WORDS}{next(places)}{_WORDS}", frame)
        pieces = self.inline_whole(head + numbered).split(_WORDS)
        if pieces[1::2] != [str(place) for place in range(next(places))]:
            return ()
        above = zip(pieces[::2], frame.split(_WORDS), strict=True)
        further = [piece for piece, source in above if source.endswith(_PARAGRAPHS)]
        return pieces[::2] if all(map(_OPENED.search, further)) else ()


def _place(text: str) -> str:
    """What stands in the frame for words: a mark, and another one below it for those in further paragraphs."""
    if _NEXT not in text:
        return f">{_WORDS}"
    return ">" + _PARAGRAPHS.join(_WORDS if part.strip(_SPACE) else part for part in text.split(_NEXT, 1))


def _as_parsed(texts: Sequence[str]) -> Sequence[str]:
    """Escaped words as a parser writes them, one text for each mark."""
    words = [part for text in texts for part in text.split(_NEXT, 1) if part.strip(_SPACE)]
    whole = _WORDS.join(words)
    for escaped, parsed in _PARSED:
        whole = whole.replace(escaped, parsed)
    return whole.split(_WORDS) if words else ()


def _linked(inlined: str, links: Sequence[str]) -> str | None:
    """The HTML with the links of its buttons again; None where the words of somebody look like one."""
    pieces = inlined.split(f'href="{_LINK}"')
    if len(pieces) != len(links) + 1:
        return None
    return "".join(chain.from_iterable(zip_longest(pieces, (f'href="{link}"' for link in links), fillvalue="")))


def _filled(pieces: Sequence[str], words: Sequence[str]) -> str:
    return "".join(chain.from_iterable(zip_longest(pieces, _styled(pieces, words), fillvalue="")))


def _styled(pieces: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    """Words of which each further paragraph begins with the tag above it."""
    for piece, word in zip(pieces, words, strict=False):
        yield word.replace(_NEXT, f"</p>\n{piece[piece.rindex('<') :]}") if _NEXT in word else word
