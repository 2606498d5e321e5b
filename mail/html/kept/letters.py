"""Lines as they are compared: letters and digits, without the marks that plain forms of HTML write in their ways."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

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
# Neither letters nor digits. Those of ASCII are deleted from bytes, which is many times faster; in UTF-8 no byte of
# another letter is one of them. One by one, the others are found three times as fast as in runs.
_OTHERS = re.compile("[^\x00-\x7f\\w\uff03]")
_PLAIN_OTHERS = bytes(one for one in range(0x80) if not chr(one).isalnum() and chr(one) not in "#\n")
# Letters that HTML writes as they are, one beside the other.
_WORD = re.compile(r"[A-Za-z0-9]{3,60}")


def letters(text: str) -> str:
    """Return what counts of a line: letters and digits, without addresses and marks of pictures."""
    return all_letters(_without_marks(text))


def letters_of(lines: Sequence[str]) -> list[str]:
    """Return what counts of each line, as `letters` does; many lines at once cost less than one after the other."""
    bare = list(lines)
    for at in _marked(lines):
        bare[at] = _without_marks(lines[at])
    return _letters_in_lines("\n".join([line.replace("\n", " ") for line in bare])).split("\n")


def all_letters(text: str) -> str:
    """Return the letters and digits of a text, those of addresses too."""
    return _letters_in_lines(text).replace("\n", "")


def longest_words(text: str) -> Iterator[str]:
    """Yield the longest word of each filled line, of plain Latin letters and digits; empty where it has none.

    The words of addresses, and of marks of pictures, do not count.
    """
    for line in text.split("\n"):
        if line.strip():
            yield max(_WORD.findall(_without_marks(line)), key=len, default="")


def _without_marks(line: str) -> str:
    """A line without addresses and marks of pictures."""
    if "[" in line:
        line = _TARGET.sub("] ", _PICTURE.sub(" ", line))
    return _ADDRESS.sub(" ", line) if _may_name_address(line) else line


def _may_name_address(line: str) -> bool:
    # Most lines have none of these signs, and the expression tries several ways at each letter.
    return "@" in line or ":" in line or ("." in line and "www." in line.lower())


def _letters_in_lines(text: str) -> str:
    """The letters and digits of a text, and its line ends."""
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    text = _SIGN.sub("", text) if "#" in text or "\uff03" in text else text
    text = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_OTHERS).decode("utf-8", "surrogatepass")
    return text if text.isascii() else _OTHERS.sub("", text)


def named_in(lines: Sequence[str]) -> set[str]:
    """Return the web and mail addresses, marks of pictures and targets of links that lines show: no letters of them."""
    marked = [lines[at] for at in _marked(lines)]
    return {one for line in marked for signs in (_ADDRESS, _PICTURE, _TARGET) for one in signs.findall(line)}


def _marked(lines: Sequence[str]) -> list[int]:
    """Return the places of the lines that may hold an address, or the mark of a picture or target."""
    has_host = b"www." in "\n".join(lines).encode("utf-8", "surrogatepass").lower()
    return [
        at for at, line in enumerate(lines) if "[" in line or "@" in line or ":" in line or (has_host and "." in line)
    ]


def variants(text: str) -> list[tuple[str, ...]]:
    """Return what counts of each line of a plain text: whole, and without the number of an item; lines without none."""
    lines = text.split("\n")
    items = {at: line[item.end() :] for at, line in enumerate(lines) if (item := _ITEM.match(line))}
    bare = dict(zip(items, letters_of(list(items.values())), strict=False))
    return [(whole, bare[at]) if at in bare else (whole,) for at, whole in enumerate(letters_of(lines)) if whole]
