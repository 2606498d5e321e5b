"""Which form of a text is read where a mail holds several."""

import pytest

from mail.inbound.parse import parse
from mail.inbound.placeholders import is_stub

HTML = ("text/html", "<p>Hello, my printer burns and I do not know what I should do about it.")


def a_mail(*forms: tuple[str, str]) -> bytes:
    """A mail that holds these forms of one text, the plainest first."""
    parts = "".join(f"--x\nContent-Type: {kind}\n\n{text}\n" for kind, text in forms)
    return f"From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n{parts}--x--".encode()


@pytest.mark.parametrize("kind", ["text/enriched", "text/markdown", "text/html"])
def test_plain_text_is_shown_once(kind: str) -> None:
    mail = parse(a_mail(("text/plain", "Hello."), (kind, "<bold>Hello.</bold>")))

    assert mail.text == "Hello."


def test_a_form_like_plain_text_is_read_where_there_is_no_other() -> None:
    mail = parse(a_mail(("text/markdown", "*Hello.*"), HTML))

    assert mail.text == "*Hello.*"


STUBS = [
    "Your mail program does not show HTML.",
    "This is an HTML message. Please use a program that can read it.",
    "View this mail in a browser: https://news.example/1",
    "If you cannot read this, open it online:\nhttps://news.example/1",
    "Ihr E-Mail-Programm kann kein HTML anzeigen.",
    "Diese Nachricht im Browser ansehen: https://news.example/1",
    "Si ce message ne s'affiche pas, ouvrez-le dans votre navigateur.",
    "Abra este mensaje en su NAVEGADOR.",
    "Your mail client is unable to show this message.",
    "Your mail reader does not show it.",
    "Your message software does not show it.",
    "Read the web version: https://news.example/1",
    "https://news.example/1",
    "<https://news.example/1>\n[https://news.example/2]",
]


@pytest.mark.parametrize("stub", STUBS)
def test_a_plain_form_that_only_points_to_the_html_is_no_reply(stub: str) -> None:
    mail = parse(a_mail(("text/plain", stub), HTML))

    assert (mail.reply.startswith("Hello, my printer burns"), mail.removed) == (True, stub)


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "See https://shop.example/order please.",
        "",
        "I cannot view my order in the browser. It said that I had to wait for two weeks, and I did, but nothing came.",
        "word " * 200 + "html",
    ],
)
def test_what_says_something_is_no_stub(text: str) -> None:
    assert not is_stub(text)


@pytest.mark.parametrize("html", ["<img src=x>", "<p>Hello."])
def test_a_stub_is_read_where_the_html_says_no_more(html: str) -> None:
    mail = parse(a_mail(("text/plain", "https://news.example/1"), ("text/html", html)))

    assert mail.reply == "https://news.example/1"


OTHER_FORMS = [
    "text/x-amp-html; charset=utf-8",
    "text/x-amp-html; name=unnamed",
    "text/watch-html",
    "text/vnd.google.email-reaction+json",
    "text/richtext",
    "text/enriched",
    "text/x-unknown-form",
    "application/json",
    "application/ld+json",
    "application/rtf",
]


@pytest.mark.parametrize("kind", OTHER_FORMS)
@pytest.mark.parametrize("shown", [("text/plain", "Hello."), ("text/html", "<p>Hello.</p>")])
def test_a_form_of_the_text_that_nobody_reads_is_no_file(kind: str, shown: tuple[str, str]) -> None:
    mail = parse(a_mail(shown, (kind, "<html>Something.</html>")))

    assert mail.attachments == ()


FILES = [
    "text/calendar",
    "text/vcard",
    "text/csv",
    "text/x-log; name=run.log",
    "text/x-log\nContent-Disposition: attachment",
    "application/pdf",
    "application/json; name=data.json",
    "image/png",
]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_among_the_forms_stays_a_file(kind: str) -> None:
    assert len(parse(a_mail(("text/plain", "Hello."), (kind, "Something."))).attachments) == 1


def test_a_form_that_nobody_reads_stays_where_it_is_the_only_one() -> None:
    assert len(parse(a_mail(("text/plain", " "), ("text/x-amp-html", "<html>Something.</html>"))).attachments) == 1
