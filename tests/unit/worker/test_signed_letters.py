"""A signature file takes the place of the block that a mail program put below an answer, in both forms alike."""

from email.message import EmailMessage

import pytest

from desk.intake.assessment import more_words
from desk.notices.values.template_values import CommentView
from mail.inbound.parse import parse
from mail.outbound.letter import cleaned
from mail.outbound.signature import Signature
from worker.announce.parts.letter import signed

SIGNATURE = Signature("Carol M., Acme Help")
LINK = '<a href="https://x.example/1">this</a>'
ABOVE = f"<p>Hello Ann,</p><p>it is <b>mended</b>, see {LINK}.</p><p>Kind regards<br>Carol</p>"
LETTER = "Hello Ann,\n\nit is mended, see this.\n\nKind regards\nCarol"
BLOCK = "-- \nCarol Mendes\nOld Help"
# How programs write the block in HTML, below the letter.
PROGRAMS = {
    "Thunderbird": f'{ABOVE}<div class="moz-signature">-- <br>Carol Mendes<br>Old Help</div>',
    "Thunderbird, preformatted": f'{ABOVE}<pre class="moz-signature" cols="72">-- \nCarol Mendes\nOld Help</pre>',
    "Gmail": (
        f'<div dir="ltr">{ABOVE}<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
        'class="gmail_signature"><div dir="ltr">Carol Mendes<div>Old Help</div></div></div></div>'
    ),
    "K-9": f"{ABOVE.removesuffix('</p>')}<br>-- <br>Carol Mendes<br>Old Help</p>",
    "Apple Mail": f"<div>{ABOVE}<div><br>-- <br>Carol Mendes<div>Old Help</div></div></div>",
    "bold": f"{ABOVE}<p><b>-- </b><br><b>Carol Mendes</b><br>Old Help</p>",
    "an entity": f"{ABOVE}<p>--&nbsp;<br>Carol Mendes<br>Old Help</p>",
    "a table": f"{ABOVE}<table><tr><td>-- </td></tr><tr><td>Carol Mendes</td></tr><tr><td>Old Help</td></tr></table>",
    "Outlook": f"{ABOVE}<p class=MsoNormal>--<o:p></o:p></p><p class=MsoNormal>Carol Mendes<br>Old Help</p>",
}


def comment(html: str, text: str) -> CommentView:
    """The words of an answer with both forms, as they are kept and shown."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "carol@desk.example", "support@desk.example", "Re: Printer"
    mail.set_content(f"{text}\n")
    mail.add_alternative(html, subtype="html")
    read = parse(mail.as_bytes())
    more = more_words(read, read.reply, signs=True)
    letter = f"{read.reply}\n\n{more.sign_off}" if more.sign_off else read.reply
    return CommentView("Carol", read.reply, from_staff=True, letter_text=letter, html=more.html)


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS)
def test_the_block_goes_from_both_forms_and_nothing_else(html: str) -> None:
    written = comment(html, f"{LETTER}\n\n{BLOCK}")
    assert "Old Help" in written.html

    sent, is_added = signed(written, SIGNATURE)

    shown = cleaned(sent.html)
    assert (sent.letter_text, is_added) == (LETTER, True)
    assert [word for word in ("Mendes", "Old Help", "--") if word in shown] == []
    assert [
        word for word in (LINK.partition(" ")[0], "<b>mended</b>", "Kind regards<br>Carol") if word not in shown
    ] == []


def test_dashes_that_only_html_has_cut_nothing() -> None:
    written = comment(f"{ABOVE}<p>--</p><p><i>Ask</i> me.</p>", f"{LETTER}\n\nAsk me.")

    sent, _ = signed(written, SIGNATURE)

    assert "<i>Ask</i> me." in sent.html
    assert sent.letter_text.endswith("Ask me.")


def test_where_html_cannot_follow_the_text_is_sent() -> None:
    written = CommentView(
        "Carol",
        "It works.",
        from_staff=True,
        letter_text=f"It works.\n\n{BLOCK}",
        html="<p>It works. <b>-- Carol</b></p>",
    )

    sent, is_added = signed(written, SIGNATURE)

    assert (sent.letter_text, sent.html, is_added) == ("It works.", "", True)
