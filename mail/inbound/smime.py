"""The text of a mail that is signed, not encrypted, with text and signature in one file (RFC 8551, RFC 5652)."""

from collections.abc import Iterator

from mail.inbound.placeholders import is_pkcs7
from mail.mime.parts import Part
from mail.mime.tree import read_tree

# A mail may be signed, encrypted for all to read, and signed again; deeper it is an attack.
MOST_WRAPS = 3
MOST_ELEMENTS = 10_000

SEQUENCE, OCTETS, OCTETS_IN_PIECES, EXPLICIT, END = 0x30, 0x04, 0x24, 0xA0, 0x00
CONSTRUCTED, LONG_TAG, INDEFINITE = 0x20, 0x1F, -1
# The object identifier of signed data (RFC 5652, section 5.1): 1.2.840.113549.1.7.2.
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


class _BrokenError(ValueError):
    """The bytes are no CMS, or are cut off."""


def signed_part(part: Part, wraps: int) -> Part | None:
    """Return the mail within a signed file, as the root of its parts; None where there is none that can be read.

    `wraps` is the number of signed files around this one. The signature is not looked at. Never raises.
    """
    if wraps >= MOST_WRAPS or part.children or not is_pkcs7(part):
        return None
    content = signed_content(part.content()[0])
    return read_tree(content).root if content and content.strip() else None


def signed_content(data: bytes) -> bytes | None:
    """Return what was signed, from the bytes of a CMS in BER or DER; None where it is not in them; never raises.

    The way there is ContentInfo, its SignedData, the third element of that, and the octets in it (RFC 5652).
    """
    try:
        at, end = _enter(data, 0, len(data), SEQUENCE)
        if not data.startswith(SIGNED_DATA, at):
            return None
        at, end = _enter(data, at + len(SIGNED_DATA), end, EXPLICIT)
        at, end = _enter(data, at, end, SEQUENCE)
        # Past the version and the algorithms.
        at = _after(data, _after(data, at, end), end)
        at, end = _enter(data, at, end, SEQUENCE)
        at = _after(data, at, end)
        if at >= end or data[at] != EXPLICIT:
            return None
        at, end = _enter(data, at, end, EXPLICIT)
        return b"".join(_octets(data, at, end))
    except _BrokenError:
        return None


def _head(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return the tag of the element at `at`, where its content begins, and its length in bytes or INDEFINITE."""
    if at + 2 > end or data[at] & LONG_TAG == LONG_TAG:
        raise _BrokenError
    tag, length, at = data[at], data[at + 1], at + 2
    if length == 0x80:
        if not tag & CONSTRUCTED:
            raise _BrokenError
        return tag, at, INDEFINITE
    if length > 0x80:
        size = length & 0x7F
        if size > 8 or at + size > end:
            raise _BrokenError
        length, at = int.from_bytes(data[at : at + size]), at + size
    if at + length > end:
        raise _BrokenError
    return tag, at, length


def _enter(data: bytes, at: int, end: int, wanted: int) -> tuple[int, int]:
    """Return where the content of the element at `at` begins, and an offset that it does not go beyond."""
    tag, start, length = _head(data, at, end)
    if tag != wanted:
        raise _BrokenError
    return start, end if length == INDEFINITE else start + length


def _after(data: bytes, at: int, end: int) -> int:
    """Return the offset behind the element at `at`; one of indefinite length is walked to its end."""
    opened = 0
    for _ in range(MOST_ELEMENTS):
        tag, start, length = _head(data, at, end)
        at = start if length == INDEFINITE else start + length
        opened += 1 if length == INDEFINITE else -1 if tag == END and opened else 0
        if opened == 0:
            return at
    raise _BrokenError


def _octets(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which may be in pieces that are in pieces themselves."""
    tag, start, length = _head(data, at, end)
    if tag == OCTETS:
        yield data[start : start + length]
        return
    if tag != OCTETS_IN_PIECES:
        raise _BrokenError
    opened, at = 1, start
    last = end if length == INDEFINITE else start + length
    # Pieces come in any number, so their bytes are the bound; each head is two bytes at least.
    while opened and at < last:
        tag, start, length = _head(data, at, last)
        if tag == OCTETS:
            yield data[start : start + length]
        elif tag not in {OCTETS_IN_PIECES, END}:
            raise _BrokenError
        opened += 1 if length == INDEFINITE else -1 if tag == END else 0
        at = start if tag != OCTETS else start + length
