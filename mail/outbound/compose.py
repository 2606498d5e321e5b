"""An outgoing mail as a value, and the one function that writes it as bytes (RFC 5322, RFC 2045 to 2047)."""

import hashlib
import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Literal

from mail.mime.text import with_lf
from mail.outbound.file_types import media_type
from mail.outbound.safe_headers import (
    MESSAGE_ID,
    addr_spec,
    date_value,
    filename_parameter,
    fold_header,
    mailbox,
    own_id,
    unstructured,
    usable_ids,
)

SUBJECT_LIMIT = 300
REFERENCES_KEPT = 20
# RFC 2045, section 6.8.
BASE64_LINE = 76

# The values of RFC 3834, section 5; a mail that a person wrote carries none.
AUTOMATIC = ("auto-generated", "auto-replied")

TEXT_HEADERS = {
    subtype: b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" % word
    for subtype, word in (("plain", b"plain"), ("html", b"html"))
}

IMAGE_SUBTYPE = re.compile(r"[a-z0-9.+-]{1,60}")


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture that the HTML shows as `cid:`; `subtype` is what follows `image/`."""

    cid: str
    filename: str
    content: bytes
    subtype: str = "png"


@dataclass(frozen=True, slots=True)
class File:
    """An attached file; its media type is that of `file_types.py::media_type`."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All values of one mail to one recipient; ids are without their angle brackets.

    `date` is aware. `auto_submitted` is None where a person wrote the mail. With an empty `html` the mail has the
    text only. `unsubscribe` is the URL of List-Unsubscribe (RFC 2369, section 3.2), None for a mail without.
    """

    sender_name: str
    sender: str
    recipient_name: str
    recipient: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    in_reply_to: str | None
    references: tuple[str, ...]
    auto_submitted: Literal["auto-generated", "auto-replied"] | None
    inline: tuple[InlineImage, ...]
    files: tuple[File, ...]
    boundary_seed: str
    unsubscribe: str | None = None


def compose(outgoing: Outgoing) -> bytes:
    """Write the mail as 7-bit RFC 5322 and MIME with CRLF line ends; the same value gives the same bytes.

    Subject, names and filenames are cleaned and shortened. Ids of other programs that no header can hold are left out.
    ValueError, with a sentence, for an address, an id of ours, a date or an Auto-Submitted that must not be sent.
    """
    seed = outgoing.boundary_seed
    shown = [_text_part("html", outgoing.html), *map(_picture_part, outgoing.inline)]
    related = [_multipart("related", seed, shown)] if outgoing.html else []
    body = _multipart("alternative", seed, [_text_part("plain", outgoing.text), *related])
    content = _multipart("mixed", seed, [body, *map(_file_part, outgoing.files)])
    return _header_lines(_headers(outgoing)) + content


def _headers(outgoing: Outgoing) -> list[tuple[str, str]]:
    lines = [
        ("From", mailbox(outgoing.sender_name, outgoing.sender)),
        ("To", mailbox(outgoing.recipient_name, outgoing.recipient)),
        ("Subject", unstructured(outgoing.subject, SUBJECT_LIMIT)),
        ("Date", date_value(outgoing.date)),
        ("Message-ID", f"<{own_id(outgoing.message_id)}>"),
        ("MIME-Version", "1.0"),
    ]
    if outgoing.reply_to is not None:
        lines.append(("Reply-To", addr_spec(outgoing.reply_to)))
    if outgoing.unsubscribe is not None:
        lines.append(("List-Unsubscribe", f"<{outgoing.unsubscribe}>"))
    lines += _thread_headers(outgoing)
    if outgoing.auto_submitted is not None:
        if outgoing.auto_submitted not in AUTOMATIC:
            allowed = ", ".join(AUTOMATIC)
            raise ValueError(f"Auto-Submitted cannot be {outgoing.auto_submitted!r}; it is one of {allowed}.")
        lines += [("Auto-Submitted", outgoing.auto_submitted), ("X-Auto-Response-Suppress", "All")]
    return lines


def _thread_headers(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Return In-Reply-To and References (RFC 5322, section 3.6.4); of a long chain the first id and the last twenty."""
    parent = usable_ids((outgoing.in_reply_to,) if outgoing.in_reply_to else ())
    known = usable_ids(outgoing.references)
    kept = known if len(known) <= REFERENCES_KEPT + 1 else (known[0], *known[-REFERENCES_KEPT:])
    named = (("In-Reply-To", parent), ("References", kept))
    return [(name, " ".join(f"<{known_id}>" for known_id in ids)) for name, ids in named if ids]


def _multipart(subtype: str, seed: str, parts: list[bytes]) -> bytes:
    """Wrap the parts as multipart/`subtype` (RFC 2046, 5.1.1); a single part stays as it is."""
    if len(parts) == 1:
        return parts[0]
    # Neither quoted-printable nor base64 can hold "=_" (RFC 2045, 6.7), so no body needs to be searched for it.
    boundary = f"=_{subtype}_{hashlib.sha256(f'{subtype}:{seed}'.encode()).hexdigest()[:24]}"
    between = f"\r\n--{boundary}\r\n".encode()
    inside = b"".join(between + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()
    return _part([("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')], inside.removeprefix(b"\r\n"))


def _text_part(subtype: str, text: str) -> bytes:
    lines = with_lf(text).encode(errors="replace")
    return TEXT_HEADERS[subtype] + b2a_qp(lines).replace(b"\n", b"\r\n")


def _picture_part(image: InlineImage) -> bytes:
    if not IMAGE_SUBTYPE.fullmatch(image.subtype) or not MESSAGE_ID.fullmatch(image.cid):
        raise ValueError(f"The picture {image.cid[:80]!r} of type {image.subtype[:80]!r} cannot be named in a header.")
    headers = [
        ("Content-Type", f"image/{image.subtype}"),
        ("Content-ID", f"<{image.cid}>"),
        ("Content-Disposition", f"inline; {filename_parameter(image.filename)}"),
    ]
    return _base64_part(headers, image.content)


def _file_part(file: File) -> bytes:
    headers = [
        ("Content-Type", media_type(file.filename, file.content)),
        ("Content-Disposition", f"attachment; {filename_parameter(file.filename)}"),
    ]
    return _base64_part(headers, file.content)


def _base64_part(headers: list[tuple[str, str]], content: bytes) -> bytes:
    encoded = b2a_base64(content, newline=False)
    # A list, since joining a generator takes a third longer.
    lines = [encoded[at : at + BASE64_LINE] + b"\r\n" for at in range(0, len(encoded), BASE64_LINE)]
    return _part([*headers, ("Content-Transfer-Encoding", "base64")], b"".join(lines))


def _part(headers: list[tuple[str, str]], content: bytes) -> bytes:
    return b"%b\r\n%b" % (_header_lines(headers), content)


def _header_lines(headers: list[tuple[str, str]]) -> bytes:
    return "".join(starmap(fold_header, headers)).encode("ascii")
