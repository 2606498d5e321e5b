"""Lines as they are compared: letters and digits, without the marks that plain forms of HTML write in their ways."""

import re
import unicodedata

# Marks of pictures and targets of links, which only one of both forms shows.
_PICTURE = re.compile(r"\[(?:image|cid|inline image|bild): {0,3}[^\[\]\n]{0,300}\]", re.IGNORECASE)
_TARGET = re.compile(
    r"\]\((?:[a-z]{2,8}:|[#/])[!-'*-Z\\^-~]{0,3000}(?:\([!-'*-Z\\^-~]{0,200}\)[!-'*-Z\\^-~]{0,300})?\)", re.IGNORECASE
)
# Web and mail addresses: a plain form shows the target of a link beside its words, and HTML does not.
_ADDRESS = re.compile(
    r"(?:https?://|\bwww\.|\b(?:mailto|tel|cid):)[!-;=?-~]{1,4000}|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,255}",
    re.IGNORECASE,
)
# The number or letter of an item, which HTML counts itself; Word's second bullet is an `o`.
_ITEM = re.compile(
    r"[\s>|]{0,40}(?:[-*+\u2022\u00b7][ \t]{1,8})?(?:\(?(?:\d{1,3}|[a-zA-Z]{1,4})[.)][ \t\xa0]|o[ \t\xa0]{1,8})"
)
# A sign of a command counts as a letter of it; at the head of a line it is a heading.
_SIGN = re.compile(r"[#\uff03](?![^\W\d_])")
_OTHERS = re.compile(r"[^\w#\uff03]|_")


def letters(text: str) -> str:
    """Return what counts of a line: letters and digits, without addresses and marks of pictures."""
    if "[" in text:
        text = _TARGET.sub("] ", _PICTURE.sub(" ", text))
    if ":" in text or "@" in text or "." in text:
        text = _ADDRESS.sub(" ", text)
    return all_letters(text)


def all_letters(text: str) -> str:
    """Return the letters and digits of a text, those of addresses too."""
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    return _OTHERS.sub("", _SIGN.sub("", text) if "#" in text or "\uff03" in text else text)


def addresses(text: str) -> list[str]:
    """Return the web and mail addresses that a text shows."""
    return _ADDRESS.findall(text)


def marks(text: str) -> list[str]:
    """Return the marks of pictures and the targets of links that a text shows, which count as no letters."""
    return [*_PICTURE.findall(text), *_TARGET.findall(text)] if "[" in text else []


def variants(line: str) -> tuple[str, ...]:
    """Return what counts of a line of plain text: whole, and without the number of an item."""
    whole = letters(line)
    item = _ITEM.match(line)
    return (whole, letters(line[item.end() :])) if item else (whole,)
