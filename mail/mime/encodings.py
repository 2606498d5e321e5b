"""Content-Transfer-Encodings: the encoded body of a part becomes the original bytes (RFC 2045, section 6)."""

import binascii
import re

from mail.mime.charset import clean

PLAIN = frozenset({"", "7bit", "8bit", "binary"})
BASE64 = frozenset({"base64", "b64"})
UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})

_NOT_LETTERS = re.compile(rb"[^A-Za-z0-9+/]+")
_PIECES = re.compile(rb"=?(?:(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)*+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s_-]")


def decode_transfer(data: memoryview, encoding: str, content_type: str) -> tuple[bytes, str | None]:
    """Return the decoded bytes, and a sentence where they had to be repaired; `encoding` is in lower case."""
    if encoding in BASE64:
        return _from_base64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), None
    if encoding in UUENCODE:
        return _from_uuencode(bytes(data))
    if encoding not in PLAIN:
        return bytes(data), f"transfer encoding {clean(encoding)[:40]!r} is unknown; taken as it stands"
    # Some servers encode the mail or report that they return, without a Content-Transfer-Encoding.
    if content_type.startswith("message/") and _looks_like_base64(bytes(data[:400])):
        return _from_base64(data)
    return bytes(data), None


def _looks_like_base64(begin: bytes) -> bool:
    first = begin.lstrip().partition(b"\n")[0]
    return len(begin) > 60 and len(first) > 40 and b" " not in begin.strip() and not _NOT_BASE64.search(begin)


def _from_base64(data: memoryview) -> tuple[bytes, str | None]:
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


def _from_uuencode(data: bytes) -> tuple[bytes, str | None]:
    lines = data.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    found: list[bytes] = []
    for line in lines[begin + 1 :]:
        if line.strip() in {b"end", b"`", b""}:
            continue
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            return data, "what is declared as uuencode is none; taken as it stands"
    return b"".join(found), None
