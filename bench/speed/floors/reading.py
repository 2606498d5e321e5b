"""What floor d reads of a mail, by the standard library's `compat32`, and the notices that it makes of it."""

import email
import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from html import escape, unescape
from typing import Final

IDS: Final = re.compile(r"<([^<>\s]+)>")
TAGS: Final = re.compile(r"<[^<>]*>")
AGENTS: Final = tuple(f"agent{number:02}@desk.example" for number in range(1, 21))
TEXT: Final = """Hello,

{what} "{title}" [#{ticket}]:

{body}

Answer this mail to write into the ticket.
--
SupportDesk
"""
HTML: Final = """<!DOCTYPE html><html><head><meta charset="utf-8"></head>
<body style="margin:0;background:#f4f5f7;font-family:Arial,sans-serif;font-size:15px;color:#1f2933">
<table role="presentation" width="100%"><tr><td style="padding:24px"><p style="margin:0 0 12px 0">Hello,</p>
<p style="margin:0 0 12px 0">{what} <strong>{title}</strong> [#{ticket}]:</p>
<div style="margin:0 0 12px 0;padding:12px;background:#ffffff;border:1px solid #d9dee5">{body}</div>
<p style="margin:0;color:#616e7c">Answer this mail to write into the ticket.</p></td></tr></table></body></html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as floor d knows it; `files` are names with their bytes."""

    message_id: str
    refers: list[str]
    sender: str
    subject: str
    text: str
    files: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Notices:
    """The two notices of one mail, value beside value as the statement wants them."""

    recipients: list[str]
    message_ids: list[str]
    subjects: list[str]
    texts: list[str]
    htmls: list[str]


def read_names(raw: bytes) -> tuple[str, list[str]]:
    """The Message-ID and the ids that a mail refers to, from its headers alone; a digest where it has no id."""
    head = BytesHeaderParser().parsebytes(raw[: raw.find(b"\r\n\r\n") + 4])
    return _names_of(head, raw)


def _names_of(head: Message, raw: bytes) -> tuple[str, list[str]]:
    own = IDS.findall(str(head["Message-ID"])) or [hashlib.sha256(raw).hexdigest()]
    return own[0], IDS.findall(f"{head['In-Reply-To']} {head['References']}")


def read_letter(raw: bytes) -> Letter:
    """The words and files of a mail: its first plain text, or its HTML without tags where it has none."""
    mail = email.message_from_bytes(raw)
    texts: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    for part in mail.walk():
        if part.is_multipart():
            continue
        name = part.get_filename()
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes), "it is a leaf"
        if name:
            files.append((_decoded(name), content))
        elif part.get_content_maintype() == "text":
            texts.setdefault(part.get_content_subtype(), _text_of(part, content))
    text = texts.get("plain") or unescape(TAGS.sub(" ", texts.get("html", "")))
    message_id, refers = _names_of(mail, raw)
    sender = parseaddr(_decoded(mail["From"] or ""))[1].lower()
    return Letter(message_id, refers, sender, _decoded(mail["Subject"] or "(no subject)"), text, files)


def _text_of(part: Message, content: bytes) -> str:
    with suppress(LookupError):
        return content.decode(part.get_content_charset("utf-8"), "replace").replace("\0", "")
    return content.decode("latin-1").replace("\0", "")


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value))).replace("\0", "")


def owner_of(ticket: int) -> str:
    """Who gets a ticket: one agent after the other."""
    return AGENTS[ticket % len(AGENTS)]


def notices_of(letter: Letter, ticket: int, title: str, owner: str) -> Notices:
    """A notice to the customer and one to the ticket's owner, in text and in HTML."""
    recipients = [letter.sender, owner]
    what = ("We have received", "There is news about")
    values = {"title": title, "ticket": ticket, "body": letter.text}
    safe = {"title": escape(title), "ticket": ticket, "body": escape(letter.text).replace("\n", "<br>\n")}
    stem = hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]
    return Notices(
        recipients,
        [f"{ticket}.{number}.{stem}@desk.example" for number in range(len(recipients))],
        [f"[#{ticket}] {title}"] * len(recipients),
        [TEXT.format(what=one, **values) for one in what],
        [HTML.format(what=one, **safe) for one in what],
    )
