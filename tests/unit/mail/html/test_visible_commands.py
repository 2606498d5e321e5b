"""A command in HTML counts only where its reader surely sees it: as real programs write it, and by no trick."""

from time import process_time

import pytest

from mail.html.text import read_html
from mail.html.visible_commands import command_lines
from mail.inbound.parse import parse

OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!--
/* Font Definitions */
@font-face {font-family:"Cambria Math"; panose-1:2 4 5 3 5 4 6 3 2 4;}
@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}
p.MsoNormal, li.MsoNormal, div.MsoNormal
 {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif; mso-ligatures:standardcontextual;
  mso-fareast-language:EN-US;}
a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;}
span.EmailStyle17 {mso-style-type:personal-compose; font-family:"Calibri",sans-serif; color:windowtext;}
.MsoChpDefault {mso-style-type:export-only; mso-fareast-language:EN-US;}
@page WordSection1 {size:612.0pt 792.0pt; margin:70.85pt 70.85pt 2.0cm 70.85pt;}
div.WordSection1 {page:WordSection1;}
--></style></head><body lang="EN-GB" link="#0563C1" vlink="#954F72" style="word-wrap:break-word">
<div class="WordSection1">
<p class="MsoNormal">#resolve<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p></div></body></html>"""
PROGRAMS = {
    "Gmail": '<div dir="ltr">#resolve<div><br></div><div class="gmail_default" style="font-family:arial,sans-serif;'
    'font-size:small">Done.</div></div>',
    "Apple Mail": '<html><head></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: '
    'after-white-space;" class="ApplePlainTextBody">#resolve<br><div><br></div></body></html>',
    "iPhone": '<html><body dir="auto"><div dir="ltr"></div><div dir="ltr">#resolve</div></body></html>',
    "Outlook": OUTLOOK,
    "Outlook on the web": '<html><head><style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} '
    '</style></head><body dir="ltr"><div class="elementToProof" style="font-family: Aptos, Calibri, sans-serif; '
    'font-size: 12pt; color: rgb(0, 0, 0);">#resolve</div></body></html>',
    "Thunderbird": '<html><head></head><body text="#000000" bgcolor="#FFFFFF"><p>#resolve</p></body></html>',
    "Roundcube": "<body style='font-size: 10pt; font-family: Verdana,Geneva,sans-serif'><p>#resolve</p></body>",
    "Yahoo": '<html><head></head><body><div class="yahoo-style-wrap" style="font-family:Helvetica Neue, Helvetica, '
    'Arial, sans-serif;font-size:13px;"><div dir="ltr" data-setdir="false">#resolve</div></div></body></html>',
    "Proton": '<div style="font-family: Arial, sans-serif; font-size: 14px; color: rgb(34, 34, 34); background-color: '
    'rgb(255, 255, 255);">#resolve</div>',
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_command_as_real_programs_write_it_is_seen(program: str) -> None:
    found = read_html(PROGRAMS[program])

    assert (command_lines(found.own), found.unseen) == (frozenset({"#resolve"}), frozenset[str]())


STYLES = [
    *("clip-path:circle(0)", "clip:rect(0,0,0,0)", "transform:scale(0)", "scale:0", "zoom:0.01", "rotate:90deg"),
    *("font-size:1px", "font-size:0.4pt", "font-size:10%", "font-size:0.1em", "font-size:calc(1px - 1px)"),
    *("font-size:var(--x)", "font-size:12px;font-size:1px!important", "font-size:1px!important;font-size:12px"),
    *("font:1px Arial", "font-size:999px", "filter:opacity(0)", "filter:blur(9px)", "backdrop-filter:none"),
    *("content-visibility:hidden", "mask:linear-gradient(transparent,transparent)", "mix-blend-mode:screen"),
    *("opacity:.01", "opacity:calc(0)", "opacity:1%", "visibility:var(--x)", "display:var(--x)", "display:contents"),
    *("color:white", "color:#fff", "color:#fefefe", "color:transparent", "color:rgba(0,0,0,0)"),
    *("color:rgb(250,250,250)", "color:light-dark(#fff,#fff)"),
    *("background:black", "background-color:#111", "background:url(x)", "-webkit-text-fill-color:transparent"),
    *("margin-left:-9999px", "margin-top:-90em", "margin-left:200em", "padding-left:900cm", "text-indent:-99em"),
    *("position:absolute", "left:-9999px", "float:left", "height:0", "max-height:1px", "width:1px", "overflow:hidden"),
    *("line-height:0", "line-height:.1", "line-height:1px", "letter-spacing:-1em", "word-spacing:-9px"),
    *("vertical-align:-900px", "text-decoration:line-through 40px", "unicode-bidi:bidi-override", "all:unset"),
    *("mso-hide:all", "animation:x 1s", "columns:0", "text-shadow:0 0 9px", "inset:0", "x:y", "fo\\6et-size:1px"),
    *("font/**/-size:1px", "writing-mode:vertical-rl", "perspective:1px", "translate:-999px"),
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "form",
    [
        '<p>Hi.</p><div style="{0}">#resolve</div>',
        '<p>Hi.</p><div style="{0}"><p><span style="color:black">#resolve</span></p></div>',
        "<p>Hi.</p><p>#<span style='{0}'>resolve</span></p>",
        "<style>.x {{ {0} }}</style><p>Hi.</p><p class=x>#resolve</p>",
        "<style>p.y {{}} @media all {{ p > i, .x u {{ {0} }} }}</style><p>Hi.</p><p class=x><u>#resolve</u></p>",
        "<style>.a {{ color:red; .b {{ margin:0 }} {0}</style><p>Hi.</p><p class=a>#resolve</p>",
    ],
)
def test_a_style_that_is_not_known_to_show_words_makes_no_command(style: str, form: str) -> None:
    found = read_html(form.format(style))

    assert command_lines(found.own) <= found.unseen


TRICKS = [
    "<details><summary>Hi.</summary>#resolve</details>",
    "<dialog>#resolve</dialog>",
    "<div popover>#resolve</div>",
    "<svg><text>#resolve</text></svg>",
    "<noscript>#resolve</noscript>",
    "<select><option>#resolve</option></select>",
    "<textarea>#resolve</textarea>",
    "<object>#resolve</object>",
    "<canvas>#resolve</canvas>",
    "<font color=white>#resolve</font>",
    "<table bgcolor=black><tr><td>#resolve</td></tr></table>",
    "<body text=#ffffff>#resolve</body>",
    "<table width=1><tr><td>#resolve</td></tr></table>",
    "<table height=0><tr><td>#resolve</td></tr></table>",
    "<link rel=stylesheet href=https://x.example/a.css><p>#resolve</p>",
    "<style>@import 'https://x.example/a.css';</style><p>#resolve</p>",
    "<style>@font-face{font-family:x;src:url(x)}</style><p>#resolve</p>",
    "<style>p:not(.y)::first-line{font-size:1px}</style><p>#resolve</p>",
    "<style>:is(p){zoom:0}</style><p>#resolve</p>",
    "<style>*{zoom:0}</style><p>#resolve</p>",
    "<style>[class^=x]{zoom:0}</style><p class=xy>#resolve</p>",
    "<style>\\70{zoom:0}</style><p>#resolve</p>",
    "<p>#resolve</p>" + "<style>a{color:red}</style>" * 600 + "<style>p{zoom:0}</style>",
    "<div>" * 250 + "<p style='zoom:0'>#resolve</p>",
    "<p>#resolve</p><p style='zoom:0'>#resolve</p>",
]


@pytest.mark.parametrize("html", TRICKS)
def test_no_element_or_rule_shows_what_is_no_command(html: str) -> None:
    found = read_html(f"<p>Hi.</p>{html}")

    assert command_lines(found.own) <= found.unseen


SHEETS = {
    "letters": "a" * 99_000 + "{zoom:0}",
    "blocks": "{}" * 49_000,
    "open blocks": "{" * 99_000,
    "closed blocks": "}" * 99_000,
    "nested blocks": "p{" * 20_000 + "}" * 20_000,
    "rules": "p i u{zoom:0}" * 7_000,
    "parts": "div " * 400 + "{zoom:0}",
    "declarations": "p{" + "color:red;" * 9_000 + "}",
    "comments": "/*" * 49_000,
    "pseudo-classes": ":" * 99_000 + "{zoom:0}",
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_hostile_style_sheet_takes_bounded_time(sheet: str) -> None:
    html = f"<style>{SHEETS[sheet]}</style><p>#resolve</p>" + "<div><i><u>x</u></i></div>" * 20_000
    started = process_time()

    read_html(html)

    assert process_time() - started < 4


def alternative(plain: str, html: str) -> bytes:
    parts = f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"
    return f"From: a@x.example\nContent-Type: multipart/alternative; boundary=b\n\n{parts}".encode()


LONG = "<p>#resolve</p><p>Here is much more than the plain text says of it, as it is only a stub.</p>"
FORMS = [
    ("#resolve\n\nDone.", "<p style='zoom:0'>#resolve</p><p>Done.</p>", set()),
    ("Please view this mail in HTML.", LONG, {"#resolve"}),
    ("  ", "<p>#resolve</p>", set()),
    ("  ", "<p style='zoom:0'>#resolve</p>", {"#resolve"}),
]


@pytest.mark.parametrize(("plain", "html", "unseen"), FORMS)
def test_beside_a_plain_form_it_must_hold_the_command_too(plain: str, html: str, unseen: set[str]) -> None:
    mail = parse(alternative(plain, html))

    assert "#resolve" in mail.reply
    assert mail.unseen == unseen


NUMBERED = ["12 #resolve", "SD-12 #resolve", "[SD-12]: #resolve", "#12 #resolve", "- 12) #resolve"]


@pytest.mark.parametrize("line", NUMBERED)
def test_a_command_behind_the_number_of_a_ticket_is_looked_at_like_any_other(line: str) -> None:
    shown, hidden = (read_html(f"<div{style}>{line}</div>") for style in ("", ' style="font-size:0.1px"'))

    assert (shown.unseen, hidden.unseen) == (frozenset[str](), frozenset({line}))


def test_so_is_one_in_a_list_whose_signs_mean_themselves() -> None:
    found = read_html('<div style="font-size:0.1px">* SD-12 #say x</div>')

    assert found.unseen == frozenset({found.own})


@pytest.mark.parametrize("line", ["12 apples #resolve", "Call 12 34 #resolve", "12#resolve", "twelve #resolve"])
def test_a_sentence_with_a_sign_in_it_is_no_command(line: str) -> None:
    assert command_lines(line) == frozenset()
