"""The benchmark's mailbox: new mails and replies with HTML and files, made from a seed and nothing else."""

import random
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from html import escape

from bench.speed_words import FILES, KINDS, NAMES, SENTENCES, SHOPS, TOPICS

DESK = "support@desk.example"
# The server that delivers here, and says of whom the mails are: without its word all senders are strangers, of whom
# only a hundred an hour get an answer.
MX = "mail.desk.example"
BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
# How a body is written, and how often of ten times.
ENCODINGS = ("quoted-printable",) * 6 + ("base64",) * 2 + ("8bit",) * 2
CUSTOMERS_OF_TEN_SHOPS = 600
STYLE = "font-family:Calibri,Arial,sans-serif;font-size:11pt;margin:0 0 8px 0;color:#1f1f1f"
HEAD = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    "<style>p.MsoNormal{margin:0cm;font-size:11.0pt} td{padding:4px 8px}</style></head><body>"
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a mailbox holds. Sizes are in bytes, from and to; shares are of all mails.

    `html` mails have an HTML body, of which `html_alone` have no plain one beside it.
    Customers write few mails each, so that neither the caps nor the loop breaker stop anybody. `label` tells the mails
    of one mailbox from those of another.
    """

    count: int = 2000
    replies: float = 0.3
    html: float = 0.7
    html_alone: float = 0.1
    files: float = 0.112
    text_size: tuple[int, int] = (300, 3_000)
    html_size: tuple[int, int] = (10_000, 40_000)
    file_size: tuple[int, int] = (50_000, 200_000)
    customers: float = 0.3
    label: str = "bench"


SMALL = Recipe(html=0.3, files=0.0, html_size=(1_000, 4_000))


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the mailbox, and what must come of it.

    `thread` is the number of the mail that opened its thread, which is its own for a new one. `files` are the sizes
    of its attachments. The marker stands in its text.
    """

    number: int
    thread: int
    message_id: str
    marker: str
    customer: str
    files: tuple[int, ...]
    raw: bytes = field(repr=False)

    @property
    def opens(self) -> bool:
        """True for a new mail, false for a reply."""
        return self.number == self.thread


def mailbox(seed: int, recipe: Recipe) -> list[Mail]:
    """Make the mails in the order in which they arrive; the same seed and recipe give the same bytes."""
    maker = _Maker(random.Random(f"{seed} {recipe.label}"), recipe)  # noqa: S311
    return [maker.mail(number) for number in range(recipe.count)]


class _Maker:
    """The dice on the way through one mailbox."""

    def __init__(self, dice: random.Random, recipe: Recipe) -> None:
        self._dice = dice
        self._recipe = recipe
        self._replies = _chosen(dice, recipe.count, recipe.replies)
        self._rich = _chosen(dice, recipe.count, recipe.html)
        self._bare = set(sorted(self._rich)[:: max(round(recipe.html / recipe.html_alone), 1)])
        self._laden = _chosen(dice, recipe.count, recipe.files)
        self._threads: list[Mail] = []
        self._last: dict[int, Mail] = {}

    def mail(self, number: int) -> Mail:
        opener = self._dice.choice(self._threads) if number in self._replies and self._threads else None
        files = (self._dice.randint(*self._recipe.file_size),) if number in self._laden else ()
        marker = f"{self._recipe.label}mark{number}x"
        made = Mail(
            number=number,
            thread=opener.number if opener else number,
            message_id=f"{self._recipe.label}.{number}@mail.example",
            marker=marker,
            customer=opener.customer if opener else self._customer(len(self._threads)),
            files=files,
            raw=b"",
        )
        made = _with_raw(made, self._write(made, self._last[opener.number] if opener else None))
        if not opener:
            self._threads.append(made)
        self._last[made.thread] = made
        return made

    def _customer(self, thread: int) -> str:
        number = thread % max(int(self._recipe.count * self._recipe.customers), 1)
        # No domain opens so many tickets within an hour that they are parked.
        town = number // CUSTOMERS_OF_TEN_SHOPS or ""
        return f"customer{number}@{SHOPS[number % len(SHOPS)]}{town}.example"

    def _write(self, mail: Mail, parent: Mail | None) -> bytes:
        own = [*self._dice.sample(SENTENCES, 3), f"Our reference is {mail.marker}."]
        own += self._more(own)
        quoted = self._dice.sample(SENTENCES, 4) if parent else []
        shown = []
        if mail.number not in self._bare:
            shown.append(_part("text/plain; charset=utf-8", _plain(own, quoted), self._dice.choice(ENCODINGS)))
        if mail.number in self._rich:
            shown.append(_part("text/html; charset=utf-8", self._html(own, quoted), self._dice.choice(ENCODINGS)))
        body = _together("alternative", mail, shown)
        files = [_file(self._dice.choice(FILES), self._dice.randbytes(size)) for size in mail.files]
        return _headers(mail, parent, self._dice) + _together("mixed", mail, [body, *files])

    def _more(self, said: Sequence[str]) -> list[str]:
        wanted = self._dice.randint(*self._recipe.text_size) - sum(map(len, said))
        return self._dice.choices(SENTENCES, k=max(wanted // 70, 0))

    def _html(self, own: Sequence[str], quoted: Sequence[str]) -> bytes:
        wanted = self._dice.randint(*self._recipe.html_size)
        shown = "".join(f'<p class="MsoNormal" style="{STYLE}">{escape(one)}</p>\r\n' for one in own)
        quote = "".join(f"<p>{escape(one)}</p>\r\n" for one in quoted)
        old = f'<div class="gmail_quote"><blockquote>{quote}</blockquote></div>' if quoted else ""
        room = wanted - len(HEAD) - len(shown) - len(old)
        # What programs add of their own: tables of a footer, styles on every word.
        rows = "".join(self._row() for _ in range(max(room // 330, 0)))
        return f"{HEAD}{shown}<table>{rows}</table>{old}</body></html>\r\n".encode()

    def _row(self) -> str:
        words = escape(self._dice.choice(SENTENCES))
        cells = f'<td style="{STYLE}">{words}</td><td style="{STYLE}"><b>{self._dice.randint(1, 9999)}</b></td>'
        return f'<tr style="vertical-align:top;border:none">{cells}</tr>\r\n'


def _with_raw(mail: Mail, raw: bytes) -> Mail:
    return Mail(mail.number, mail.thread, mail.message_id, mail.marker, mail.customer, mail.files, raw)


def _chosen(dice: random.Random, count: int, share: float) -> set[int]:
    return set(dice.sample(range(count), round(count * share)))


def _headers(mail: Mail, parent: Mail | None, dice: random.Random) -> bytes:
    when = format_datetime(BEGAN + timedelta(seconds=37 * mail.number))
    topic = f"{TOPICS[mail.thread % len(TOPICS)]} ({mail.thread})"
    name = NAMES[mail.thread % len(NAMES)]
    lines = [
        f"Return-Path: <{mail.customer}>",
        f"Delivered-To: {DESK}",
        f"Authentication-Results: {MX}; dmarc=pass header.from={mail.customer.partition('@')[2]}",
        f"Received: from mx{dice.randint(1, 9)}.mail.example (mx.mail.example [192.0.2.{dice.randint(1, 250)}])",
        f"\tby {MX} with ESMTPS id {dice.getrandbits(64):x} for <{DESK}>; {when}",
        f"From: {formataddr((name, mail.customer))}",
        f"To: Support <{DESK}>",
        f"Subject: {Header(f'Re: {topic}' if parent else topic, 'utf-8').encode(linesep=chr(13) + chr(10))}",
        f"Date: {when}",
        f"Message-ID: <{mail.message_id}>",
        "MIME-Version: 1.0",
        "X-Mailer: Example Mail 16.0",
    ]
    if parent:
        lines += [f"In-Reply-To: <{parent.message_id}>", f"References: <{parent.message_id}>"]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _plain(own: Sequence[str], quoted: Sequence[str]) -> bytes:
    said = "\r\n".join(["Hello,", "", *own, "", "Kind regards"])
    old = "".join(f"\r\n> {sentence}" for sentence in quoted)
    quote = f"\r\n\r\nOn Mon, 2 Mar 2026 at 08:00, Support <{DESK}> wrote:{old}" if quoted else ""
    return f"{said}{quote}\r\n".encode()


def _together(subtype: str, mail: Mail, parts: Sequence[bytes]) -> bytes:
    if len(parts) == 1:
        return parts[0]
    boundary = f"=_{subtype}_{mail.number:08}"
    inside = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode() + inside + _end(boundary)


def _end(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode()


def _part(kind: str, content: bytes, encoding: str) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return head + b"".join(_encoded(content, encoding))


def _encoded(content: bytes, encoding: str) -> Iterator[bytes]:
    if encoding == "base64":
        yield encodebytes(content).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        yield b2a_qp(content, istext=True)
    else:
        yield content


def _file(name: str, content: bytes) -> bytes:
    kind = KINDS[name.rpartition(".")[2]]
    shown = Header(name, "utf-8").encode() if not name.isascii() else name
    lines = (
        f'Content-Type: {kind}; name="{shown}"',
        f'Content-Disposition: attachment; filename="{shown}"',
        "Content-Transfer-Encoding: base64",
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + encodebytes(content).replace(b"\n", b"\r\n")
