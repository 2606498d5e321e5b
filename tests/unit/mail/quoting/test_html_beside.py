"""The mark of a quote in HTML is asked where the plain form of the mail shows no sure cut."""

import pytest

from mail.inbound.parse import parse

BODY = "<div>Support</div><div>Monday</div><div>Which lift is it?<br>Is it stuck?</div>"
PLAIN = "The north one.\n\nSupport\nMonday\n\nWhich lift is it?\nIs it stuck?\n"
MARKS = {
    "Yahoo": f'<div>The north one.</div><br><div class="yahoo_quoted">{BODY}</div>',
    "Gmail": f'<div dir="ltr">The north one.</div><br><div class="gmail_quote">{BODY}</div>',
    "NetEase": f'<div>The north one.</div><div class="ntes-mailmaster-quote">{BODY}</div>',
    "Thunderbird": '<p>The north one.</p><div class="moz-cite-prefix">Support<br>Monday</div><blockquote type="cite">'
    "<p>Which lift is it?<br>Is it stuck?</p></blockquote>",
    "Proton": f'<div>The <b>north</b> one.</div><div class="protonmail_quote">{BODY}</div>',
    "Outlook on the web": f'<div>The north one.</div><div id="appendonsend"></div><hr>{BODY}',
}


def mail(plain: str, html: str) -> bytes:
    return (
        "From: ida@stone.example\nTo: support@lifts.example\nSubject: Re: Lift\nMIME-Version: 1.0\n"
        'Content-Type: multipart/alternative; boundary="xx"\n\n'
        f"--xx\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
        f"--xx\nContent-Type: text/html; charset=utf-8\n\n{html}\n--xx--\n"
    ).encode()


@pytest.mark.parametrize("html", MARKS.values(), ids=MARKS)
def test_the_mark_in_html_shows_where_the_quote_begins_in_plain_text(html: str) -> None:
    found = parse(mail(PLAIN, html))
    assert found.reply == "The north one."
    assert found.removed.split() == PLAIN.split()[3:]


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        # The sender goes on below the quote.
        (PLAIN + "\nYes.\n", MARKS["Gmail"] + "<div>Yes.</div>"),
        # The two forms differ: no line is cut by what another text says.
        ("The north one.\n\nIt hums, too.\n", MARKS["Gmail"]),
        ("The north one, it hums.\n\nSupport\nMonday\n", MARKS["Gmail"]),
        # A quote that the HTML does not mark.
        (PLAIN, f"<div>The north one.</div>{BODY}"),
        # Nothing would stay.
        ("Support\nMonday\n\nWhich lift is it?\n", f'<div class="gmail_quote">{BODY}</div>'),
    ],
)
def test_the_plain_text_stays_where_html_is_no_evidence(plain: str, html: str) -> None:
    assert parse(mail(plain, html)).reply == plain.strip()


HEADS = {
    "labels": 'Kwtr: "Support" <{to}>\nXjsy: 2026-11-16 7:12\nYt: ida@stone.example',
    "sentence": "Xyz kuya 2/11 Support <{to}> bubu",
}
OLD = "Hello,\n\nit is mended.\n\nOn 21 November 2026, 16:40 UTC, Ida Stone wrote:\n\nIt stops.\n"


@pytest.mark.parametrize("to", ["support@lifts.example", "support+tq.abc@lifts.example"])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("own", ["It works.", "It works.\n\n-- \nIda Stone"])
def test_the_mark_counts_too_above_an_attribution_within_the_quote(head: str, to: str, own: str) -> None:
    text, page = head.format(to=to), "<br>".join(f"{head.format(to=to)}\n\n{OLD}".replace("<", "&lt;").split("\n"))
    above = own.replace("\n", "<br>")
    html = f'<div>{above}</div><div class="gmail_quote">{page}</div>'
    assert parse(mail(f"{own}\n\n{text}\n\n{OLD}", html)).reply == "It works."


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_the_attribution_counts_where_the_mark_above_it_is_no_evidence(head: str) -> None:
    plain = f"It works.\n\n{head}\n\n{OLD}"
    page = f'<div>It works.</div><div class="gmail_quote">{"<br>".join(f"{head}<br>{OLD}".split(chr(10)))}</div>'
    for to in ("support@lifts.example", "ron@stone.example"):
        text, html = plain.format(to=to), page.replace("<{to}>", f"&lt;{to}&gt;")
        # The mail of a third person is quoted, nothing marks a quote, or other words stand above it.
        marks = [html] if to.startswith("ron") else [html.replace("gmail_quote", "mine"), html.replace("works", "hums")]
        for other in marks:
            assert "it is mended." in parse(mail(text, other)).reply
