"""Raw bytes become an `InboundMail`, whatever the bytes are."""

import re
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser

from mail.addresses import MAX_ADDRESSES, normalise, read_addresses
from mail.automatic import why_automatic
from mail.body import Body, read_body
from mail.charset import clean, decode
from mail.headers import ADDRESSES_BYTES, Headers, read_date
from mail.identity import in_reply_to, message_id, references
from mail.message import Address, InboundMail
from mail.parts import Part, payload_of
from mail.reply import Reply, is_forward, visible_reply

DELIVERY = ("delivered-to", "x-original-to", "envelope-to")
MAX_REPAIRS = 20
# Boundaries are mended in the first so many bytes: those of parts nested deep in a large mail are left alone.
MENDED_BYTES = 262_144
_FOLDED = re.compile(rb'(\bboundary="[^"\r\n]{0,100})\r?\n[ \t]([^"\r\n]{0,100}")', re.IGNORECASE)
_UNDIVIDED = re.compile(
    rb"(^content-type:[ \t]{0,9}multipart/[a-z-]{1,20})[ \t]{0,9}(\r?\n[ \t]{1,9}boundary=)",
    re.IGNORECASE | re.MULTILINE,
)
# How sure a cut is that rests on the marks of the sender's mail program.
STRUCTURAL = 0.9


def parse(raw: bytes) -> InboundMail:
    """Return the mail as values: pure, never raises on odd mail; what was repaired stands in `repairs`."""
    root, repairs = _read_tree(raw)
    headers, body = root.headers, _read_body(root)
    subject = headers.words("subject")
    reply = _reply(body, subject)
    return InboundMail(
        message_id=message_id(headers),
        in_reply_to=in_reply_to(headers),
        references=references(headers),
        senders=_addresses(headers, "from"),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        delivered_to=_delivered_to(headers),
        subject=subject,
        date=read_date(headers.text("date")),
        text=_joined(*body.own, *body.quoted),
        reply=reply.reply,
        removed=reply.removed,
        confidence=reply.confidence,
        attachments=tuple(body.files),
        automatic=why_automatic(headers, body.kinds),
        repairs=tuple(dict.fromkeys((*repairs, *body.repairs)))[:MAX_REPAIRS],
        signature=reply.signature,
    )


def _read_tree(raw: bytes) -> tuple[Part, tuple[str, ...]]:
    """Return the MIME tree; of one that is nested beyond reason the headers and the body as one plain text."""
    mended = _mended(raw)
    try:
        return Part(message_from_bytes(mended)), () if mended is raw else ("the boundary of the parts was mended",)
    except RecursionError:
        return _flat(raw), ("the parts are nested too deep; the body is shown as it stands",)


def _mended(raw: bytes) -> bytes:
    """Return the mail with boundaries that can be read: in one line, and behind a semicolon (RFC 2046, 5.1.1)."""
    mended = _UNDIVIDED.sub(rb"\1; \2", _FOLDED.sub(rb"\1 \2", raw[:MENDED_BYTES]))
    return raw if mended == raw[:MENDED_BYTES] else mended + raw[MENDED_BYTES:]


def _flat(raw: bytes) -> Part:
    message: Message = BytesHeaderParser().parsebytes(raw)
    for name in ("content-type", "content-transfer-encoding"):
        del message[name]
    return Part(message)


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return read_addresses(headers.texts(name, ADDRESSES_BYTES))


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    named = (value for name, value in headers.fields if name in DELIVERY)
    texts = (clean(value.decode("utf-8", "replace")).strip().strip("<>") for value in named)
    return tuple(dict.fromkeys(filter(None, map(normalise, texts))))[:MAX_ADDRESSES]


def _read_body(root: Part) -> Body:
    """Return the body; of a tree that is too deep to walk, the raw text of its root."""
    try:
        return read_body(root)
    except RecursionError:
        return Body(own=[decode(payload_of(root.message)).text], repairs=["the parts are nested too deep to be read"])


def _reply(body: Body, subject: str) -> Reply:
    """Return the sender's own words; what HTML marked as the quote joins what was removed, a forward stays whole."""
    if is_forward(subject):
        return visible_reply(_joined(*body.own, *body.quoted), subject)
    found = visible_reply(_joined(*body.own))
    quoted = _joined(*body.quoted)
    if not quoted:
        return found
    return Reply(found.reply, _joined(found.removed, quoted), min(found.confidence, STRUCTURAL), found.signature)


def _joined(*texts: str) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())
