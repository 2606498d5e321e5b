"""What mail programs write around the mail that an answer quotes in HTML: all of it is cut, and no own word."""

# The letters of other alphabets are meant.
# ruff: noqa: RUF001

import pytest
from selectolax.lexbor import LexborHTMLParser

from mail.html.quotes import BORDERS, QUOTE_STARTS, WRAPPERS, may_quote
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.quoting.labels import DELIMITER

# The mail that was answered: ours, as our template lays it out, without what programs strip from it.
OURS = (
    '<table class="page"><tr><td align="center"><table class="column">'
    f'<tr><td class="delimiter">{DELIMITER}</td></tr>'
    '<tr><td class="card"><p>Desk</p><p>Our question?</p></td></tr></table></td></tr></table>'
)
MARKED = OURS.replace('<table class="column">', '<span data-supportdesk="reply"></span><table class="column">')
THEIRS = "<p>Our question?</p>"
HEAD = (
    "<b>From:</b> Desk &lt;desk@desk.example&gt;<br><b>Sent:</b> Monday, November 2, 2026 9:12 AM<br>"
    "<b>To:</b> Ann &lt;ann@x.example&gt;<br><b>Subject:</b> [SD-1] It burns<br>"
)
ROWS = "".join(f"<div>{row}</div>" for row in HEAD.split("<br>"))
WROTE = "On Mon, Nov 2, 2026 at 9:12 AM Desk &lt;<a href='mailto:desk@desk.example'>desk@desk.example</a>&gt; wrote:"

PROGRAMS = {
    "Gmail": '<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    f'class="gmail_attr">{WROTE}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{{old}}'
    "</blockquote></div>",
    "Gmail on telephones": '<div dir="auto">{own}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    f'{WROTE}<br></div><blockquote class="gmail_quote">{{old}}</blockquote></div>',
    "Outlook 2019": '<div class="WordSection1"><p class="MsoNormal">{own}<o:p></o:p></p><p class="MsoNormal">&nbsp;</p>'
    '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
    f"{HEAD}</p></div></div>{{old}}</div>",
    "Outlook 365 on Windows": '<div class="elementToProof">{own}</div><div id="appendonsend"></div>'
    '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    f'<font face="Calibri">{HEAD}</font><div>&nbsp;</div></div><div>{{old}}</div>',
    "Outlook on the web": '<div style="font-family:Aptos">{own}</div><div id="x_appendonsend"></div>'
    f'<hr tabindex="-1"><div id="x_divRplyFwdMsg" dir="ltr">{HEAD}</div><div>{{old}}</div>',
    "Outlook on the web, below a bare line": f'<div>{{own}}</div><hr><div id="x_divRplyFwdMsg">{HEAD}</div>{{old}}',
    "Outlook on iOS": '<div dir="ltr">{own}</div><div id="ms-outlook-mobile-signature">Get '
    '<a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container">'
    f'<hr style="width:98%"><div id="divRplyFwdMsg">{HEAD}</div>{{old}}</div>',
    "Outlook for Mac": '<div>{own}</div><div><br></div><span id="OLK_SRC_BODY_SECTION"><div style="border-top:solid '
    f'#B5C4DF 1pt">{HEAD}</div><div>{{old}}</div></span>',
    "Outlook for Mac, new": '<div>{own}</div><div id="mail-editor-reference-message-container"><div><div><div '
    f'style="border-top:1pt solid rgb(181, 196, 223)"><p>{HEAD}</p></div>{{old}}</div></div></div>',
    "Windows Mail": '<div>{own}</div><div style="mso-element:para-border-div;border:none;border-top:solid #E1E1E1 '
    f'1.0pt"><p>{HEAD}</p></div>{{old}}',
    "Apple Mail": '<div>{own}</div><div><br><blockquote type="cite"><div>On 2 Nov 2026, at 09:12, Desk &lt;'
    "desk@desk.example&gt; wrote:</div><br><div>{old}</div></blockquote></div>",
    "Apple Mail on iOS": '<div dir="ltr">{own}</div><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br>'
    '<blockquote type="cite">On 2 Nov 2026, at 09:12, Desk wrote:<br><br></blockquote></div><blockquote type="cite">'
    "<div>{old}</div></blockquote>",
    "Thunderbird": '<p>{own}</p><div class="moz-cite-prefix">Am 02.11.26 um 09:12 schrieb Desk:<br></div>'
    '<blockquote type="cite" cite="mid:1@desk.example">{old}</blockquote>',
    "Yahoo": '<div class="ydp1"><div dir="ltr">{own}</div></div><div id="ydp2yahoo_quoted" class="ydp2yahoo_quoted '
    'yahoo_quoted"><div>On Monday, 2 November 2026 at 09:12:00 CET, Desk &lt;desk@desk.example&gt; wrote:</div>'
    "<div>{old}</div></div>",
    "Yahoo on iOS": '<div>{own}</div><div id="ymail_ios_signature"></div><blockquote class="iosymail">'
    "On Monday, November 2, 2026, 9:12 AM, Desk &lt;desk@desk.example&gt; wrote:<div>{old}</div></blockquote>",
    "Yahoo on Android": '<div>{own}</div><div id="ymail_android_signature">Sent from Yahoo Mail on Android</div>'
    '<blockquote style="margin: 0 0 20px 0;"><div>On Mon, 2 Nov 2026 at 9:12, Desk</div><div>'
    "&lt;desk@desk.example&gt; wrote:</div><div>{old}</div></blockquote>",
    "Proton": '<div style="font-family:Arial">{own}</div><div class="protonmail_quote">On Monday, November 2nd, 2026 '
    'at 9:12 AM, Desk &lt;desk@desk.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">{old}'
    "</blockquote></div>",
    "Tutanota": '<div>{own}</div><div>2 Nov 2026, 09:12 by desk@desk.example:</div><blockquote class="tutanota_quote">'
    "{old}</blockquote>",
    "Zimbra": '<div>{own}</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">'
    f'{HEAD}</div><div data-marker="__QUOTED_TEXT__">{{old}}</div>',
    "QQ": "<div>{own}</div><div><includetail><div>&nbsp;</div><div>------------------&nbsp;Original&nbsp;"
    f"------------------</div><div>{HEAD}</div><div>{{old}}</div></includetail></div>",
    "QQ, new": '<div>{own}</div><div id="original-content"><div style="font-size:12px">------------------ 原始邮件 '
    f"------------------</div><div>{HEAD}</div>{{old}}</div>",
    "NetEase": '<div>{own}</div><div id="isReplyContent"><br>在 2026-11-02 09:12:00，"Desk" &lt;desk@desk.example&gt; '
    "写道：<br><blockquote>{old}</blockquote></div>",
    "NetEase Mail Master": '<div>{own}</div><div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div>'
    f"{HEAD}<div>{{old}}</div></div>",
    "GMX": '<div>{own}</div><div name="quote"><div><b>Gesendet:</b> Montag, 2. November 2026 um 09:12 Uhr<br>'
    "<b>Von:</b> Desk &lt;desk@desk.example&gt;</div><div>{old}</div></div>",
    "Zoho": '<div>{own}</div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">---- On Mon, 02 Nov 2026 09:12:00 '
    "+0100 <b>Desk &lt;desk@desk.example&gt;</b> wrote ----</div><blockquote>{old}</blockquote></div>",
    "Roundcube": '<div>{own}</div><p id="reply-intro">Am 2026-11-02 09:12, schrieb Desk:</p><blockquote type="cite">'
    "{old}</blockquote>",
    "Mail.ru": "<div>{own}</div><blockquote style='border-left:1px solid #08f'>Понедельник, 2 ноября 2026, 9:12 +03:00 "
    'от Desk &lt;desk@desk.example&gt;:<br><div class="js-helper">{old}</div></blockquote>',
    "Yandex": '<div>{own}</div><div>&nbsp;</div><div>02.11.2026, 09:12, "Desk" &lt;desk@desk.example&gt;:</div>'
    "<blockquote>{old}</blockquote>",
    "Samsung": '<div dir="auto">{own}</div><div><br></div><div>-------- Original message --------</div>'
    "<div>From: Desk &lt;desk@desk.example&gt; </div><div>Date: 02/11/2026  09:12  (GMT+01:00) </div>"
    "<div>To: ann@x.example </div><div>Subject: [SD-1] It burns </div><div><br></div>{old}",
    "Spark": '<html><body><div name="messageBodySection">{own}</div><div name="messageReplySection">On 2 Nov 2026 at '
    '9:12 +0100, Desk &lt;desk@desk.example&gt;, wrote:<br><blockquote type="cite">{old}</blockquote></div></body>',
    "eM Client": '<div>{own}</div><div>------ Original Message ------</div><div>From: "Desk" &lt;desk@desk.example&gt;'
    "</div><div>To: ann@x.example</div><div>Sent: 02/11/2026 09:12:00</div><div>Subject: [SD-1]</div>"
    '<blockquote cite="1@desk.example" type="cite" class="cite2">{old}</blockquote>',
    "Notes": "<font size=2>{own}</font><br><br><table width=100%><tr><td><font size=1>From: </font></td><td>Desk "
    "&lt;desk@desk.example&gt;</td></tr><tr><td>To: </td><td>ann@x.example</td></tr><tr><td>Date: </td><td>02-11-2026 "
    "09:12</td></tr><tr><td>Subject: </td><td>[SD-1] It burns</td></tr></table><hr>{old}",
    "Fastmail": '<div>{own}</div><div>On Mon, 2 Nov 2026, at 9:12 AM, Desk wrote:</div><blockquote type="cite" id="qt">'
    "{old}</blockquote>",
    "Naver": f"<div>{{own}}</div><div>-----Original Message-----<br>{HEAD}</div>{{old}}",
    "Gmail, as Outlook renames its classes": '<div>{own}</div><div class="x_gmail_quote"><div class="x_gmail_attr">'
    f'{WROTE}</div><blockquote class="x_gmail_quote">{{old}}</blockquote></div>',
    "Apple Mail, old": '<div>{own}</div><div class="AppleMailQuote">On 2 Nov 2026, at 09:12, Desk wrote:<br>{old}'
    "</div>",
    "Outlook, with its styles spaced": '<div>{own}</div><div style="border:none; border-top: solid #E1E1E1 1.0pt">'
    f"<p>{HEAD}</p></div>{{old}}",
    "Exchange, where its spelling check ends": '<div>{own}</div><div id="stopSpelling"></div>'
    f"<div>{HEAD}</div>{{old}}",
    "a program nobody knows": f"<div>{{own}}</div><div>{WROTE}</div><div>{{old}}</div>",
}
PAGES = [LexborHTMLParser(html.format(own="", old="")) for html in PROGRAMS.values()]
UNKNOWN = "<div>{own}</div><section><p>Zítra 2. 11. psal Desk toto:</p><div>{old}</div></section>"


def read(html: str) -> InboundMail:
    head = "From: ann@x.example\nSubject: Re: [SD-1] It burns\nContent-Type: text/html; charset=utf-8\n\n"
    return parse((head + html).encode())


@pytest.mark.parametrize("old", [THEIRS, OURS, MARKED], ids=["others", "ours", "marked"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_quoted_mail_is_cut_where_a_program_marks_it(program: str, old: str) -> None:
    found = read(PROGRAMS[program].format(own="It works.<br>Thank you.", old=old))

    assert found.reply == "It works.\nThank you."
    assert "Our question?" in found.removed
    assert found.confidence > 0.5


@pytest.mark.parametrize("mark", [*WRAPPERS, *QUOTE_STARTS, *BORDERS])
def test_every_mark_is_in_a_sample_and_alone_makes_us_look_for_quotes(mark: str) -> None:
    found = [element for page in PAGES for element in page.css(mark)]

    # The start tag alone, for what is in the element may hold other marks.
    tags = [element.html.partition(">")[0].lower() for element in found if element.html]
    assert tags
    assert [tag for tag in tags if not may_quote(tag)] == []


def test_our_marker_alone_is_enough_in_a_program_and_a_language_that_nobody_knows() -> None:
    translated = MARKED.replace(DELIMITER, "Napište odpověď nad tento řádek")

    found = read(UNKNOWN.format(own="It works.", old=translated))

    assert found.reply == "It works.\n\nZítra 2. 11. psal Desk toto:"
    assert found.removed.startswith("| Napište")


@pytest.mark.parametrize("old", [OURS, MARKED], ids=["delimiter", "both"])
def test_our_delimiter_is_found_in_a_program_and_a_language_that_nobody_knows(old: str) -> None:
    assert read(UNKNOWN.format(own="It works.", old=old)).reply.startswith("It works.")
    assert "Our question?" not in read(UNKNOWN.format(own="It works.", old=old)).reply


@pytest.mark.parametrize(
    "html",
    [
        f"<blockquote type='cite'>{MARKED}</blockquote><p>It works.</p>",
        f"<p>Hello.</p><div class='gmail_quote'><blockquote>{OURS}</blockquote></div><p>It works.</p>",
        "<p>Hello.</p><blockquote type='cite'>Is it on?</blockquote><p>It works.</p><blockquote type='cite'>Bye",
    ],
    ids=["below", "below the quote", "between"],
)
def test_an_answer_below_or_between_quotes_stays(html: str) -> None:
    assert "It works." in read(html).reply


def test_a_mail_that_is_nothing_but_a_quote_stays_and_says_how_unsure_it_is() -> None:
    found = read(f"<blockquote type='cite'><div>{THEIRS}</div></blockquote>")

    assert ("Our question?" in found.reply, found.confidence <= 0.5) == (True, True)


def test_a_line_drawn_by_the_sender_stays() -> None:
    assert read("<p>One</p><hr><p>Two</p>").reply == "One\n\n---\n\nTwo"
