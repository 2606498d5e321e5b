"""Content-Transfer-Encodings: the encoded body of a part becomes the original bytes (RFC 2045, section 6)."""

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from mail.mime.charset import clean

PLAIN = frozenset({"", "7bit", "8bit", "binary"})
BASE64 = frozenset({"base64", "b64"})
UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})

# A file of more bytes is not kept decoded; so many of them are decoded at once.
LONG = 1024 * 1024
PIECE = 128 * 1024

_NOT_LETTERS = re.compile(rb"[^A-Za-z0-9+/]+")
_PIECES = re.compile(rb"=?(?:(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)*+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s_-]")


@dataclass(frozen=True, slots=True)
class LongContent:
    """The content of a large file as a stretch of the mail, decoded piece by piece each time that it is asked for.

    `size` in bytes and SHA-256 (32 bytes) are of the decoded content.
    """

    data: memoryview = field(repr=False)
    is_base64: bool
    size: int
    sha256: bytes

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return _joined(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the decoded bytes, about a PIECE at once."""
        return _pieces(self.data, is_base64=self.is_base64)


def long_content(data: memoryview, encoding: str, content_type: str) -> LongContent | None:
    """Return the content of a part without decoding it as a whole; None where it is short or cannot be read so.

    The encoding, in lower case, must be base64 without anything else in it, or none.
    """
    if len(data) <= LONG or encoding not in BASE64 | PLAIN:
        return None
    digest, size = sha256(), 0
    is_base64 = encoding in BASE64 or _is_encoded_mail(data, content_type)
    try:
        for piece in _pieces(data, is_base64=is_base64):
            digest.update(piece)
            size += len(piece)
    except binascii.Error:
        return None
    return LongContent(data, is_base64, size, digest.digest())


def _pieces(data: memoryview, *, is_base64: bool) -> Iterator[bytes]:
    """Yield content decoded, a piece at once; binascii.Error: it is no base64, or more than that."""
    left, padding = b"", 0
    for at in range(0, len(data), PIECE):
        piece = bytes(data[at : at + PIECE])
        if is_base64:
            letters = left + piece.translate(None, b" \t\r\n")
            end = len(letters) // 4 * 4
            if padding and letters:
                raise binascii.Error("there is more behind the padding")
            piece, padding, left = binascii.a2b_base64(letters[:end]), letters[:end][-2:].count(b"="), letters[end:]
            # What the decoder left out, as it stands for nothing, is seen from the length.
            if len(piece) != end // 4 * 3 - padding:
                raise binascii.Error("there is something else between the letters")
        yield piece
    if left:
        raise binascii.Error("the last letters are missing")


def _joined(pieces: Iterator[bytes]) -> bytes:
    """Return pieces as one value, without a copy of all of them."""
    whole = BytesIO()
    for piece in pieces:
        whole.write(piece)
    return whole.getvalue()


def decode_transfer(data: memoryview, encoding: str, content_type: str) -> tuple[bytes, str | None]:
    """Return the decoded bytes, and a sentence where they had to be repaired; `encoding` is in lower case."""
    if encoding in BASE64:
        return _from_base64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), None
    if encoding in UUENCODE:
        return _from_uuencode(data)
    if encoding not in PLAIN:
        return bytes(data), f"transfer encoding {clean(encoding)[:40]!r} is unknown; taken as it stands"
    if _is_encoded_mail(data, content_type):
        return _from_base64(data)
    return bytes(data), None


def _is_encoded_mail(data: memoryview, content_type: str) -> bool:
    """Whether a mail or report is in base64 without saying so, as some servers return it."""
    return content_type.startswith("message/") and _looks_like_base64(bytes(data[:400]))


def _looks_like_base64(begin: bytes) -> bool:
    first = begin.lstrip().partition(b"\n")[0]
    return len(begin) > 60 and len(first) > 40 and b" " not in begin.strip() and not _NOT_BASE64.search(begin)


def _from_base64(data: memoryview) -> tuple[bytes, str | None]:
    if len(data) > LONG:
        with suppress(binascii.Error):
            return _joined(_pieces(data, is_base64=True)), None
    encoded = bytes(data)
    found = _only_base64(encoded)
    if found is not None:
        return found, None
    try:
        return binascii.a2b_base64(encoded.translate(None, b" \t\r\n"), strict_mode=True), None
    except binascii.Error:
        strange, found = len(_NOT_BASE64.findall(encoded)), unbase64(encoded)
    if strange > len(encoded) // 10 or (strange and not found):
        return encoded, "what is declared as base64 is none; taken as it stands"
    return found, f"base64 holds {strange} bytes that do not belong there; they were left out" if strange else None


def _only_base64(encoded: bytes) -> bytes | None:
    """Return the bytes of base64 where it holds nothing but lines of it, as nearly all does, else None.

    The loose mode of `binascii` takes half of the time of the strict one; that it left out no character is seen from
    the length: three bytes come of each four characters.
    """
    try:
        found = binascii.a2b_base64(encoded)
    except binascii.Error:
        return None
    characters = len(encoded) - encoded.count(b"\r") - encoded.count(b"\n")
    return found if characters == 4 * ((len(found) + 2) // 3) else None


def unbase64(data: bytes) -> bytes:
    """Return what can be decoded of base64, other characters between its letters skipped; never raises.

    Padding ends it (RFC 2045, section 6.8), unless the rest is base64 again, as of programs that encode in pieces.
    """
    plain = data.translate(bytes.maketrans(b"-_", b"+/"), b" \t\r\n")
    try:
        return binascii.a2b_base64(plain, strict_mode=True)
    except binascii.Error:
        first, padding, rest = plain.partition(b"=")
    following = _PIECES.fullmatch(rest) if padding else None
    runs = [first, *(rest.split(b"=") if following else ())]
    return b"".join(_unbase64_run(_NOT_LETTERS.sub(b"", run)) for run in runs if run)


def _unbase64_run(run: bytes) -> bytes:
    # One letter alone holds six bits and no byte.
    usable = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        return binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    except (binascii.Error, ValueError):
        return b""


def _from_uuencode(data: memoryview) -> tuple[bytes, str | None]:
    lines, found = _lines(data), BytesIO()
    if any(line.startswith(b"begin ") for line in _lines(data)):
        next(line for line in lines if line.startswith(b"begin "))
    for line in lines:
        if line.strip() in {b"end", b"`", b""}:
            continue
        try:
            found.write(binascii.a2b_uu(line))
        except binascii.Error:
            return bytes(data), "what is declared as uuencode is none; taken as it stands"
    return found.getvalue(), None


def _lines(data: memoryview) -> Iterator[bytes]:
    """Yield the lines, of which those of one PIECE are there at once; where no line ends in one, all that follow."""
    at = 0
    while at < len(data):
        end = at + bytes(data[at : at + PIECE]).rfind(b"\n") + 1
        piece = bytes(data[at : end if end > at else len(data)])
        yield from piece.splitlines()
        at += len(piece)
