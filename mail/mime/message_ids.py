"""The Message-IDs of a mail, and a fingerprint that is the same for each copy of it that was delivered."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mail.mime.charset import decode_undeclared
from mail.mime.headers import HEAD_BYTES, IDS_BYTES, Headers, read_headers, unfold

MAX_REFERS = 50
MAX_ID = 998

FINGERPRINTED = ("message-id", "date", "from", "subject")

# So many bytes are looked at together, so that a long mail is not in memory twice; the headers are within the first.
PIECE = 1024 * 1024

_BRACKETED = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Peek:
    """Message-ID, and the ids of In-Reply-To and References, all without angle brackets; a fingerprint of 32 bytes."""

    message_id: str | None
    refers: tuple[str, ...]
    fingerprint: bytes


def peek(raw: bytes) -> Peek:
    """Return ids and fingerprint of any bytes; never raises.

    `refers` holds at most 50 ids, nearest first. The fingerprint is SHA-256 (32 bytes) over Message-ID,
    Date, From, Subject and the body, with line ends made equal and blank lines at the end ignored, because
    servers rewrite those. Headers are looked for in the first 64 KB only.
    """
    head = next(_lines(raw, len(raw)), b"")
    headers, body = read_headers(head, 0, min(len(head), HEAD_BYTES))
    refers = dict.fromkeys((*in_reply_to(headers), *reversed(references(headers))))
    digest = hashlib.sha256()
    for name in FINGERPRINTED:
        values = [b" ".join(value.split()) for value in headers.raw(name)]
        # With the lengths, two mails whose values only divide the same text differently get different digests.
        digest.update(b"%d " % len(values) + b"".join(b"%d:%b" % (len(value), value) for value in values))
    for lines in _lines(raw, _last_word(raw)):
        digest.update(memoryview(lines)[body:])
        body = max(body - len(lines), 0)
    return Peek(message_id(headers), tuple(refers)[:MAX_REFERS], digest.digest())


def _lines(raw: bytes, end: int) -> Iterator[bytes]:
    """Yield the bytes up to an offset, about a PIECE at once, with LF as their only line end."""
    at = 0
    while at < end:
        after = min(at + PIECE, end)
        after += raw[after - 1 : after + 1] == b"\r\n"
        yield raw[at:after].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        at = after


def _last_word(raw: bytes) -> int:
    """Return the offset after the last byte that is no white space."""
    at = len(raw)
    while at and not (found := len(raw[max(at - PIECE, 0) : at].rstrip(b" \t\r\n"))):
        at = max(at - PIECE, 0)
    return max(at - PIECE, 0) + found if at else 0


def id_hash(message_id: str) -> bytes:
    """Return the first 16 bytes of SHA-256 of a Message-ID: some ids are too long for a database index."""
    return hashlib.sha256(message_id.encode("utf-8", "replace")).digest()[:16]


def message_id(headers: Headers) -> str | None:
    """Return the Message-ID without its angle brackets (RFC 5322, 3.6.4), or None."""
    return next(iter(_ids(headers, "message-id")), None)


def in_reply_to(headers: Headers) -> tuple[str, ...]:
    """Return the ids of In-Reply-To, at most 50, without the phrases of old programs (RFC 5322, 4.5.4)."""
    return _ids(headers, "in-reply-to")[:MAX_REFERS]


def references(headers: Headers) -> tuple[str, ...]:
    """Return the last 50 ids of References, oldest first."""
    return _ids(headers, "references")[-MAX_REFERS:]


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    ids: dict[str, None] = {}
    for value in headers.raw(name):
        # The nearest ids stand at the end of a long chain.
        text = unfold(decode_undeclared(value[-IDS_BYTES:]))
        bracketed = _BRACKETED.findall(text)
        words = bracketed or [word for word in text.split() if "@" in word] or text.split()[: name == "message-id"]
        ids |= dict.fromkeys(filter(None, map(_bare, words)))
    return tuple(ids)


def _bare(text: str) -> str:
    """Return an id without brackets, white space and control characters, cut to 998 characters."""
    if text.isprintable() and " " not in text and "<" not in text and ">" not in text:
        return text[:MAX_ID]
    return "".join(letter for letter in text if letter.isprintable() and letter not in " <>")[:MAX_ID]
