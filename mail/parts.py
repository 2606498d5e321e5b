"""The parts of a MIME tree: each leaf with its type, its names and its decoded bytes."""

import binascii
import quopri
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from functools import cached_property

from mail.charset import clean
from mail.headers import Headers, headers_of, unbase64
from mail.parameters import parameters

MAX_DEPTH = 100
MAX_PARTS = 1_000

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s_-]")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def payload_of(message: Message) -> bytes:
    """Return the bytes of a message that is no multipart, before its transfer encoding is undone; never raises.

    The standard library gives them only for a message that names no encoding: otherwise it decodes them, by a
    charset that may be wrong, unknown or no text at all.
    """
    unencoded = copy(message)
    del unencoded["content-transfer-encoding"]
    payload = unencoded.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


@dataclass(frozen=True)
class Part:
    """One node of the tree with safe access to what its headers say."""

    message: Message
    default_type: str = "text/plain"

    @cached_property
    def headers(self) -> Headers:
        """The headers of this part alone."""
        return headers_of(self.message)

    @cached_property
    def content_type(self) -> str:
        """The declared type in lower case; the default of the place where it is missing or broken (RFC 2045, 5.2)."""
        text = self.headers.text("content-type").partition(";")[0].strip().lower()
        if _TYPE.fullmatch(text):
            return text
        return "text/html" if text == "html" else "text/plain" if text else self.default_type

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of Content-Type."""
        return parameters(self.headers.text("content-type"))

    @property
    def children(self) -> Sequence["Part"]:
        """The parts of a multipart; empty for a leaf and for a multipart that could not be taken apart."""
        if not (self.message.is_multipart() and self.message.get_content_maintype() == "multipart"):
            return ()
        payload = self.message.get_payload()
        default = "message/rfc822" if self.content_type == "multipart/digest" else "text/plain"
        return tuple(Part(child, default) for child in payload if isinstance(child, Message))

    @property
    def disposition(self) -> str:
        """`attachment`, `inline` or what else Content-Disposition says (RFC 2183); empty where it is missing."""
        return self.headers.text("content-disposition").partition(";")[0].strip().lower()

    @property
    def given_name(self) -> str:
        """The file name as the mail gives it; empty where it gives none."""
        named = parameters(self.headers.text("content-disposition"))
        return named.get("filename") or self.parameters.get("name") or ""

    @property
    def content_id(self) -> str | None:
        """Content-ID without its brackets, or None."""
        return self.headers.text("content-id").strip("<> ") or None

    def content(self) -> tuple[bytes, str | None]:
        """Return the decoded bytes, and a sentence where they had to be repaired."""
        if self.message.is_multipart():
            return b"\n\n".join(_flat(child) for child in self.message.get_payload()), None
        data = payload_of(self.message)
        encoding = self.headers.text("content-transfer-encoding").partition(";")[0].strip().lower()
        return _decoded(data, encoding)


def _flat(child: object) -> bytes:
    """Return a nested message as bytes; one that cannot be written out again still gives its text."""
    if not isinstance(child, Message):
        return str(child).encode("utf-8", "replace")
    encoded = payload_of(child)
    if not child.keys() and _looks_like_base64(encoded):
        return unbase64(encoded)
    try:
        return child.as_bytes()
    except (MessageError, UnicodeError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        fields = "\n".join(f"{name}: {value}" for name, value in child.raw_items())
        return clean(fields).encode() + b"\n\n" + encoded


def _looks_like_base64(data: bytes) -> bool:
    return len(data) > 60 and not _NOT_BASE64.search(data) and b" " not in data.strip()


def _decoded(data: bytes, encoding: str) -> tuple[bytes, str | None]:
    if encoding in {"base64", "b64"}:
        return _from_base64(data)
    if encoding == "quoted-printable":
        return quopri.decodestring(data), None
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _from_uuencode(data)
    if encoding in {"", "7bit", "8bit", "binary"}:
        return data, None
    return data, f"transfer encoding {clean(encoding)[:40]!r} is unknown; taken as it stands"


def _from_base64(data: bytes) -> tuple[bytes, str | None]:
    strange = len(_NOT_BASE64.findall(data))
    if strange > len(data) // 10 + 1:
        return data, "what is declared as base64 is none; taken as it stands"
    note = f"base64 holds {strange} bytes that do not belong there; they were left out" if strange else None
    return unbase64(data), note


def _from_uuencode(data: bytes) -> tuple[bytes, str | None]:
    lines = data.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    decoded: list[bytes] = []
    for line in lines[begin + 1 :]:
        if line.strip() in {b"end", b"`", b""}:
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            return data, "what is declared as uuencode is none; taken as it stands"
    return b"".join(decoded), None
