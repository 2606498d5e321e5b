"""The Message-IDs of a mail, and a fingerprint that is the same for each copy of it that was delivered."""

import hashlib
import re
from dataclasses import dataclass

from mail.mime.charset import decode_undeclared
from mail.mime.headers import HEAD_BYTES, IDS_BYTES, Headers, read_headers, unfold

MAX_REFERS = 50
MAX_ID = 998

FINGERPRINTED = ("message-id", "date", "from", "subject")

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
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    headers, body = read_headers(lines, 0, min(len(lines), HEAD_BYTES))
    refers = dict.fromkeys((*in_reply_to(headers), *reversed(references(headers))))
    digest = hashlib.sha256()
    for name in FINGERPRINTED:
        values = [b" ".join(value.split()) for value in headers.raw(name)]
        # With the lengths, two mails whose values only divide the same text differently get different digests.
        digest.update(b"%d " % len(values) + b"".join(b"%d:%b" % (len(value), value) for value in values))
    digest.update(lines[body:].rstrip(b" \t\n"))
    return Peek(message_id(headers), tuple(refers)[:MAX_REFERS], digest.digest())


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
