"""Mails as mail programs write them: the files of `seed/story/mails`, with their blanks filled in."""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.message import Message
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from seed.example_words import ENGLISH

MAILS = Path(__file__).with_name("mails")
BLANK = re.compile(rb"\{\{([a-z_]+)\}\}")
LINK = re.compile(r'<a [^>]*href="(mailto:[^"]+)"[^>]*>([^<]*)</a>')


@dataclass(frozen=True, slots=True)
class FilledMail:
    """A mail to send: its bytes with CRLF line ends, and the headers that people see."""

    raw: bytes
    sender: str
    recipient: str
    subject: str
    message_id: str


def write(
    eml: str,
    now: datetime,
    *,
    author: str = "",
    original: bytes | None = None,
    language: str = ENGLISH,
    touched: str | None = None,
) -> FilledMail:
    """Fill in a file of `seed/story/mails`: the date, and for an answer the mail it answers with its text quoted below.

    `author` is the From of whoever writes where the file leaves it open, `touched` the words of a link in the mail that
    is answered, or the command in its body. KeyError: a blank that nothing fills.
    """
    blanks = {"date": format_datetime(now), "when": f"{now:%d/%m/%Y %H:%M}", "from": author}
    blanks |= {"day": f"{now:%d.%m.%Y}", "clock": f"{now:%H:%M}"}
    blanks |= _blanks_of(message_from_bytes(original)) if original else {}
    blanks |= _blanks_of_link(message_from_bytes(original), touched) if original and touched else {}
    template = file_of(eml, language).read_bytes()
    filled = BLANK.sub(lambda blank: blanks[blank[1].decode()].encode(), template)
    raw = filled.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    mail = message_from_bytes(raw)
    return FilledMail(
        raw=raw,
        sender=parseaddr(mail["From"])[1],
        recipient=parseaddr(mail["To"])[1],
        subject=str(make_header(decode_header(mail["Subject"]))),
        message_id=mail["Message-ID"].strip("<>"),
    )


def file_of(eml: str, language: str) -> Path:
    """The file of a mail; whoever writes in a third language writes the same to every desk, in the English folder."""
    own = MAILS / language / f"{eml}.eml"
    return own if own.is_file() else MAILS / ENGLISH / own.name


def _blanks_of_link(original: Message, touched: str) -> dict[str, str]:
    """What a mail program writes after a touch on a link of `mailto:` (RFC 6068): to whom, subject and body."""
    for link, words in LINK.findall(_text_of(original, "text/html")):
        target = urlsplit(html.unescape(link))
        asked = {name.lower(): values[0] for name, values in parse_qs(target.query.replace("+", "%2B")).items()}
        body = asked.get("body", "").replace("\r\n", "\n")
        if touched in (html.unescape(words).strip(), body.partition("\n")[0]):
            subject = Header(asked.get("subject", "")).encode()
            return {"link_to": unquote(target.path), "link_subject": subject, "link_body": body}
    return {}


def _text_of(original: Message, kind: str) -> str:
    part = next(part for part in original.walk() if part.get_content_type() == kind)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode(part.get_content_charset("utf-8")).replace("\r\n", "\n")


def _blanks_of(original: Message) -> dict[str, str]:
    """What an answer takes from the mail that it answers, by the names of the blanks."""
    text = _text_of(original, "text/plain")
    message_id = original["Message-ID"]
    subject = " ".join(original["Subject"].split())
    return {
        "reply_to": parseaddr(original["Reply-To"] or original["From"])[1],
        "subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
        "in_reply_to": message_id,
        "references": " ".join([*(original["References"] or "").split(), message_id]),
        "quoted": "\n".join(f"> {line}".rstrip() for line in text.splitlines()),
        "original": text,
        "original_html": html.escape(text),
    }
