"""The benchmark's mailbox: new mails and replies with HTML and files, made from a seed and nothing else."""

import hashlib
import random
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from enum import StrEnum
from html import escape
from typing import Final

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

# What customers of a web shop write, in several languages: whole sentences, so that categories are found in them and
# trimming has something to read.
SENTENCES: Final = (
    "The export of last week's orders stops at row 214 and shows an empty page.",
    "I was charged twice for the same invoice and would like one of the charges back.",
    "Could you tell me how long the repair of the printer will take?",
    "Since the update this morning the search no longer finds older documents.",
    "We would like to have a button that copies an order to the next month.",
    "The parcel arrived, but two of the five boxes were open.",
    "My colleague can sign in, I cannot, and we use the same browser.",
    "Please send the contract to our new address, which you find below.",
    "Every evening at about six the connection to the warehouse is lost for some minutes.",
    "I have tried it with another cable, another socket and another machine.",
    "Is there a discount for schools, and what do we have to send you for it?",
    "The attached pictures show what is on the screen after the third step.",
    "Wir haben die Rechnung geprüft und können zwei Positionen nicht zuordnen.",
    "Die Anmeldung schlägt fehl, obwohl das Passwort gestern noch gültig war.",
    "Bitte ändern Sie die Lieferadresse für alle künftigen Bestellungen.",
    "Für die Prüfung brauchen wir eine Bestätigung bis nächsten Mittwoch.",
    "La facture du mois dernier comporte une erreur dans le montant de la taxe.",
    "Depuis hier, le tableau de bord reste vide après la connexion.",
    "Pourriez-vous nous indiquer à qui nous devons envoyer le formulaire ?",
    "La página de pagos tarda más de un minuto en cargar desde el lunes.",
    "Necesitamos añadir a tres personas más a nuestro equipo antes del viernes.",
    "Кнопка «Сохранить» не реагирует, если открыть заказ заново.",
    "Просим подтвердить получение документов, отправленных на прошлой неделе.",
    "The numbers in the yearly overview differ from the sum of the months by 3.80.",
    "Nobody here can remember who set this up, so please explain it as to a beginner.",
    "It worked for two years and nothing was changed on our side.",
    "We need an answer by Thursday, because the auditors come on Friday.",
    "Thank you for the quick help last time; this is something else.",
)
TOPICS: Final = (
    "Export stops in the middle",
    "Charged twice for one invoice",
    "Cannot sign in since the update",
    "Question about the delivery",
    "Rechnung mit falscher Adresse",
    "Demande de renseignements",
    "A wish for the order form",
    "Problema con el pago",
    "Printer in the second floor",
    "Вопрос про заказ",
    "Two boxes were open",
    "Numbers that do not add up",
)
NAMES: Final = (
    "Ann Keller", "Björn Åkesson", "Chloé Martin", "Dmitri Volkov", "Elif Öztürk", "Farid Haddad", "Grace Owusu",
    "Hana Suzuki", "Iñaki Etxeberria", "Jana Dvořák", "Kwame Mensah", "Lars Nygård", "Maria Rossi", "Noor Khan",
)  # fmt: skip
SHOPS: Final = (
    "acme", "bakery", "cycles", "dental", "elements", "florist", "garage", "hostel", "instruments", "joinery",
)  # fmt: skip
FILES: Final = ("screenshot.png", "invoice.pdf", "Übersicht März.xlsx", "photo-1.jpg", "log.txt", "contract signed.pdf")
KINDS: Final = {
    "png": "image/png",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "txt": "text/plain",
}


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


class Kind(StrEnum):
    """What a mail is: a customer's, an answer of staff, one with a command that resolves or assigns, or a bounce."""

    CUSTOMERS = "customers"
    STAFFS = "staffs"
    RESOLVES = "resolves"
    ASSIGNS = "assigns"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the mailbox, and what must come of it.

    `thread` is the number of the mail that opened its thread, which is its own for a new one. `files` are the sizes
    of its attachments, and `digests` the SHA-256 of their bytes in hexadecimal. The marker stands in its text.
    `author` is who wrote it where that is not the customer, and `others` take part in its thread because it was sent
    to them too.
    """

    number: int
    thread: int
    message_id: str
    marker: str
    customer: str
    files: tuple[int, ...]
    raw: bytes = field(repr=False)
    digests: tuple[str, ...] = ()
    kind: Kind = Kind.CUSTOMERS
    author: str = ""
    others: tuple[str, ...] = ()

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
        self._replies = _choose_numbers(dice, recipe.count, recipe.replies)
        self._with_html = _choose_numbers(dice, recipe.count, recipe.html)
        self._html_only = set(sorted(self._with_html)[:: max(round(recipe.html / recipe.html_alone), 1)])
        self._with_files = _choose_numbers(dice, recipe.count, recipe.files)
        self._threads: list[Mail] = []
        self._last: dict[int, Mail] = {}

    def mail(self, number: int) -> Mail:
        opener = self._dice.choice(self._threads) if number in self._replies and self._threads else None
        files = (self._dice.randint(*self._recipe.file_size),) if number in self._with_files else ()
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
        raw, digests = self._write(made, self._last[opener.number] if opener else None)
        made = replace(made, raw=raw, digests=digests)
        if not opener:
            self._threads.append(made)
        self._last[made.thread] = made
        return made

    def _customer(self, thread: int) -> str:
        number = thread % max(int(self._recipe.count * self._recipe.customers), 1)
        # No domain opens so many tickets within an hour that they are parked.
        town = number // CUSTOMERS_OF_TEN_SHOPS or ""
        return f"customer{number}@{SHOPS[number % len(SHOPS)]}{town}.example"

    def _write(self, mail: Mail, parent: Mail | None) -> tuple[bytes, tuple[str, ...]]:
        own = [*self._dice.sample(SENTENCES, 3), f"Our reference is {mail.marker}."]
        room = self._dice.randint(*self._recipe.text_size) - sum(map(len, own))
        own += self._dice.choices(SENTENCES, k=max(room // 70, 0))
        quoted = self._dice.sample(SENTENCES, 4) if parent else []
        shown = []
        if mail.number not in self._html_only:
            shown.append(_part("text/plain; charset=utf-8", _plain_text(own, quoted), self._dice.choice(ENCODINGS)))
        if mail.number in self._with_html:
            shown.append(_part("text/html; charset=utf-8", self._html(own, quoted), self._dice.choice(ENCODINGS)))
        body = _multipart("alternative", mail, shown)
        files = [(self._dice.choice(FILES), self._dice.randbytes(size)) for size in mail.files]
        parts = [body, *(_attachment(name, content) for name, content in files)]
        digests = tuple(hashlib.sha256(content).hexdigest() for _, content in files)
        return _headers(mail, parent, self._dice) + _multipart("mixed", mail, parts), digests

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


def _choose_numbers(dice: random.Random, count: int, share: float) -> set[int]:
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


def _plain_text(own: Sequence[str], quoted: Sequence[str]) -> bytes:
    text = "\r\n".join(["Hello,", "", *own, "", "Kind regards"])
    old = "".join(f"\r\n> {sentence}" for sentence in quoted)
    quote = f"\r\n\r\nOn Mon, 2 Mar 2026 at 08:00, Support <{DESK}> wrote:{old}" if quoted else ""
    return f"{text}{quote}\r\n".encode()


def _multipart(subtype: str, mail: Mail, parts: Sequence[bytes]) -> bytes:
    if len(parts) == 1:
        return parts[0]
    boundary = f"=_{subtype}_{mail.number:08}"
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    inside = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return head.encode() + inside + f"--{boundary}--\r\n".encode()


def _part(kind: str, content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        content = encodebytes(content).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        content = b2a_qp(content, istext=True)
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content


def _attachment(name: str, content: bytes) -> bytes:
    kind = KINDS[name.rpartition(".")[2]]
    shown = Header(name, "utf-8").encode() if not name.isascii() else name
    lines = (
        f'Content-Type: {kind}; name="{shown}"',
        f'Content-Disposition: attachment; filename="{shown}"',
        "Content-Transfer-Encoding: base64",
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + encodebytes(content).replace(b"\n", b"\r\n")
