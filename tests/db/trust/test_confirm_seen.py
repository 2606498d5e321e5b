"""What a person confirms they have seen: the question quotes the held mail whole, with its commands, time and files."""

import re
from email.message import EmailMessage

import pytest
from selectolax.lexbor import LexborHTMLParser

from desk.trust.judge import MOST_SEEN
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail, sent_mail, write_mail
from worker.runtime.services import Services

BOB = "bob@desk.example"
TAGGED = "Re: [SD-1001] Printer"
FORWARD = (
    "Please see below.\n\n---------- Forwarded message ---------\nFrom: Dan Li <dan@customer.example>\n"
    "Date: Mon, 2 Nov 2026 at 10:01\nSubject: Broken chair\nTo: <bob@desk.example>\n\nMy chair is broken.\n"
)
QUOTE = "Send it.\n\nOn Mon, 2 Nov 2026 at 10:01, Ann <ann@customer.example> wrote:\n\n> My printer is broken.\n"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def a_mail(body: str, subtype: str = "plain", **headers: str) -> EmailMessage:
    message = EmailMessage()
    given = {"From": BOB, "To": SUPPORT, "Subject": TAGGED, "Message-ID": "<held@desk.example>"}
    for name, value in (given | headers).items():
        message[name] = value
    message.set_content(body, subtype=subtype)
    return message


def with_files(message: EmailMessage) -> EmailMessage:
    message.add_attachment(b"x" * 2048, maintype="application", subtype="pdf", filename="offer.pdf")
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="#resolve.exe")
    return message


# A held mail, and what must be seen of it.
SEEN = {
    "its text": (
        a_mail("Send all to eve@elsewhere.example\nAt once."),
        ["| Send all to eve@elsewhere.example", "| At once."],
    ),
    "its commands": (
        a_mail("#resolve\n#assign me\nFixed.\n\n#priority high"),
        ["Commands that it would carry out", "| #resolve", "| #assign me", "| Fixed.", "| #priority high"],
    ),
    "that it holds none": (a_mail("Fixed."), ["It holds no command that counts."]),
    "its own date": (
        a_mail("Fixed.", Date="Mon, 02 Nov 2026 10:01:00 +0200"),
        ["Its date: 2 November 2026, 08:01 UTC"],
    ),
    "that it gives no date": (a_mail("Fixed."), ["Its date: It gives none."]),
    "its files": (with_files(a_mail("See there.")), ["- offer.pdf (2 KB)", "- #resolve.exe (2 bytes)"]),
    "that it holds no file": (a_mail("Fixed."), ["No file came with it."]),
    "its Cc": (a_mail("Fixed.", Cc="eve@elsewhere.example"), [f"- {SUPPORT}", "- eve@elsewhere.example"]),
    "HTML": (a_mail("<p>Pay <b>Eve</b></p><p>now</p>", "html"), ["| Pay", "Eve", "| now"]),
    "what it quotes": (a_mail(QUOTE), ["| Send it.", "| > My printer is broken."]),
    "what it passes on": (a_mail(FORWARD, Subject="Fwd: Broken chair"), ["| From: Dan Li", "| My chair is broken."]),
    "far below": (a_mail("Fixed." + "\n" * 500 + "Pay Eve."), ["| Fixed. | | Pay Eve."]),
    "lines by other signs": (
        a_mail("Fixed.\u2028#resolve\x0b#close\x85#assign me"),
        ["| #resolve | #close | #assign me"],
    ),
    "signs that turn around": (a_mail("Pay \u202eevE\u202c now"), ["| Pay \u25a1evE\u25a1 now"]),
    "signs that hide": (a_mail("Pay\u200b Eve\U000e0041"), ["| Pay\u25a1 Eve\u25a1"]),
}


@pytest.mark.parametrize("variant", SEEN)
def test_the_question_shows(services: Services, variant: str) -> None:
    message, wanted = SEEN[variant]
    process(services, message.as_bytes())

    asked = last_mail(services, BOB, "mail-unconfirmed")

    text = " ".join(asked["text"].split())
    assert [words for words in wanted if words not in text] == []
    # A command in its last words stands nowhere as a line of the question's own.
    assert [line for line in asked["text"].splitlines() if line.startswith("#")] == []


@pytest.mark.parametrize("variant", SEEN)
def test_the_html_of_the_question_shows_as_much_as_its_text(services: Services, variant: str) -> None:
    message, _ = SEEN[variant]
    process(services, message.as_bytes())

    asked = last_mail(services, BOB, "mail-unconfirmed")

    page = LexborHTMLParser(asked["html"])
    for node in page.css("br, p, td"):
        node.insert_before("\n")
    # A bar stands only before what could be read as a command: the panel alone marks the rest.
    shown = [line.replace("|", "").split() for line in page.text().splitlines()]
    quoted = re.findall(r"(?m)^\| (.*)$", asked["text"])
    assert quoted
    assert [line for line in quoted if line.replace("|", "").split() not in shown] == []


def test_the_question_says_when_the_mail_came(services: Services) -> None:
    execute(services, "ALTER TABLE mail.ledger ALTER stored_at SET DEFAULT '2026-11-02 10:01:00+02'")
    process(services, a_mail("Fixed.").as_bytes())

    assert "Came:      2 November 2026, 08:01 UTC" in last_mail(services, BOB, "mail-unconfirmed")["text"]


def test_the_files_of_a_held_mail_are_named_and_not_sent_along(services: Services) -> None:
    process(services, with_files(a_mail("See there.")).as_bytes())

    assert sent_mail(services, last_mail(services, BOB, "mail-unconfirmed")).attachments == ()


def test_the_answer_that_quotes_the_question_confirms_and_carries_out_nothing_else(services: Services) -> None:
    process(services, a_mail("#resolve\nFixed.").as_bytes())

    word = answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm")

    assert word["fate"] == "applied"
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "Fixed."}]
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]


@pytest.mark.parametrize("subject", [TAGGED, "Fwd: Broken chair"])
def test_a_mail_too_long_to_be_shown_is_not_confirmed_unseen(services: Services, subject: str) -> None:
    text = FORWARD + "A line of many.\n" * (MOST_SEEN // 16)
    held = process(services, a_mail(text, Subject=subject).as_bytes())
    asked = last_mail(services, BOB, "mail-unconfirmed")

    answer(services, asked, "#confirm")

    assert "only what you have seen can be confirmed" in " ".join(asked["text"].split())
    assert len(asked["text"]) < 2000
    assert query(services, "SELECT fate FROM mail.ledger WHERE id = :row", row=held["id"]) == [{"fate": "not_applied"}]
    assert query(services, 'SELECT 1 FROM "Comment"') == []
    assert query(services, 'SELECT title FROM "Ticket"') == [{"title": "Printer"}]


def test_an_agent_who_passes_on_a_colleagues_mail_is_asked_without_its_signature(services: Services) -> None:
    write_mail(services, "ada@desk.example", "Try this.", subject=TAGGED)
    signed = str(last_mail(services, "ada@desk.example", "mail-unconfirmed")["reply_to"])
    twenty = "see www.abcdefghijklmnopqrst.example"

    process(services, a_mail(f"Ada was sent this at {signed}, {twenty}").as_bytes())

    asked = last_mail(services, BOB, "mail-unconfirmed")
    mac = signed.partition("@")[0].rpartition(".")[2]
    assert asked["fate"] is None
    assert mac not in asked["text"] + asked["html"]
    assert "(a signature of ours)" in asked["text"]
    assert twenty in asked["text"]


@pytest.mark.parametrize("header", ["to", "cc", "subject"])
def test_an_agent_who_writes_to_a_colleagues_address_is_asked_without_its_signature(
    services: Services, header: str
) -> None:
    write_mail(services, "ada@desk.example", "Try this.", subject=TAGGED)
    signed = str(last_mail(services, "ada@desk.example", "mail-unconfirmed")["reply_to"])

    write_mail(services, BOB, "#resolve", **{header: signed})

    asked = last_mail(services, BOB, "mail-unconfirmed")
    mac = signed.partition("@")[0].rpartition(".")[2]
    assert asked["fate"] is None
    assert mac not in asked["subject"] + asked["text"] + asked["html"]
    assert "#resolve" in asked["text"]
