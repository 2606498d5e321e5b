"""Mails that answer what the desk wrote: by customers, by staff, with commands; and bounces."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, formataddr
from html import escape

from sqlalchemy import text

from bench.speed.mails import BEGAN, MX, SENTENCES, STYLE, Kind, Mail
from bench.speed.sections.first_round import count_of
from bench.speed.stage.servers import AGENTS
from models.outbox.delivery import read_outbox_mail
from worker.deliver.compose import ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

# Of a hundred mails so many are of each kind of the second round.
SHARES = {Kind.CUSTOMERS: 6, Kind.STAFFS: 7, Kind.RESOLVES: 2, Kind.ASSIGNS: 2, Kind.BOUNCE: 2}
NOTICES = """
SELECT o.id, o.recipient, o.recipient_name, o.reply_to, o.message_id, o.subject, o.text, o.html, o.ticket_number,
    l.message_id AS opened_by
FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id JOIN mail.ledger l ON l.id = e.cause
WHERE o.template = :template ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of the first round: who has it, where an answer goes, and the mail that opened its ticket."""

    id: int
    recipient: str
    name: str
    reply_to: str
    message_id: str
    subject: str
    text: str
    html: str
    opener: Mail


def second_round(services: Services, mails: Sequence[Mail], count: int, seed: int) -> list[Mail]:
    """What customers, staff and servers answer to the notices of a first round, each about a ticket of its own."""
    dice = random.Random(f"{seed} second round")  # noqa: S311
    to_customers = _notices(services, "ticket-opened", mails)
    to_staff = _notices(services, "ticket-assigned", mails)
    tickets = dice.sample(sorted(to_customers.keys() & to_staff.keys()), sum(_counts(count).values()))
    answers: list[Mail] = []
    for kind, some in _counts(count).items():
        notices = to_customers if kind in {Kind.CUSTOMERS, Kind.BOUNCE} else to_staff
        for _ in range(some):
            number = count + len(answers)
            answers.append(_answer(services, notices[tickets[len(answers)]], kind, number, dice))
    dice.shuffle(answers)
    return answers


def _counts(count: int) -> dict[Kind, int]:
    return {kind: count_of(share, count) for kind, share in SHARES.items()}


def _notices(services: Services, template: str, mails: Sequence[Mail]) -> dict[int, Notice]:
    """The notices of a template, by the number of the mail that opened their ticket."""
    openers = {mail.message_id: mail for mail in mails if mail.opens}
    with services.engine.connect() as connection:
        rows = connection.execute(text(NOTICES), {"template": template}).all()
    return {
        openers[row.opened_by].number: Notice(
            row.id,
            row.recipient,
            row.recipient_name,
            row.reply_to,
            row.message_id,
            row.subject,
            row.text,
            row.html,
            openers[row.opened_by],
        )
        for row in rows
        if row.opened_by in openers
    }


def _answer(services: Services, notice: Notice, kind: Kind, number: int, dice: random.Random) -> Mail:
    made = Mail(
        number=number,
        thread=notice.opener.number,
        message_id=f"second.{number}@mail.example",
        marker=f"secondmark{number}x",
        customer=notice.opener.customer,
        files=(),
        raw=b"",
        kind=kind,
        others=notice.opener.others,
        author="" if kind in {Kind.CUSTOMERS, Kind.BOUNCE} else notice.recipient,
    )
    raw = _bounce(services, notice, made) if kind is Kind.BOUNCE else b"".join(_written(notice, made, dice))
    return replace(made, raw=raw)


def _written(notice: Notice, mail: Mail, dice: random.Random) -> Iterator[bytes]:
    """An answer in text and HTML, with the whole notice quoted below it as a webmail does."""
    own = ["Hello,", *dice.sample(SENTENCES, 4), f"Our reference is {mail.marker}."]
    if mail.kind is Kind.RESOLVES:
        own.append("#resolve")
    elif mail.kind is Kind.ASSIGNS:
        own = [f"#assign {next(agent for agent in dice.sample(AGENTS, 2) if not mail.author.startswith(agent))}"]
    when = format_datetime(BEGAN + timedelta(days=1, seconds=37 * mail.number))
    intro = f"On Mon, 2 Mar 2026 at 08:00, SupportDesk <{notice.reply_to}> wrote:"
    quoted = "\r\n".join(f"> {line}" for line in notice.text.splitlines())
    paragraphs = "".join(f'<p style="{STYLE}">{escape(line)}</p>\r\n' for line in own)
    old = f'<div class="gmail_quote"><div class="gmail_attr">{escape(intro)}</div><blockquote class="gmail_quote">'
    domain = notice.recipient.partition("@")[2]
    head = (
        f"Return-Path: <{notice.recipient}>",
        f"Authentication-Results: {MX}; dmarc=pass header.from={domain}",
        f"From: {formataddr((notice.name, notice.recipient))}",
        f"To: {notice.reply_to}",
        f"Subject: Re: {' '.join(notice.subject.split())}",
        f"Date: {when}",
        f"Message-ID: <{mail.message_id}>",
        f"In-Reply-To: <{notice.message_id}>",
        f"References: <{notice.message_id}>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_second"',
    )
    yield "".join(f"{line}\r\n" for line in head).encode()
    plain = "\r\n".join([*own, "", intro, "", quoted, ""])
    page = f"<html><body>{paragraphs}{old}{notice.html}</blockquote></div></body></html>\r\n"
    for kind, content in (("plain", plain), ("html", page)):
        yield f"\r\n--=_second\r\nContent-Type: text/{kind}; charset=utf-8\r\n".encode()
        # Our own lines end with one character in the database.
        lines = "\r\n".join(content.splitlines())
        yield f"Content-Transfer-Encoding: 8bit\r\n\r\n{lines}\r\n".encode()
    yield b"\r\n--=_second--\r\n"


def _bounce(services: Services, notice: Notice, mail: Mail) -> bytes:
    """The report of a server that a mailbox is full, as Postfix writes it (RFC 3464)."""
    with transaction(services.engine) as session:
        sent = ready_mail(session, services, read_outbox_mail(session, notice.id))
    why = "552 5.2.2 mailbox is full"
    headers = sent.message.partition(b"\r\n\r\n")[0].decode()
    report = (
        "Reporting-MTA: dns; mx.mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {notice.recipient}\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        f"Diagnostic-Code: smtp; {why}\r\n"
    )
    words = f"This is the mail system at host mx.mail.example.\r\n\r\n<{notice.recipient}>: {why}\r\n"
    kinds = (("text/plain", words), ("message/delivery-status", report), ("text/rfc822-headers", headers))
    parts = "".join(f"--mail/mx\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in kinds)
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.mail.example (Mail Delivery System)\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nTo: {sent.sender}\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{mail.message_id}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="mail/mx"\r\n\r\n'
        f"{parts}--mail/mx--\r\n"
    ).encode()
