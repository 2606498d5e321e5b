"""The mail programs of a day: what they send, as new mail, as an answer, or after a touch on a link of an HTML mail."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from html import escape
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bench.answers.blocks import Lines
from bench.answers.contents import Content
from bench.answers.dialects import DIALECTS
from bench.answers.message import Ours, write_answer
from tests.support.day.story import COMMAND, DESK, Person

NUMBERS = count(1)
# The button by which a mail program ends a mailing list (RFC 2369).
LIST_UNSUBSCRIBE = "List-Unsubscribe"
BEFORE_A_STOP = re.compile(r" (?=[.,:;!?)])")
# The day of the answers in `bench/answers/`; here they are written today.
OLD_DATE = b"Mon, 30 Nov 2026 10:15:00 +0100"


def read_mail(raw: bytes) -> EmailMessage:
    """A mail with its headers decoded."""
    return message_from_bytes(raw, policy=policy.default)


def text_of(mail: EmailMessage) -> str:
    """What stands in its plain text."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def html_of(mail: EmailMessage) -> str:
    """Its HTML as it was sent."""
    part = mail.get_body(("html",))
    return str(part.get_content()) if part else ""


def new_mail(writer: Person, text: str, subject: str, cc: Sequence[str] = (), to: str = DESK) -> bytes:
    """A mail that answers none, with the writer's signature."""
    dialect = DIALECTS[writer.program]
    blocks = [Lines(tuple(one.splitlines())) for one in text.split("\n\n") if one]
    dashes = ["-- "] if "-- " in dialect.signature else []
    plain, html = dialect.as_text(blocks), dialect.as_html(blocks)
    if writer.signature:
        plain += "\n\n" + "\n".join([*dashes, *writer.signature])
        html += dialect.signature.format("<br>".join(map(escape, writer.signature)))
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"{writer.name} <{writer.address}>", to, subject
    if cc:
        mail["Cc"] = ", ".join(cc)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<new-{next(NUMBERS)}@{writer.address.partition('@')[2]}>"
    mail.set_content(plain + "\n")
    mail.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    return mail.as_bytes()


def answer_to(writer: Person, ours: bytes, text: str, cc: Sequence[str] = ()) -> bytes:
    """An answer as the writer's program quotes and signs it."""
    mail = read_mail(ours)
    name, reply_to = parseaddr(str(mail["Reply-To"] or mail["From"]))
    paragraphs = [tuple(one.splitlines()) for one in text.split("\n\n")]
    at_top = paragraphs.pop(0) if COMMAND.match(paragraphs[0][0]) else ()
    at_end = paragraphs.pop() if paragraphs and COMMAND.match(paragraphs[-1][0]) else ()
    number = next(NUMBERS) * len(DIALECTS) + writer.program
    content = Content(number, tuple(map(Lines, paragraphs)), (), at_top, at_end, writer.signature)
    sender = name or parseaddr(str(mail["From"]))[0]
    subject, message_id = str(mail["Subject"]), str(mail["Message-ID"]).strip().strip("<>")
    quoted = Ours(writer.address, writer.name, sender, reply_to, subject, message_id, text_of(mail), html_of(mail))
    raw = write_answer(content, quoted).raw.replace(OLD_DATE, format_datetime(datetime.now(UTC)).encode(), 1)
    return b"Cc: " + ", ".join(cc).encode() + b"\r\n" + raw if cc else raw


def pressed(writer: Person, ours: bytes, link: str, text: str = "") -> bytes:
    """What the writer's program sends after a touch on the link with these words, words, and another touch on Send."""
    target = urlsplit(_link(read_mail(ours), link))
    asked = {name.lower(): values[0] for name, values in parse_qs(target.query.replace("+", "%2B")).items()}
    body = asked.get("body", "").replace("\r\n", "\n").strip("\n")
    return new_mail(writer, f"{text}\n\n{body}".strip(), asked.get("subject", ""), to=unquote(target.path))


def _link(mail: EmailMessage, words: str) -> str:
    if words == LIST_UNSUBSCRIBE:
        return str(mail[words]).strip("<>")
    links = LexborHTMLParser(html_of(mail)).css("a[href^='mailto:']")
    found = [link.attributes["href"] or "" for link in links if plain(link.text()) == words]
    assert found, f"no link “{words}”"
    return found[0]


def recipients(raw: bytes) -> list[str]:
    """The addresses of To and Cc, to which the writer's own server takes the mail."""
    mail = read_mail(raw)
    return [address for _, address in getaddresses([*mail.get_all("To", []), *mail.get_all("Cc", [])])]


def plain(text: str) -> str:
    """Words with one space between them, and without the signs that only tell where a line may break."""
    words = " ".join(text.translate({0x2060: None, 0x200B: None, 0xAD: None, 0x200C: None}).split())
    # Where an element of HTML ends before a stop, there is no space.
    return BEFORE_A_STOP.sub("", words)


def words_in(raw: bytes) -> tuple[str, str]:
    """All that a reader sees of a mail: subject with plain text, and subject with HTML."""
    mail = read_mail(raw)
    page = LexborHTMLParser(html_of(mail))
    page.strip_tags(["style", "title"])
    return plain(f"{mail['Subject']}\n{text_of(mail)}"), plain(f"{mail['Subject']}\n{page.text(separator=' ')}")
