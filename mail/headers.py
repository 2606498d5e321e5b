"""Headers of a message or a part, read safely: bytes first, then text, then encoded words."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from mail.charset import clean, codec_of, decode

VALUE_BYTES = 8_192
ADDRESSES_BYTES = 262_144
IDS_BYTES = 65_536

_FOLD = re.compile(r"[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,2000})\?=")


@dataclass(frozen=True, slots=True)
class Headers:
    """All header fields in their order, names in lower case, values as the bytes that arrived."""

    fields: tuple[tuple[str, bytes], ...]

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Every value of a field, topmost first."""
        return tuple(value for found, value in self.fields if found == name)

    def texts(self, name: str, limit: int = VALUE_BYTES) -> tuple[str, ...]:
        """Every value of a field as unfolded text of at most `limit` bytes; encoded words stay encoded."""
        return tuple(unfold(decode(value[:limit]).text) for value in self.raw(name))

    def text(self, name: str) -> str:
        """Return the topmost value of a field as unfolded text; empty where the field is missing."""
        return next(iter(self.texts(name)), "")

    def words(self, name: str) -> str:
        """Return the topmost value of a field with its encoded words decoded (RFC 2047)."""
        return decode_words(self.text(name))


def headers_of(message: Message) -> Headers:
    """Return the headers of a message that the standard library's compat32 parser has read."""
    return Headers(tuple((clean(name).strip().lower(), _as_bytes(value)) for name, value in message.raw_items()))


def _as_bytes(value: object) -> bytes:
    return str(value).encode("utf-8", "surrogateescape")


def unfold(value: str) -> str:
    """One line out of a folded header value (RFC 5322, 2.2.3), without white space at its ends."""
    return _FOLD.sub(" ", value).strip()


def decode_words(value: str) -> str:
    """Text with its encoded words decoded (RFC 2047); neighbours of one charset are joined before decoding.

    Some senders cut a letter's bytes in two, so the words must not be decoded one by one.
    """
    if "=?" not in value:
        return clean(value)
    pieces: list[str] = []
    run: list[tuple[str, bytes]] = []
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        if between.strip() or not run:
            pieces += [_join(run), between]
            run = []
        run.append((match[1].partition("*")[0].lower(), _word_bytes(match[2], match[3])))
        end = match.end()
    pieces += [_join(run), value[end:]]
    return clean(unfold("".join(pieces)))


def _join(run: Iterable[tuple[str, bytes]]) -> str:
    pieces: list[tuple[str, bytes]] = []
    for charset, data in run:
        if pieces and pieces[-1][0] == charset:
            pieces[-1] = (charset, pieces[-1][1] + data)
        else:
            pieces.append((charset, data))
    return "".join(decode(data, charset if codec_of(charset) else None).text for charset, data in pieces)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    return unbase64(data)


def unbase64(data: bytes) -> bytes:
    """Return what can be decoded of base64, whatever stands between its letters; never raises."""
    letters = re.sub(rb"[^A-Za-z0-9+/=]", b"", data.translate(bytes.maketrans(b"-_", b"+/")))
    return b"".join(_unbase64_run(run) for run in re.split(rb"=+", letters) if run)


def _unbase64_run(run: bytes) -> bytes:
    # One letter alone holds six bits and no byte.
    usable = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        return base64.b64decode(usable + b"=" * (-len(usable) % 4))
    except (binascii.Error, ValueError):
        return b""


def read_date(value: str) -> datetime | None:
    """Return an aware UTC time (RFC 5322, 3.3), or None where it is none; a time without zone counts as UTC."""
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
