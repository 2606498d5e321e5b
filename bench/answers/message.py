"""An agent's answer to a mail of ours as the bytes that a mail program sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.policy import SMTP
from email.utils import formataddr
from html import escape

from bench.answers.blocks import Lines, Picture, pictures_of
from bench.answers.contents import Content, Form, all_blocks
from bench.answers.dialect import Dialect, Nesting
from bench.answers.dialects import DIALECTS
from bench.scores.generate.heads import Above
from bench.scores.generate.languages import Quoted, languages
from bench.scores.generate.letters import shown_lines
from bench.scores.generate.quoting import Marks, head_html, html_body, quote_text


@dataclass(frozen=True, slots=True)
class Ours:
    """The mail of ours that is answered, as it was sent to the agent; addresses and ids are bare."""

    agent: str
    agent_name: str
    sender_name: str
    reply_to: str
    subject: str
    message_id: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of an answer, and what the program put below the sender's words and above the quote."""

    raw: bytes
    head: tuple[str, ...]
    footer: str


def dialect_of(number: int) -> Dialect:
    """Return the program that writes the answer of that number."""
    return DIALECTS[number % len(DIALECTS)]


def write_answer(one: Content, ours: Ours, results: str = "") -> Answer:
    """Return an answer; `results` is what our mail server says of its sender (RFC 8601)."""
    dialect = dialect_of(one.number)
    language = languages()[one.language]
    quoted = Quoted(ours.sender_name, ours.reply_to, 23, 9, 15)
    head = tuple(dialect.program.head(Above(language, quoted, ours.agent, ours.subject)))
    footer = language.patterns.get(dialect.program.footer, dialect.program.footer)
    # Commands below a quote are held (docs/security.md#what-a-mail-may-do), so an answer that stands there has none.
    below = dialect.program.name == "Thunderbird" and not (one.at_top or one.at_end)
    text = _text(dialect, one, _quote(dialect, head, ours), footer, below=below)
    html = _html(dialect, one, head, ours, footer, below=below)
    pictures = [*pictures_of(one.blocks), *([one.logo] if one.logo else [])]
    if one.form is Form.SPLIT:
        root = _multipart("alternative", _part(text, "plain"), _split(dialect, html, pictures))
    else:
        root = _nested(dialect, None if one.form is Form.HTML else text, html, pictures)
    for name, value in _headers(one, ours, results):
        root[name] = value
    return Answer(root.as_bytes(policy=SMTP), tuple(line for line in head if line.strip()), footer)


def _headers(one: Content, ours: Ours, results: str) -> list[tuple[str, str]]:
    named = f"<answer-{one.number}@{ours.agent.partition('@')[2]}>"
    return [
        *([("Authentication-Results", results)] if results else []),
        ("From", f"{ours.agent_name} <{ours.agent}>"),
        ("To", formataddr((ours.sender_name, ours.reply_to))),
        ("Subject", Header(f"{('Re', 'RE', 'AW')[one.number % 3]}: {ours.subject.removeprefix('Re: ')}").encode()),
        ("Date", "Mon, 30 Nov 2026 10:15:00 +0100"),
        ("Message-ID", named),
        ("In-Reply-To", f"<{ours.message_id}>"),
        ("References", f"<{ours.message_id}>"),
    ]


def _quote(dialect: Dialect, head: Sequence[str], ours: Ours) -> str:
    program = dialect.program
    lines = shown_lines(ours.html)
    return "\n".join([*head, quote_text(lines, {}, Marks(program.mark, program.width, program.style))])


def _text(dialect: Dialect, one: Content, quote: str, footer: str, *, below: bool) -> str:
    commands = [Lines((line,)) for line in one.at_top], [Lines((line,)) for line in one.at_end]
    own = dialect.as_text((*commands[0], *all_blocks(one), *commands[1]))
    dashes = ["-- "] if "-- " in dialect.signature else []
    signature = "\n".join([*dashes, *_signature(dialect, one)]) if _signature(dialect, one) else ""
    above = "\n\n".join(filter(None, (own, signature)))
    if below:
        return f"{quote}\n\n{above}\n"
    return "\n\n".join(filter(None, (above, footer, quote))) + "\n"


def _html(dialect: Dialect, one: Content, head: Sequence[str], ours: Ours, footer: str, *, below: bool) -> str:
    commands = [Lines((line,)) for line in one.at_top], [Lines((line,)) for line in one.at_end]
    own = dialect.as_html((*commands[0], *all_blocks(one), *commands[1]))
    if signature := _signature(dialect, one):
        logo = [dialect.picture_html(one.logo)] if one.logo else []
        own += dialect.signature.format("<br>".join([*map(escape, signature), *logo]))
    program = dialect.program
    page = program.page.replace("<p>{own}</p>", "{own}").format(
        own="" if below else own,
        head=head_html(head, bold=program.keep in {"office", "renamed"}),
        old=html_body(ours.html, program.keep),
        footer=f"<div>{escape(footer)}</div>" if footer else "",
    )
    return f'<html><head><meta charset="utf-8"></head><body>{page}{own if below else ""}</body></html>'


def _signature(dialect: Dialect, one: Content) -> tuple[str, ...]:
    """Return the lines that the program adds below all that was typed.

    Without dashes a command above them stands amid the plain text, and is held (docs/security.md#what-a-mail-may-do).
    """
    return () if one.at_end and "-- " not in dialect.signature else one.signature


def _nested(dialect: Dialect, text: str | None, html: str, pictures: Sequence[Picture]) -> MIMEMultipart:
    plain = [_part(text, "plain")] if text is not None else []
    for part in plain if dialect.program.style == "flowed" else ():
        part.set_param("format", "flowed")
    marked = _part(html, "html")
    files = [_picture_part(dialect, one) for one in pictures]
    if not files:
        return _multipart("alternative", *plain, marked)
    match dialect.nesting:
        case Nesting.RELATED_INSIDE:
            return _multipart("alternative", *plain, _multipart("related", marked, *files))
        case Nesting.FILES:
            return _multipart("mixed", _multipart("alternative", *plain, marked), *files)
        case Nesting.ALL_THREE:
            return _multipart("mixed", _multipart("related", _multipart("alternative", *plain, marked), *files))
        case Nesting.RELATED_OUTSIDE:
            return _multipart("related", _multipart("alternative", *plain, marked), *files)


def _split(dialect: Dialect, html: str, pictures: Sequence[Picture]) -> MIMEMultipart:
    """Return HTML that Apple's programs divide where a picture stands, which has no Content-ID then."""
    parts: list[EmailMessage] = []
    for picture in pictures:
        above, _, html = html.partition(dialect.picture_html(picture))
        file = _picture_part(dialect, picture)
        del file["Content-ID"]
        parts += [_part(f"{above}</div></body></html>", "html"), file]
        html = f'<html><head></head><body dir="auto"><div>{html}'
    return _multipart("mixed", *parts, _part(html, "html"))


def _multipart(subtype: str, *parts: EmailMessage | MIMEMultipart) -> MIMEMultipart:
    whole = MIMEMultipart(subtype)
    for part in parts:
        del part["MIME-Version"]
        whole.attach(part)
    return whole


def _part(text: str, subtype: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_content(text, subtype=subtype, cte="quoted-printable")
    return part


def _picture_part(dialect: Dialect, picture: Picture) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    disposition = "attachment" if dialect.typed else "inline"
    part.set_content(picture.png, "image", "png", disposition=disposition, filename=picture.name)
    if not dialect.typed:
        part["Content-ID"] = f"<{dialect.cid_of(picture)}>"
    return part
