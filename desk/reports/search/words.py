"""The words of a text as the search compares them: small letters without accents, and a space between two words.

Both sides go through the same functions, a ticket's texts and what somebody looks for, so that it does not matter which
of two spellings is meant, only that both become the same. All of them are linear in the length of the text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from unicodedata import normalize

# A word is as long as an identifier or a digest in hexadecimal; of longer runs the beginning is compared.
LONGEST_WORD: Final = 100
# What stands between words. An underscore does too: it is a sign of names such as `order_id`.
_BETWEEN: Final = re.compile(r"[\W_]+")
# Chinese and Japanese have no spaces between words, so each sign is one; words are signs that stand side by side.
SIGN: Final = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_SIGNS: Final = re.compile(f"({SIGN})")
_ACCENTS: Final = dict.fromkeys(range(0x300, 0x370))
# Letters that are no letter with an accent, as they are written where they are missing on the keyboard.
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)


def spaced(text: str) -> str:
    """A text as small words with a space between them; accents stay, for the stem of a word depends on them."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = _SIGNS.sub(r" \1 ", normalize("NFKC", lowered))
    words = _BETWEEN.sub(" ", lowered).split()
    return " ".join(word[:LONGEST_WORD] for word in words)


def without_accents(text: str) -> str:
    """A text without accents, with two letters for one where that is how it is written without."""
    if text.isascii():
        return text
    return normalize("NFC", normalize("NFKD", text).translate(_ACCENTS)).translate(_LETTERS)


def plain(text: str) -> str:
    """A text as small words without accents, with a space between them; empty where it has no letter and no digit."""
    return without_accents(spaced(text))


def within(texts: Iterable[str], most: int) -> Iterator[str]:
    """The texts in their order, so many characters of them all in all; the one that is too long is cut."""
    for text in texts:
        if most <= 0:
            return
        yield text[:most]
        most -= len(text)


def grams(text: str) -> list[str]:
    """Each three characters that stand side by side in a text, in order; what is shorter has none."""
    return sorted({text[at : at + 3] for at in range(len(text) - 2)})
