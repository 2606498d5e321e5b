"""The mail that a bounce returns: its Message-ID and its recipients."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from mail.addresses import read_addresses
from mail.charset import decode
from mail.headers import ADDRESSES_BYTES, Headers, headers_of
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
            return _original(_headers(part))
    return Original()


def read_head(text: str) -> Original:
    """Return what the header fields at the beginning of a text say of the mail that they belong to."""
    message = BytesHeaderParser().parsebytes(text[:MAX_HEAD].lstrip().encode("utf-8", "surrogateescape"))
    found = _original(headers_of(message))
    return Original(found.message_id, found.recipients, found=bool(message.keys()))


def _headers(part: Part) -> Headers:
    payload = part.message.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if isinstance(inner, Message) and inner.keys():
        return headers_of(inner)
    text = decode(part.content()[0][:MAX_HEAD]).text.lstrip()
    return headers_of(BytesHeaderParser().parsebytes(text.encode("utf-8", "surrogateescape")))


def _original(headers: Headers) -> Original:
    to = read_addresses(headers.texts("to", ADDRESSES_BYTES))
    return Original(message_id(headers), tuple(address.email for address in to), found=True)
