"""Which texts are emoji (Unicode, technical standard 51); those drawn as pictures are read as letters again."""

import re
from html import unescape

# A flag or a family is one emoji of up to 14 characters.
LONGEST = 30

# The signs below U+1F000 that are drawn as pictures, without those of lists, arrows and business cards (telephone,
# envelope): as the text of a picture these are ornaments.
_OLD = (
    "\u203c\u2049\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2600-\u2604\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626"
    "\u262a\u262e\u262f\u2638-\u263a\u2648-\u2653\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u267f\u2692-\u2697\u2699"
    "\u269b\u269c\u26a0\u26a1\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf\u26d1\u26d3\u26d4"
    "\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u270a-\u270d\u2714\u2716\u2728\u2744\u274c\u274e"
    "\u2753-\u2755\u2757\u2763\u2764\u2795-\u2797\u27b0\u27bf\u2b50\u2b55"
)
# After a sign: how it is drawn, the colour of its skin, what it is joined to, and the letters of a flag's region.
_EMOJI = re.compile(
    f"(?:[{_OLD}\U0001f000-\U0001faff]|[0-9#*]\ufe0f?\u20e3)(?:[\ufe0e\ufe0f\u200d\u2640\u2642\u2695\u2696"
    f"\U000e0020-\U000e007f{_OLD}\U0001f000-\U0001faff]|[0-9#*]\ufe0f?\u20e3| )*+"
)
_PICTURE = re.compile(r"<img\b[^<>]{0,2000}>", re.IGNORECASE)
_TEXT = re.compile(
    r"\b(?:alt|data-emoji)\s{0,9}=\s{0,9}(?:\"([^\"]{1,120})\"|'([^']{1,120})'|([^\s>\"']{1,120}))", re.IGNORECASE
)


def is_emoji(text: str) -> bool:
    """Whether the text is one or a few emoji and nothing else, at most LONGEST characters."""
    return 0 < len(text) <= LONGEST and _EMOJI.fullmatch(text) is not None


def with_emoji(html: str) -> str:
    """Return the HTML with the emoji in place of each picture whose text alternative is one; others stay pictures."""
    return _PICTURE.sub(_emoji_of, html) if "<img" in html or "<IMG" in html else html


def _emoji_of(picture: re.Match[str]) -> str:
    found = _TEXT.search(picture[0])
    text = unescape(found[1] or found[2] or found[3]).strip() if found else ""
    return text if is_emoji(text) else picture[0]
