"""The mail that a bounce returns: its Message-ID and its recipients."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail.addresses import read_addresses
from mail.headers import ADDRESSES_BYTES, Headers, read_headers
from mail.identity import message_id
from mail.parts import Part

MAX_HEAD = 262_144
RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
HEADERS = frozenset({"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"})


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the returned mail; `found` where a part holds it."""

    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    found: bool = False


def read_original(parts: Sequence[Part]) -> Original:
    """Return the first returned mail among the parts that has a header of its own."""
    for part in parts:
        if part.content_type in RETURNED | HEADERS:
            return _original(_headers(part.content()[0]))
    return Original()


def read_head(text: str) -> Original:
    """Return what the header fields at the beginning of a text say of the mail that they belong to."""
    headers = _headers(text.encode("utf-8", "surrogateescape"))
    found = _original(headers)
    return Original(found.message_id, found.recipients, found=bool(headers.fields))


def _headers(text: bytes) -> Headers:
    return read_headers(text[:MAX_HEAD].lstrip())[0]


def _original(headers: Headers) -> Original:
    to = read_addresses(headers.texts("to", ADDRESSES_BYTES))
    return Original(message_id(headers), tuple(address.email for address in to), found=True)
