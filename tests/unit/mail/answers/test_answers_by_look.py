"""Answers within a quote stay where HTML tells them apart: by the place between its pieces, or by their colour."""

import pytest

from mail.inbound.parse import parse

HEAD = (
    '<p class="MsoNormal"><b>From:</b> Support &lt;support@lifts.example&gt;<br><b>Sent:</b> Monday, November 2, 2026 '
    "5:02 PM<br><b>To:</b> Ida Stone<br><b>Subject:</b> Lift stops</p>"
)
PLAIN_HEAD = (
    "From: Support <support@lifts.example>\nSent: Monday, November 2, 2026 5:02 PM\nTo: Ida Stone\nSubject: Lift stops"
)
OUTLOOK = (
    "<html><head><style>a:link {{color:#0563C1}}</style></head><body><p>Good morning.</p>"
    f'<div style="border:none;border-top:solid #E1E1E1 1.0pt">{HEAD}</div>{{old}}</body></html>'
)
WEB = (
    '<div class="elementToProof">Good morning.</div><div id="appendonsend"></div><hr>'
    f'<div id="divRplyFwdMsg">{HEAD}</div><div>{{old}}</div>'
)
WROTE = "On Mon, Nov 2, 2026 at 5:02 PM Support &lt;support@lifts.example&gt; wrote:"
GMAIL = f'<p>Good morning.</p><br><div class="gmail_quote"><div class="gmail_attr">{WROTE}<br></div>{{old}}</div>'


def blue(text: str, style: str = "color:blue") -> str:
    return f'<p class="MsoNormal"><span style="{style}">{text}</span></p>'


def other(text: str) -> str:
    return f'<p class="MsoNormal">{text}</p>'


def indented(text: str) -> str:
    return f'<blockquote class="gmail_quote"><div>{text}</div></blockquote>'


ASKED = other("Which lift is it?") + blue("The north one.") + other("Which floor?") + blue("The fourth.")
ANSWERED = {
    "two answers in blue": OUTLOOK.format(old=ASKED),
    "red in hexadecimal": OUTLOOK.format(old=ASKED.replace("color:blue", "color:#C00000")),
    "green of a telephone": OUTLOOK.format(old=ASKED.replace("color:blue", "color: rgb(0, 128, 60)")),
    "a marker": OUTLOOK.format(old=ASKED.replace("color:blue", "background:yellow")),
    "font elements": OUTLOOK.format(old=ASKED.replace('span style="color:blue"', 'font color="#0070C0"')),
    "behind the question": OUTLOOK.format(
        old=other('Which lift? <span style="color:red">The north one.</span>')
        + other('Where? <span style="color:red">The fourth.</span>')
    ),
    "requests, not questions": OUTLOOK.format(
        old=other("Name the lift.") + blue("The north one.") + other("Name the floor.") + blue("The fourth.")
    ),
    "typed on the web": WEB.format(
        old='<div class="x_elementToProof">Which lift?</div><div class="elementToProof">The north one.</div>'
        '<div class="x_elementToProof">Which floor?</div><div class="elementToProof">The fourth.</div>'
    ),
    "Gmail, between its pieces": GMAIL.format(
        old=indented("Which lift?")
        + "<div><br></div><div>The north one.</div>"
        + indented("Which floor?")
        + "<div>The fourth.</div>"
        + indented("Thank you.")
    ),
    "Gmail, deeper": GMAIL.format(
        old=f"<div>{indented('Which lift?')}<p>The north one.</p>{indented('Which floor?')}</div><p>The fourth.</p>"
    ),
}
WITHOUT = {
    "no colour": OUTLOOK.format(old=other("Which lift is it?") + other("Which floor?")),
    "black and grey": OUTLOOK.format(
        old=other("Which lift is it?") + blue("Bye", "color:black") + other("Who?") + blue("Team", "color:#7F7F7F")
    ),
    "a coloured signature": OUTLOOK.format(old=other("Which lift is it?") + other("Regards") + blue("Support Team")),
    "a coloured heading": OUTLOOK.format(old=blue("Lifts Ltd") + other("Which lift is it?")),
    "a link": OUTLOOK.format(old=other('Which lift? <a href="https://x.example" style="color:blue">See here.</a>')),
    "a word in a sentence": OUTLOOK.format(old=other('Is it the <span style="color:red">north</span> one?')),
    "an older mail in colour": OUTLOOK.format(old=other("Which lift is it?") + HEAD + ASKED),
    "Gmail": GMAIL.format(old=indented("Which lift?")),
    "Gmail, an older mail within": GMAIL.format(old=indented(f"Which lift?<div>{WROTE}</div>{indented('It stops.')}")),
    "the web": WEB.format(old='<div class="x_elementToProof">Which lift?</div>'),
}


def alone(html: str) -> bytes:
    return (
        "From: ida@stone.example\nTo: support+tq.1@lifts.example\nSubject: Re: Lift\nIn-Reply-To: <1@lifts.example>\n"
        f"Content-Type: text/html; charset=utf-8\n\n{html}"
    ).encode()


def both(plain: str, html: str) -> bytes:
    return (
        "From: ida@stone.example\nTo: support+tq.1@lifts.example\nSubject: Re: Lift\nIn-Reply-To: <1@lifts.example>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="xx"\n\n'
        f"--xx\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
        f"--xx\nContent-Type: text/html; charset=utf-8\n\n{html}\n--xx--\n"
    ).encode()


@pytest.mark.parametrize("html", ANSWERED.values(), ids=ANSWERED)
def test_answers_within_the_quote_stay(html: str) -> None:
    found = parse(alone(html))
    assert "The north one." in found.reply
    assert "The fourth." in found.reply
    assert found.confidence == 0.5


@pytest.mark.parametrize("html", WITHOUT.values(), ids=WITHOUT)
def test_a_quote_without_answers_is_removed(html: str) -> None:
    assert parse(alone(html)).reply == "Good morning."


def test_the_colours_in_html_are_asked_where_plain_text_has_no_marks() -> None:
    plain = f"Good morning.\n\n{PLAIN_HEAD}\n\nWhich lift is it?\n\nThe north one.\n\nWhich floor?\n\nThe fourth."
    assert "The fourth." in parse(both(plain, ANSWERED["two answers in blue"])).reply
    plain = f"Good morning.\n\n{PLAIN_HEAD}\n\nWhich lift is it?\n\nWhich floor?"
    assert parse(both(plain, WITHOUT["no colour"])).reply == "Good morning."


PASTED = {
    "a mail": "From: Erik Alm <erik@alm.example>\nSent: Friday, October 30, 2026 9:00 AM\nTo: Ida Stone\n"
    "Subject: Offer\n\nThe offer ends today.\n\nIs this right?",
    "a mail of Thunderbird": "-------- Original Message --------\nSubject: Offer\n"
    "Date: Fri, 30 Oct 2026 09:00:00 +0100\nFrom: Erik Alm <erik@alm.example>\nTo: ida@stone.example\n\n"
    "The offer ends today.\n\nIs this right?",
    "German": "Von: Erik Alm <erik@alm.example>\nGesendet: Freitag, 30. Oktober 2026 09:00\nAn: Ida Stone\n"
    "Betreff: Angebot\n\nDas Angebot endet heute.\n\nStimmt das?",
    "an attribution": "On 30 Oct 2026, at 09:00, Erik Alm <erik@alm.example> wrote:\n\n"
    "The offer ends today.\n\nIs this right?",
}


def shown(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


@pytest.mark.parametrize("pasted", PASTED.values(), ids=PASTED)
def test_what_the_sender_pasted_above_the_quote_that_html_marks_stays(pasted: str) -> None:
    html = GMAIL.format(old=indented("Which lift?")).replace("Good morning.", shown(f"He wrote to me:\n\n{pasted}"))
    wrote = WROTE.replace("&lt;", "<").replace("&gt;", ">")
    for raw in (alone(html), both(f"He wrote to me:\n\n{pasted}\n\n{wrote}\n\n> Which lift?\n", html)):
        found = parse(raw)
        assert found.reply.split()[-3:] == pasted.split()[-3:]
        assert "Which lift?" not in found.reply


def test_html_that_marks_only_an_older_mail_within_the_quote_changes_no_cut() -> None:
    older = indented("It stops.").join(
        ('<div class="gmail_quote"><div>On Sun, 1 Nov 2026 Ida &lt;ida@stone.example&gt; wrote:</div>', "</div>")
    )
    html = f"<p>Good morning.</p><p>{shown(PLAIN_HEAD)}</p><p>Which lift is it?</p>{older}"
    wrote = "On Sun, 1 Nov 2026 Ida <ida@stone.example> wrote:"
    plain = f"Good morning.\n\n{PLAIN_HEAD}\n\nWhich lift is it?\n\n{wrote}\n\n> It stops."
    for raw in (alone(html), both(plain, html)):
        assert parse(raw).reply == "Good morning."
