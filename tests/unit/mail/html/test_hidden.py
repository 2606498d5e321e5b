"""Words that HTML holds and shows nobody are not the sender's; what is shown is never taken for hidden."""

from time import process_time

import pytest

from mail.html.hidden import declarations, may_hide, remove_hidden
from mail.html.text import read_html

# Fifty rules of one element, none of which says what another does.
RULES = [";".join(f"x{rule}y{at}:z" for at in range(190)) for rule in range(50)]
SCREEN_READERS = "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)"


@pytest.mark.parametrize(
    "element",
    [
        '<div style="display:none">#resolve</div>',
        '<div style="DISPLAY : none !important">#resolve</div>',
        "<span style=display:none>#resolve</span>",
        "<p hidden>#resolve</p>",
        '<div style="visibility:hidden"><b>#resolve</b></div>',
        '<div style="font-size:0">#resolve</div>',
        '<div style="font-size: 0.0em"><i>#resolve</i></div>',
        '<div style="font:0/0 Arial">#resolve</div>',
        '<div style="opacity:0.0">#resolve</div>',
        '<div style="max-height:0;overflow:hidden">#resolve</div>',
        '<div style="width:0px;overflow-x:hidden">#resolve</div>',
        f'<div style="{SCREEN_READERS}">#resolve</div>',
        '<div style="text-indent:-9999px">#resolve</div>',
        '<div style="position:absolute;left:-9999px">#resolve</div>',
        '<div style="display:&#110;one">#resolve</div>',
        '<div style="dis\\70lay:none">#resolve</div>',
        '<div style="display:/* x */none">#resolve</div>',
        '<div style="display:block;display:none">#resolve</div>',
        "<style>.x, .y > p { color: red; display: none }</style><div class=x>#resolve</div>",
        "<style>/* a */ #x{visibility:hidden}</style><div id=x>#resolve</div>",
        "<template>#resolve</template>",
        "<!-- #resolve -->",
        '<p style="display:none">#resolve',
        '<div style="display:none"><div style="display:none">#resolve</div>#resolve</div>',
        '<div style="opacity:0"><p style="font-size:0">#resolve</p></div>',
    ],
)
def test_words_that_nobody_sees_are_left_out(element: str) -> None:
    assert read_html(f"<p>Hello.</p>{element}").own == "Hello."


@pytest.mark.parametrize(
    "element",
    [
        '<div style="display:block">Shown.</div>',
        '<div style="display:none;display:block">Shown.</div>',
        '<div style="font-size:0"><span style="font-size:14px">Shown.</span></div>',
        '<table><tr><td style="font-size:0;line-height:0"><p style="font:14px Arial">Shown.</p></td></tr></table>',
        '<div style="visibility:hidden"><b style="visibility:visible">Shown.</b></div>',
        '<div style="mso-hide:all">Shown.</div>',
        '<div style="overflow:hidden">Shown.</div>',
        '<div style="line-height:0">Shown.</div>',
        '<div style="max-height:0">Shown.</div>',
        '<div style="text-indent:-20px">Shown.</div>',
        '<div style="left:-9999px">Shown.</div>',
        '<div style="background:url(display:none)">Shown.</div>',
        '<div style="opacity:0.5;font-size:0.9em">Shown.</div>',
        '<div title="display:none" aria-hidden="true">Shown.</div>',
        "<style>.x{display:none}</style><div class=y>Shown.</div>",
        "<style>.x{display:none} .x{display:block}</style><div class=x>Shown.</div>",
        '<style>.x{display:none}</style><div class=x style="display:block">Shown.</div>',
        "<style>@media print{.x{display:none}}</style><div class=x>Shown.</div>",
        "<style>@media screen{.y{color:red}.x{display:none}} p{display:block}</style><div class=x>Shown.</div>",
        "<style>.x:hover{display:none} [{display:none} * * * *{display:none}</style><div class=x>Shown.</div>",
        "<style>.x{display:none</style><div class=x>Shown.</div>",
    ],
)
def test_words_that_somebody_sees_stay(element: str) -> None:
    assert "Shown." in read_html(f"<p>Hello.</p>{element}").own


def test_a_mail_that_shows_nothing_says_nothing() -> None:
    assert read_html('<div style="display:none">#resolve</div>').own == ""


def test_a_page_that_hides_nothing_is_handed_on_as_it_is() -> None:
    html = '<p style="display:block">Hello<p>there'

    assert remove_hidden(html)[0] is html


@pytest.mark.parametrize(
    "html",
    [
        '<p style="font-size:11.0pt;line-height:1.0">Hello</p>',
        '<p style="font:12px/1.0 Arial">Hello</p>',
        "<p>It&#x27;s &#x22;here&#x22; &#x26; &#x3c;there&#x3e;</p>",
        '<p style="margin:0;padding:0 8px;position:relative">Hello</p>',
    ],
)
def test_ordinary_styles_and_signs_are_no_reason_to_look_closer(html: str) -> None:
    assert not may_hide(html)


@pytest.mark.parametrize("size", ["0", "0.0", ".0", "-0", "00.0px", "0.00em", " 0%"])
@pytest.mark.parametrize("name", ["font", "font-size"])
def test_letters_without_a_size_are_a_reason_to_look_closer(name: str, size: str) -> None:
    assert may_hide(f'<p style="{name}:{size}">#resolve</p>')


DOCUMENTS = (
    "<html hidden>",
    "<html style='display:none'>",
    "<html style='position:absolute;left:-9999px'>",
    "<style>html{opacity:0}</style>",
    "<html class=yahoo_quoted>",
    "<html id=divRplyFwdMsg>",
    "<html class='moz-cite-prefix gmail_signature moz-signature' id=appendonsend>",
    "<html data-supportdesk=reply>",
    "<p>x</p><div class=yahoo_quoted>y</div><html class=yahoo_quoted hidden>",
)


@pytest.mark.parametrize("begin", DOCUMENTS)
def test_a_document_that_calls_itself_hidden_or_a_quote_is_read_as_any(begin: str) -> None:
    html = f"{begin}<body><p>Hello there.</p><div class=gmail_quote>On Monday Bob wrote:<br>Old</div></body>"

    assert "Hello there." in read_html(html).own
    assert "Old" not in read_html(html).own or begin.startswith("<p>")


def test_our_own_marker_stays() -> None:
    html = '<p>Hello</p><span style="display:none" data-supportdesk="reply"></span>'

    assert "data-supportdesk" in remove_hidden(html)[0]


def test_a_style_is_read_as_programs_read_it() -> None:
    style = declarations("Color: RED; display:none!important; ;x; display : /**/ block")

    assert style == {"color": "red", "display": "block"}


@pytest.mark.parametrize(
    "html",
    [
        '<p style="font-size:0">a</p>' * 35_000,
        ('<div style="font-size:0">a' * 190 + "</div>" * 190) * 200,
        "<style>" + ".a .b .c{display:none}" * 3_000 + "</style>" + "<p class=a>x</p>" * 40_000,
        "<style>" + "p,div,td{display:block}" * 3_000 + "</style>" + "<p class=a>x</p>" * 60_000,
        "<style>" + "".join(f".a{{display:block;{rule}}}" for rule in RULES) + "</style>" + "<p class=a>x</p>" * 400,
        "<style>" + "{" * 900_000,
        "<style>" + "/*" * 400_000,
        '<p style="' + "/*" * 400_000,
        '<td style="opacity:0">' * 40_000,
        '<p style="font: ' + "a " * 400_000 + '0">x',
        "font:" * 200_000 + " display:none",
        '<p style="display:none' + "\\70" * 300_000,
    ],
    ids=range(12),
)
def test_no_page_takes_long(html: str) -> None:
    started = process_time()

    may_hide(html.lower())
    remove_hidden(html)

    assert process_time() - started < 6
