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
