"""A button of a mail, pressed in each mail program: its command is carried out, and nothing goes to the customer."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from html import escape
from itertools import count
from typing import Any
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, guests, participants, process, query
from tests.support.values.replies import answer, last_mail, mails_to, raw_mail, write_mail
from worker.runtime.services import Services

ADA, ANN, BOB, CAT, DAN = (
    "ada@desk.example",
    "ann@customer.example",
    "bob@desk.example",
    "cat@desk.example",
    "dan@elsewhere.example",
)
OURS = "mx.desk.example"
NUMBERS = count(1)


def proof(sender: str, result: str = "pass") -> bytes:
    """What our own server writes above a mail."""
    line = f"Authentication-Results: {OURS}; dmarc={result} header.from={sender.rpartition('@')[2]}\n"
    return line.encode() if result else b""


ASKED = proof(ANN) + a_raw_mail("My printer is broken.\n\nIt hums.", cc=f"Dan <{DAN}>")
pytestmark = pytest.mark.services(ADMIN, AGENT, ASKED, AUTHSERV_ID=OURS, TRUST__STAFF="both")


@dataclass(frozen=True)
class Opened:
    """The mail that a button opens, as a program reads its URL (RFC 6068)."""

    to: str
    subject: str
    body: str


def press(mail: dict[str, Any], label: str) -> Opened:
    """What the button of a mail with these words opens."""
    (button,) = (link for link in LexborHTMLParser(mail["html"]).css("a.button") if link.text().strip() == label)
    return opened_by(button.attributes["href"] or "")


def opened_by(url: str) -> Opened:
    to, _, query_ = url.removeprefix("mailto:").partition("?")
    fields = dict(one.split("=", 1) for one in query_.split("&"))
    assert set(fields) <= {"subject", "body"}
    return Opened(unquote(to), unquote(fields["subject"]), unquote(fields.get("body", "")))


def labels(mail: dict[str, Any]) -> list[str]:
    """The words of the buttons of a mail, but for those of commands that came later."""
    links = (link.text().strip() for link in LexborHTMLParser(mail["html"]).css("a.button"))
    return [words for words in links if words not in {"Wait until tomorrow", "Bis morgen warten"}]


NBSP = "\N{NO-BREAK SPACE}"
SIGNATURE = "Bob Miller\nSupport | Desk Example GmbH\nTel. +49 30 1234567\nwww.desk.example"
NOTICE = (
    "This message and its attachments are meant for the person they are addressed to. If you are not that person,"
    " please delete them and tell us."
)


def divs(lines: Iterable[str], blank: str = "<div><br></div>") -> str:
    return "".join(f"<div>{escape(line)}</div>" if line else blank for line in lines)


def word(lines: Iterable[str]) -> str:
    """As Outlook for Windows writes its lines."""
    return "".join(f"<p class=MsoNormal>{escape(line) or '&nbsp;'}<o:p></o:p></p>\r\n" for line in lines)


# Of each program, what it makes of a body that a link gave it: the plain text and the HTML, empty where it writes none.
PROGRAMS: dict[str, Callable[[str], tuple[str, str]]] = {
    "Thunderbird, plain and flowed": lambda body: (f"{body}\n\n-- \nBob Miller\nDesk Example", ""),
    "Thunderbird, HTML": lambda body: (
        f"{body}\n\n-- \nBob Miller",
        (f'<html><body><p>'
         f'{escape(body).replace(chr(10), "<br>")}</p><pre class="moz-signature">-- \nBob Miller</pre></body>'),
    ),
    "Gmail in a browser": lambda body: (
        f"{body}\n\n-- \n{SIGNATURE}",
        (f'<div dir="ltr">{divs(body.split(chr(10)))}<br clear="all"><span class="gmail_signature_prefix">'
         f'-- </span><br><div dir="ltr" class="gmail_signature">{divs(SIGNATURE.split(chr(10)))}</div></div>'),
    ),
    "Gmail in a browser, without a mark above the signature": lambda body: (
        f"{body}\n\n{SIGNATURE}",
        (f'<div dir="ltr">{divs(body.split(chr(10)))}<div><br></div><div dir="ltr" class="gmail_signature">'
         f"{divs(SIGNATURE.split(chr(10)))}</div></div>"),
    ),
    "Gmail on Android, which loses line ends": lambda body: (
        " ".join(body.split()),
        f'<div dir="auto">{escape(" ".join(body.split()))}</div>',
    ),
    "Gmail on Android, with its signature": lambda body: (
        f"{' '.join(body.split())}\n\n{SIGNATURE}",
        (f'<div dir="auto">{escape(" ".join(body.split()))}</div><br><div class="gmail_signature">'
         f"{divs(SIGNATURE.split(chr(10)))}</div>"),
    ),
    "Outlook for Windows": lambda body: (
        "\r\n".join(["", *(f"{line}\r\n" for line in (*body.split("\n"), *SIGNATURE.split("\n")))]),
        (f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=EN-GB><div class=WordSection1>'
         f"{word((*body.split(chr(10)), '', *SIGNATURE.split(chr(10))))}</div></body></html>"),
    ),
    "Outlook for Windows, a notice added by its server": lambda body: (
        f"{body}\n\n{SIGNATURE}\n\n________________________________\n{NOTICE}",
        f"<div class=WordSection1>{word((*body.split(chr(10)), *SIGNATURE.split(chr(10))))}</div><hr><p>{NOTICE}</p>",
    ),
    "Outlook on the web": lambda body: (
        f"{body}\n\n{SIGNATURE}",
        (f'<html><body dir="ltr"><div class="elementToProof" style="font-family: Aptos, sans-serif; font-size: 12pt; '
         f'color: rgb(0, 0, 0);">{"<br>".join(map(escape, body.split(chr(10))))}</div><div id="Signature">'
         f"{divs(SIGNATURE.split(chr(10)))}</div></body></html>"),
    ),
    "Outlook on a telephone": lambda body: (
        f"{body}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>",
        (f'<html><body><div dir="ltr">{divs(body.split(chr(10)))}</div><div id="ms-outlook-mobile-signature">'
         '<div><br></div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></body></html>'),
    ),
    "Apple Mail on a Mac": lambda body: (
        f"{body}\n\n{SIGNATURE}",
        (f'<html><body style="word-wrap: break-word; -webkit-nbsp-mode: space;">{divs(body.split(chr(10)))}<br>'
         f'<div class="AppleMailSignature">{divs(SIGNATURE.split(chr(10)))}</div></body></html>'),
    ),
    "Apple Mail on a telephone": lambda body: (f"{body}\n\nSent from my iPhone", ""),
    "Apple Mail on a telephone, in German": lambda body: (
        f"{body}\n\nVon meinem iPhone gesendet",
        (f'<html><body dir="auto">{divs(body.split(chr(10)))}<div dir="ltr"><br></div><div dir="ltr">Von meinem iPhone '
         "gesendet</div></body></html>"),
    ),
    "K-9 and Thunderbird on Android": lambda body: (f"{body}\n-- \nSent from my Android device with K-9 Mail.", ""),
    "Yahoo": lambda body: (
        f"{body}\n\nSent from Yahoo Mail for iPhone",
        (f'<html><body><div class="yahoo-style-wrap" style="font-family:Helvetica;font-size:13px;">'
         f'{divs(body.split(chr(10)), blank="<div><br></div>")}</div><br><a href="https://mail.example/app">Sent from '
         "Yahoo Mail for iPhone</a></body></html>"),
    ),
    "Samsung Email": lambda body: (
        f"{body}\n\n\nSent from my Galaxy",
        f"{divs(body.split(chr(10)))}<div><br></div><div id='composer_signature'><div>Sent from my Galaxy</div></div>",
    ),
    "an empty line above, for the cursor": lambda body: (f"\n \n{body}\n\n{SIGNATURE}", ""),
    "blanks that do not break": lambda body: (
        "\n".join(f"{NBSP}{line.replace(' ', NBSP)}{NBSP}" for line in body.split("\n")),
        divs(body.split("\n")).replace(" me", "&nbsp;me"),
    ),
    "bare line feeds and a company's signature between": lambda body: (f"{body}\n{SIGNATURE}\n\n{NOTICE}\n", ""),
}  # fmt: skip


def send(services: Services, sender: str, opened: Opened, program: str, result: str = "pass", **headers: str) -> Any:
    """Send what a button opened as a program writes it; its ledger row. It answers no mail, by its headers."""
    text, html = PROGRAMS[program](opened.body.replace("\r\n", "\n"))
    mail = EmailMessage()
    fields = {"From": sender, "To": opened.to, "Subject": opened.subject, "Message-ID": f"<b{next(NUMBERS)}@a.example>"}
    for name, value in (fields | headers).items():
        mail[name] = value
    mail.set_content(text, cte="quoted-printable")
    if "flowed" in program:
        mail.set_param("format", "flowed")
    if html:
        mail.add_alternative(html, subtype="html")
    return process(services, proof(sender.strip(">"), result) + mail.as_bytes())


def ticket(services: Services) -> dict[str, Any]:
    """The one ticket, as its status and its owner's address."""
    found = 'SELECT t.status, u.email AS owner FROM "Ticket" t LEFT JOIN "User" u ON u.id = t."assignedToId"'
    return query(services, found)[0]


def comments(services: Services) -> list[str]:
    return [str(row["content"]) for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def test_the_address_the_subject_and_the_body_are_as_every_program_reads_them(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")

    opened = press(mail, "Resolve")

    assert opened.to == mail["reply_to"]
    assert opened.subject == "Re: [SD-1001] Printer"
    assert opened.body == "#resolve\r\n\r\n-- Please write your answer above this line --"
    assert set(re.findall(r'href="mailto:([^"?@]*)@', mail["html"])) == {
        one.partition("@")[0].replace("+", "%2B") for one in (mail["reply_to"], press(mail, "Note").to)
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_button_is_carried_out_and_tells_the_customer_nothing_but_the_status(
    services: Services, program: str
) -> None:
    row = send(services, BOB, press(last_mail(services, BOB, "ticket-assigned"), "Resolve"), program)

    assert row["fate"] == "applied", row["reason"]
    assert ticket(services)["status"] == "resolved"
    assert comments(services) == []
    assert [mail["template"] for mail in mails_to(services, ANN)] == ["ticket-opened", "status-resolved"]
    assert "Bob Miller" not in mails_to(services, ANN)[-1]["text"]
    assert "resolved" in last_mail(services, BOB, "command-answer")["text"]


# What programs write of a body of which they take the first line alone, or where somebody types just a command.
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_command_alone_is_no_answer_either_whatever_a_program_adds(services: Services, program: str) -> None:
    opened = replace(press(last_mail(services, BOB, "ticket-assigned"), "Resolve"), body="#resolve")

    row = send(services, f"Bob Miller <{BOB}>", opened, program)

    assert row["fate"] == "applied", row["reason"]
    assert ticket(services)["status"] == "resolved"
    assert comments(services) == []


def words(sender: str, result: str = "pass") -> dict[str, str]:
    """The header of what our own server writes above a mail, for mails that are not written by a program above."""
    return {"authentication_results": f"{OURS}; dmarc={result} header.from={sender.rpartition('@')[2]}"}


def notes(services: Services) -> list[str]:
    return [str(row["text"]) for row in query(services, "SELECT text FROM mail.note ORDER BY id")]


PLAIN, MARKED_UP = "Apple Mail on a telephone", "Outlook on the web"


def test_a_button_works_each_time_that_it_is_pressed(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")
    send(services, BOB, press(mail, "Resolve"), PLAIN)
    send(services, ANN, press(last_mail(services, ANN, "status-resolved"), "Still open"), MARKED_UP)
    assert ticket(services)["status"] == "open"

    row = send(services, BOB, press(mail, "Resolve"), PLAIN)

    assert row["fate"] == "applied", row["reason"]
    assert ticket(services)["status"] == "resolved"


def test_who_does_not_have_a_ticket_takes_it(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#assign none", **words(BOB))
    answer(services, last_mail(services, ANN), "Is anybody there?", **words(ANN))
    mail = last_mail(services, ADA, "comment-to-agent")

    row = send(services, ADA, press(mail, "Take it"), "Gmail on Android, which loses line ends")

    assert labels(mail) == ["Take it", "Resolve", "Note"]
    assert row["fate"] == "applied", row["reason"]
    assert ticket(services)["owner"] == ADA
    assert comments(services) == ["Is anybody there?"]


def test_a_note_goes_to_the_note_address(services: Services) -> None:
    opened = press(last_mail(services, BOB, "ticket-assigned"), "Note")
    written = replace(opened, body="She has called twice.")

    row = send(services, BOB, written, PLAIN)

    assert opened.body == ""
    assert row["fate"] == "applied", row["reason"]
    assert notes(services) == ["She has called twice."]
    assert comments(services) == []


def test_what_is_written_above_the_line_of_a_button_goes_to_the_customer(services: Services) -> None:
    opened = press(last_mail(services, BOB, "ticket-assigned"), "Resolve")
    written = replace(opened, body=opened.body.replace("#resolve", "#resolve\r\n\r\nThe fuse was blown."))

    send(services, BOB, written, "Outlook for Windows")

    assert comments(services) == ["The fuse was blown."]
    assert ticket(services)["status"] == "resolved"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_customer_closes_a_request_and_says_no_word(services: Services, program: str) -> None:
    row = send(services, ANN, press(last_mail(services, ANN, "ticket-opened"), "Close my request"), program, "")

    assert row["fate"] == "applied", row["reason"]
    assert ticket(services)["status"] == "closed"
    assert comments(services) == []


def test_what_a_mail_offers_follows_the_ticket_and_the_reader(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")
    answer(services, mail, "It is mended.\n\n#resolve", **words(BOB))
    send(services, ANN, press(last_mail(services, ANN), "Still open"), PLAIN)

    assert labels(mail) == ["Resolve", "Note"]
    assert labels(last_mail(services, ANN, "comment-to-customer")) == ["Still open"]
    assert labels(last_mail(services, DAN, "comment-to-customer")) == ["No more mails about this"]
    assert labels(last_mail(services, ANN, "ticket-reopened")) == ["Close my request"]


@pytest.mark.services(AGENT, ASKED, AUTHSERV_ID=OURS, PLUS_ADDRESSING="false")
def test_without_a_signed_address_there_is_no_button(services: Services) -> None:
    assert labels(last_mail(services, BOB, "ticket-assigned")) == []
    assert labels(last_mail(services, ANN, "ticket-opened")) == []


STRANGERS = [
    (DAN, "pass", "note"),
    ("who@far.example", "pass", "note"),
    (ANN, "pass", "note"),
    (CAT, "pass", "held"),
    (BOB, "", "held"),
    (BOB, "fail", "held"),
]


@pytest.mark.services(AGENT, ASKED, (CAT, AGENT[1]), AUTHSERV_ID=OURS, TRUST__STAFF="both")
@pytest.mark.parametrize(("sender", "result", "becomes"), STRANGERS)
def test_who_got_a_mail_by_a_forward_can_press_its_buttons_for_nothing(
    services: Services, sender: str, result: str, becomes: str
) -> None:
    row = send(services, sender, press(last_mail(services, BOB, "ticket-assigned"), "Resolve"), PLAIN, result)

    assert ticket(services)["status"] == "open"
    assert comments(services) == []
    assert (row["fate"] == "applied") is (becomes == "note")
    assert len(notes(services)) == (1 if becomes == "note" else 0)


def to_guest(services: Services) -> dict[str, Any]:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is mended.", **words(BOB))
    return last_mail(services, DAN, "comment-to-customer")


def unsubscribing(services: Services, mail: dict[str, Any]) -> Opened | None:
    """What the header List-Unsubscribe of a mail opens (RFC 2369)."""
    header = message_from_bytes(raw_mail(services, mail))["List-Unsubscribe"]
    return opened_by(re.sub(r"\s", "", header).strip("<>")) if header else None


# What programs write by that header, where they take no body from it or none of it at all.
UNSUBSCRIBED = [
    ("#stop", "#stop"),
    ("#stop", ""),
    ("#stop", "This message was generated automatically by a mail program."),
    ("unsubscribe", "#stop"),
]


@pytest.mark.parametrize(("subject", "body"), UNSUBSCRIBED)
def test_a_guest_leaves_by_the_button_of_the_mail_program(services: Services, subject: str, body: str) -> None:
    opened = unsubscribing(services, to_guest(services))
    assert opened == Opened(last_mail(services, DAN)["reply_to"], "#stop", "#stop")

    row = write_mail(services, DAN, body, to=opened.to, subject=subject, **words(DAN))

    assert row["fate"] == "applied", row["reason"]
    assert DAN not in participants(services) | guests(services)
    assert comments(services) == ["It is mended."]


@pytest.mark.parametrize(("sender", "result"), [(DAN, "fail"), (ANN, "pass"), ("who@far.example", "pass")])
def test_nobody_else_takes_a_guest_out_by_the_subject(services: Services, sender: str, result: str) -> None:
    mail = to_guest(services)

    write_mail(services, sender, "", to=mail["reply_to"], subject="#stop", **words(sender, result))

    assert {ANN, DAN} <= participants(services)


def test_a_guest_leaves_by_the_button_of_the_mail(services: Services) -> None:
    send(services, DAN, press(to_guest(services), "No more mails about this"), MARKED_UP, "")

    assert DAN not in participants(services) | guests(services)
    assert comments(services) == ["It is mended."]


def test_only_a_guest_is_told_how_to_leave(services: Services) -> None:
    to_guest(services)

    kinds = [(mail["recipient"], mail["template"]) for mail in query(services, "SELECT * FROM mail.outbox ORDER BY id")
             if unsubscribing(services, mail)]  # fmt: skip

    assert kinds == [(DAN, "comment-to-customer")]


def quoted_plainly(mail: dict[str, Any]) -> str:
    """Our HTML as a program quotes it that writes plain text without any mark."""
    page = LexborHTMLParser(mail["html"])
    for node in page.css("style, title, .preview"):
        node.decompose()
    for link in page.css("a.button"):
        link.insert_after(f" <{link.attributes['href']}> ")
    for node in page.css("p, div, td, br"):
        node.insert_before("\n")
    return page.body.text() if page.body else ""


WROTE = "On Mon, 2 Nov 2026 at 10:01, SupportDesk wrote:"
LABELS = [
    "-----Original Message-----",
    "From: SupportDesk <support@desk.example>",
    "Sent: Monday, 2 November 2026 10:01",
    "To: Ann <ann@customer.example>",
    "Subject: Re: [SD-1001] Printer",
]
# How a program begins a quote, and its mark of each line.
HEADS = {"plain": ([WROTE], ""), "marked": ([WROTE], "> "), "labels": (LABELS, "")}


@pytest.mark.parametrize("head", HEADS)
def test_the_words_of_buttons_are_cut_with_the_quote(services: Services, head: str) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "Is it plugged in?", **words(BOB))
    mail = last_mail(services, ANN, "comment-to-customer")
    above, mark = HEADS[head]
    quote = [f"{mark}{line}" for line in quoted_plainly(mail).split("\n")]
    body = "\n".join(["Yes, it is.", "", *above, "", *quote])

    write_mail(services, ANN, body, to=mail["reply_to"], **words(ANN))

    assert labels(mail) == ["Close my request"]
    assert comments(services)[-1].removeprefix("Subject: Printer\n\n") == "Yes, it is."
    assert "Close my" not in last_mail(services, BOB, "comment-to-agent")["text"]


@pytest.mark.services(ADMIN, AGENT, ASKED, AUTHSERV_ID=OURS, DESK__LANGUAGE="de")
def test_in_german_they_are_german(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")

    send(services, BOB, press(mail, "Gelöst"), "Apple Mail on a telephone, in German")

    assert labels(mail) == ["Gelöst", "Notiz"]
    assert ticket(services)["status"] == "resolved"
