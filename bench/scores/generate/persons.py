"""Mails of persons that hold the words of bounces and automatic answers, and nothing that only a program sets."""

import random
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP

from bench.scores.generate.languages import Language, languages

SEED = 20261109
COUNT = 5_000

SUBJECTS = (
    "{word}",
    "{word}: {topic}",
    "Re: {word}: {topic}",
    "AW: {word}",
    "{topic} ({word})",
    "[list] {word}: {topic}",
    "{word} \N{EN DASH} {topic}",
    "Delivery Status Notification (Failure)",
    "Mail delivery failed: returning message to sender",
    "failure notice",
    "Undelivered Mail Returned to Sender",
    "Returned mail: see transcript for details",
    "Delivery problem",
    "Warning: could not send message for past 4 hours",
    "Auto: {topic}",
    "Test mail",
    "{topic}",
)
TOPICS = ("invoice 2026-1187", "[SD-1042] The export stops", "order 12", "the new printer", "lift 3")
NAMES = (
    "Maria Okafor",
    "System Administrator",
    "Mail Delivery Service GmbH",
    "Mail Delivery Systems Ltd",
    "Postmaster",
    "Out Of Office Coffee Ltd",
    "Daemon Mailer Bags",
    "Administrator",
    "Bounce Castle Hire",
    "Automatic Doors Ltd",
    "Exchange Office",
    "Vacation Rentals",
    "No Reply Records",
)
LOCALS = (
    "maria",
    "postmaster",
    "admin",
    "administrator",
    "root",
    "mailer",
    "bounce",
    "bounces",
    "daemon",
    "vacation",
    "autoreply",
    "noreply",
    "system",
    "mail",
    "delivery",
)
DOMAINS = ("okafor-design.example", "bounce-castle.example", "vacation-homes.example", "mail-delivery.example")
TEXTS = (
    "550 5.1.1 <anna@okafor-design.example>: Recipient address rejected: User unknown",
    (
        "This is the mail system at host mx.okafor-design.example.\n\nI'm sorry to have to inform "
        "you that your message "
        "could not\nbe delivered to one or more recipients."
    ),
    "Your message wasn't delivered to anna@okafor-design.example because the address couldn't be found.",
    "Delivery to the following recipient failed permanently:\n\n     anna@okafor-design.example",
    (
        "The following message to <anna@okafor-design.example> was undeliverable.\nThe reason for the problem:\n"
        "5.1.0 - Unknown address error 550-'5.1.1 user unknown'"
    ),
    "I am out of the office until Monday and will answer then.",
    "This is an automatic reply. Please do not answer this mail.",
    "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Auto-Response-Suppress: All",
    "Hi. This is the qmail-send program at okafor-design.example.\nI'm afraid I wasn't able to deliver your message.",
    "Final-Recipient: rfc822; anna@okafor-design.example\nAction: failed\nStatus: 5.1.1",
    "The mailbox is full. 452 4.2.2 Over quota",
)
QUESTIONS = (
    "What does this mean?",
    "My customers get this when they write to me.",
    "We wanted to add this to our form, is that possible?",
    "Since yesterday I find this in my log:",
    "Your desk sent me the text below. Why?",
)
# What programs of persons set, of each group one.
PROGRAMS: tuple[Mapping[str, str], ...] = (
    {"User-Agent": "Mozilla Thunderbird", "Content-Language": "en-GB"},
    {"X-Mailer": "Apple Mail (2.3774.600.62)"},
    {"X-Mailer": "Microsoft Outlook 16.0", "Thread-Index": "AdsX", "X-MS-Has-Attach": "", "Importance": "normal"},
    {"X-MS-Exchange-Organization-AuthAs": "Internal", "Accept-Language": "en-US", "X-Auto-Response-Suppress": "DR"},
    {"X-Mailer": "iPhone Mail (22B83)"},
    {"User-Agent": "Roundcube Webmail/1.6.9", "X-Sender": "me"},
    {"X-Priority": "3", "X-Mailer": "WebService/1.1 YMailNorrin"},
    {"Auto-Submitted": "no"},
    {"X-MS-Exchange-Inbox-Rules-Loop": "maria@okafor-design.example"},
    {"X-Spam-Status": "No", "X-Sieve": "CMU Sieve 3.0"},
    {},
)


def persons_mails(count: int = COUNT, seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Yield what each mail holds, and its bytes; the same count and seed give the same ones."""
    codes = tuple(languages())
    for number in range(count):
        rng = random.Random(f"{seed}:{number}")  # noqa: S311  nothing secret is drawn
        yield _mail(rng, languages()[codes[number % len(codes)]], number)


def _mail(rng: random.Random, language: Language, number: int) -> tuple[str, bytes]:
    word = language.patterns[rng.choice(("automatic", "undelivered", "absence", "away"))]
    subject = rng.choice(SUBJECTS).format(word=word, topic=rng.choice(TOPICS))
    address = f"{rng.choice(LOCALS)}@{rng.choice(DOMAINS)}"
    name = rng.choice((*NAMES, language.patterns["absence"], language.patterns["undelivered"]))
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = f"<{address}>"
    mail["From"] = f'"{name}" <{address}>'
    mail["To"] = "Northwind Support <support@northwind.example>"
    mail["Subject"] = subject
    mail["Date"] = "Mon, 30 Nov 2026 10:15:00 +0100"
    mail["Message-ID"] = f"<person-{number}@{address.partition('@')[2]}>"
    for header, value in rng.choice(PROGRAMS).items():
        mail[header] = value
    if rng.random() < 0.5:
        mail["In-Reply-To"] = "<ours-1042@northwind.example>"
        mail["References"] = "<ours-1042@northwind.example>"
    text, kind = _text(rng, language, mail)
    mail.set_content(text, cte="quoted-printable")
    if kind == "file":
        mail.add_attachment(f"{rng.choice(TEXTS)}\n", filename="error.txt")
    elif kind == "mail":
        mail.add_attachment(_returned())
    if mail.is_multipart():
        mail.set_boundary("=_person")
    return f"{number:04} {language.code} {name} <{address}> | {subject} | {kind}", mail.as_bytes()


def _text(rng: random.Random, language: Language, mail: EmailMessage) -> tuple[str, str]:
    """Return the text, and what holds the words: the text itself, its quote, headers in it, a file or a mail."""
    kind = rng.choice(("words", "words", "quote", "headers", "file", "mail", "plain"))
    own = f"{language.pick(rng, 'greeting')}\n\n{language.pick(rng, 'says')}\n{rng.choice(QUESTIONS)}\n"
    found = rng.choice((*TEXTS, f"{language.patterns['away']}.", f"{language.patterns['undelivered']}: x@y.example"))
    if kind == "quote":
        return own + "\n" + "\n".join(f"> {line}" for line in found.split("\n")) + "\n", kind
    if kind == "headers":
        head = f"From: MAILER-DAEMON@mx.example\nTo: {mail['From'].addresses[0].addr_spec}\n"
        return f"{own}\n{head}Subject: Undelivered Mail Returned to Sender\n\n{found}\n", kind
    return (own if kind in {"file", "mail", "plain"} else f"{own}\n{found}\n"), kind


def _returned() -> EmailMessage:
    """Return a bounce as a person passes it on, as an attached mail."""
    bounce = EmailMessage()
    bounce["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    bounce["Subject"] = "Undelivered Mail Returned to Sender"
    bounce["Auto-Submitted"] = "auto-replied"
    bounce.set_content(TEXTS[1])
    return bounce
