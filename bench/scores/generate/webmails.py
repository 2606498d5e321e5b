"""Webmails as a table: how each answers a mail, in plain text and in HTML."""

# What the programs write is meant, in each alphabet.
# ruff: noqa: RUF001

from bench.scores.generate.heads import after_blank, block, line, wrote
from bench.scores.generate.program import ALL, BELOW, BETWEEN, GMAIL, INSIDE, PLAIN_BLOCK, RULED, TOP, Program

WEBMAILS: tuple[Program, ...] = (
    Program("Gmail web", wrote("gmail"), width=76, page=GMAIL, forms=("both", "both", "plain"), places=ALL),
    Program(
        "Outlook web",
        after_blank(block("________________________________")),
        mark="",
        page=RULED,
        keep="renamed",
        forms=("both", "html"),
        places=(TOP, INSIDE),
        answer='<div class="elementToProof" style="color:red">{}</div>',
    ),
    Program(
        "Yahoo",
        after_blank(wrote("yahoo")),
        mark=" ",
        width=76,
        style="marked",
        page='<div class="ydp1yahoo-style-wrap"><div dir="ltr">{own}</div><div><br></div></div><div '
        'id="ydp2yahoo_quoted" class="ydp2yahoo_quoted yahoo_quoted"><div>'
        "<div>{head}</div><div><br></div><div>{old}</div></div></div>",
        languages=("en", "de", "fr", "es", "it", "pt"),
        places=(TOP, INSIDE),
    ),
    Program(
        "AOL",
        line(
            en="-----Original Message-----\nFrom: {n} <{a}>\nTo: maria@okafor-design.example\nSent: Mon, Nov {d},"
            " 2026 {h}:{m} am\nSubject: Re: [SD-1042]\n"
        ),
        mark="",
        width=72,
        languages=("en",),
        page='<div style="font-family:arial">{own}<br><br><br>{head}<br>{old}</div>',
    ),
    Program(
        "GMX",
        block(order=(1, 0, 2, 3), shape='"{}" <{}>'),
        mark="",
        languages=("de", "en", "fr", "es"),
        forms=("html", "both", "plain"),
        places=(TOP, INSIDE),
        page='<div style="font-family: Verdana;font-size: 12.0px;"><div>{own}</div><div>&nbsp;<div name="quote" '
        'style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div>{head}</div>'
        "<div>{old}</div></div></div></div>",
    ),
    Program(
        "Web.de",
        line(de="Am {dd}.11.26 um {hh}:{m} schrieb {n}:", en="On {dd}.11.26 at {hh}:{m}, {n} wrote:"),
        languages=("de",),
        mark="> ",
        width=72,
        style="loose",
        forms=("plain",),
        places=(TOP, BELOW, BETWEEN),
    ),
    Program(
        "T-Online",
        line(
            de="-----Original-Nachricht-----\nBetreff: Re: [SD-1042]\nDatum: 2026-11-{dd}T{hh}:{m}:00+0100\n"
            'Von: "{n}" <{a}>\nAn: "Maria Okafor" <maria@okafor-design.example>\n',
            en="-----Original Message-----",
        ),
        mark="",
        languages=("de",),
        page=PLAIN_BLOCK,
        forms=("both", "plain"),
    ),
    Program(
        "Proton",
        line(en="On Monday, November {d}th, 2026 at {h}:{m} AM, {n} <{a}> wrote:\n"),
        page='<div style="font-family: Arial, sans-serif; font-size: 14px;">{own}</div>{footer}<div '
        'class="protonmail_quote">{head}<br><blockquote class="protonmail_quote" type="cite">{old}</blockquote></div>',
        forms=("html", "both"),
        footer="Sent with Proton Mail secure email.",
        places=(TOP, INSIDE),
    ),
    Program(
        "Zoho",
        line(en="---- On Mon, {dd} Nov 2026 {hh}:{m}:00 +0100 {n} <{a}> wrote ----\n"),
        mark="",
        page='<div style="font-family: Verdana; font-size: 10pt;"><div>{own}</div><br><div '
        'class="zmail_extra" style="border-top: 1px solid #ccc"><div id="Zm-_Id_-Sgn1">{head}</div><blockquote '
        'id="blockquote_zmail" style="margin: 0px;">{old}</blockquote></div></div>',
        places=(TOP, INSIDE),
    ),
    Program(
        "NetEase",
        line(
            en='At 2026-11-{dd} {hh}:{m}:00, "{n}" <{a}> wrote:', zh='在 2026-11-{dd} {hh}:{m}:00，"{n}" <{a}> 写道：'
        ),
        mark=">",
        languages=("zh", "en"),
        forms=("both", "html"),
        places=(TOP, INSIDE),
        page='<div style="line-height:1.7;color:#000000;font-size:14px">{own}<br><br><div id="isReplyContent">{head}'
        '<br><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex">{old}</blockquote></div></div>',
    ),
    Program(
        "QQ",
        after_blank(
            block(
                "------------------ {} ------------------",
                shape='"{}" <{}>',
                when="2026年11月{d}日(星期一) 上午{h}:{m}",
            )
        ),
        mark="",
        languages=("zh",),
        forms=("both", "html"),
        page='<div>{own}</div><div><includetail><div>&nbsp;</div><div style="font-size:12px">{head}</div><div>{old}'
        "</div></includetail></div>",
    ),
    Program(
        "Mail.ru",
        line(
            en="Monday, November {d}, 2026 {h}:{m} AM +03:00 from {n} <{a}>:\n",
            ru="Понедельник, {d} ноября 2026, {h}:{m} +03:00 от {n} <{a}>:\n",
        ),
        mark=">",
        languages=("ru", "en"),
        places=(TOP, BETWEEN),
        forms=("both", "html"),
        page='<div>{own}</div>{footer}<blockquote style="border-left:1px solid #0857A6;padding:0 0 0 10px;">'
        '{head}<br><div id="">{old}</div></blockquote>',
    ),
    Program(
        "Yandex",
        line(en='{dd}.11.2026, {hh}:{m}, "{n}" <{a}>:'),
        languages=("ru", "en", "uk", "tr"),
        forms=("html",),
        page="<div>{own}</div><div>&nbsp;</div><div>{head}</div><blockquote>{old}</blockquote>",
        places=(TOP, INSIDE),
    ),
    Program(
        "Naver",
        line(
            en='-----Original Message-----\nFrom: "{n}"<{a}>\nTo: <maria@okafor-design.example>\nCc: \nSent: '
            "2026-11-{dd} (월) {hh}:{m}:00 (GMT+09:00)\nSubject: Re: [SD-1042]\n"
        ),
        mark="",
        languages=("ko", "en"),
        page=PLAIN_BLOCK,
        forms=("both", "html"),
    ),
    Program(
        "Roundcube",
        line(
            en="On 2026-11-{dd} {hh}:{m}, {n} wrote:",
            de="Am 2026-11-{dd} {hh}:{m}, schrieb {n}:",
            fr="Le 2026-11-{dd} {hh}:{m}, {n} a écrit :",
            pl="Dnia 2026-11-{dd} {hh}:{m} {n} napisał(a):",
            cs="Dne 2026-11-{dd} {hh}:{m}, {n} napsal(a):",
            nl="{n} schreef op 2026-11-{dd} {hh}:{m}:",
        ),
        languages=("en", "de", "fr", "pl", "cs", "nl"),
        width=72,
        forms=("plain", "both"),
        places=ALL,
        page='<p>{own}</p><p id="reply-intro">{head}</p><blockquote type="cite" style="padding: 0 0.4em">{old}'
        "</blockquote>",
    ),
    Program(
        "Horde",
        line(
            en="Quoting {n} <{a}>:\n",
            de="Zitat von {n} <{a}>:\n",
            fr="{n} <{a}> a écrit :\n",
            es="{n} <{a}> escribió:\n",
        ),
        languages=("en", "de", "fr", "es"),
        width=72,
        forms=("plain",),
        places=(TOP, BELOW, BETWEEN),
    ),
    Program(
        "SOGo",
        line(
            en="On Monday, November {dd}, 2026 {hh}:{m} CET, {n} <{a}> wrote: \n ",
            de="Am Montag, {dd}. November 2026 {hh}:{m} CET, schrieb {n} <{a}>: \n ",
            fr="Le Lundi, Novembre {dd}, 2026 {hh}:{m} CET, {n} <{a}> a écrit: \n ",
        ),
        languages=("en", "de", "fr"),
        forms=("both", "plain"),
        places=(TOP, BELOW),
        page='<html>{own}<br><br>{head}<br><blockquote type="cite" cite="x">{old}</blockquote></html>',
    ),
)
