"""File names that senders chose become names that are safe on every disk and in every header."""

import mimetypes
import re
import unicodedata
from collections.abc import Iterator

MAX_BYTES = 200

# Types whose extension the standard library does not know, or takes from the system's tables.
EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "application/ms-tnef": ".dat",
}
# Names that mail programs look for.
NAMES = {
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
    "application/ms-tnef": "winmail.dat",
}

_TYPES = mimetypes.MimeTypes()
_UNSAFE = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_name(given: str, content_type: str) -> str:
    """Return a name of at most 200 bytes of UTF-8 without path, control or direction characters; never empty."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    name = _UNSAFE.sub("_", " ".join(name.split())).strip(". ")
    stem = name.partition(".")[0]
    if not name:
        return NAMES.get(content_type) or "attachment" + extension(content_type)
    return shorten(f"_{name}" if _DEVICE.fullmatch(stem.strip()) else name)


def extension(content_type: str) -> str:
    """Return the usual extension of a content type, with its dot; `.bin` where none is known."""
    return EXTENSIONS.get(content_type) or _TYPES.guess_extension(content_type) or ".bin"


def shorten(name: str, suffix: str = "") -> str:
    """Return the name with a suffix before its extension, cut to 200 bytes of UTF-8 between letters."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    tail = f"{suffix}{dot}{ending}"
    room = MAX_BYTES - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + tail


def unique_names(names: Iterator[str]) -> Iterator[str]:
    """Yield the names in order, a repeated one with a number (`a.txt`, `a-2.txt`); upper and lower case are equal."""
    taken: set[str] = set()
    count: dict[str, int] = {}
    for name in names:
        chosen = name
        while chosen.casefold() in taken:
            count[name.casefold()] = count.get(name.casefold(), 1) + 1
            chosen = shorten(name, f"-{count[name.casefold()]}")
        taken.add(chosen.casefold())
        yield chosen
