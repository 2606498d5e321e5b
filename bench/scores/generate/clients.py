"""Mail programs on computers and telephones as a table: how each answers a mail."""

# What the programs write is meant, in each alphabet.

from bench.scores.generate.heads import after_blank, block, line, wrote
from bench.scores.generate.program import (
    ALL,
    BELOW,
    BETWEEN,
    CITE,
    GMAIL,
    INSIDE,
    PLAIN_BLOCK,
    RULED,
    TOP,
    WORD,
    Program,
)

CLIENTS: tuple[Program, ...] = (
    Program("Gmail Android", after_blank(wrote("gmail")), width=76, page=GMAIL.replace('"ltr">{own', '"auto">{own')),
    Program("Gmail iOS", after_blank(wrote("gmail")), width=76, page=GMAIL.replace("<br>{footer}", "<div><br></div>")),
    Program("Apple Mail", after_blank(wrote("apple")), page=CITE, forms=("both", "plain"), places=ALL),
    Program(
        "Apple Mail iOS",
        lambda above: [f"> {one}" for one in wrote("ios")(above)] + ["> "],
        page='<div dir="ltr">{own}</div>{footer}<div dir="ltr"><br><blockquote type="cite">{head}<br><br></blockquote>'
        '</div><blockquote type="cite"><div dir="ltr">\ufeff{old}</div></blockquote>',
        forms=("both", "plain"),
        footer="iphone",
    ),
    Program(
        "Outlook desktop",
        after_blank(block()),
        mark="",
        page=WORD,
        keep="office",
        forms=("both", "html"),
        places=(TOP, INSIDE),
        answer='<p class="MsoNormal"><span style="color:#0070C0">{}<o:p></o:p></span></p>',
    ),
    Program(
        "Outlook mobile",
        after_blank(block("________________________________")),
        mark="",
        page=RULED.replace('<div id="appendonsend"></div>', '<div id="mail-editor-reference-message-container">')
        + "</div>",
        keep="renamed",
        forms=("both", "html"),
        footer="outlook",
    ),
    Program(
        "Outlook Mac",
        after_blank(block()),
        mark="",
        keep="office",
        forms=("both",),
        places=(TOP, INSIDE),
        page='<div>{own}</div><div><br></div><div id="mail-editor-reference-message-container"><div><div><div '
        'style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{head}</p>'
        "</div>{old}</div></div></div>",
    ),
    Program(
        "Thunderbird",
        wrote("thunderbird"),
        width=72,
        style="flowed",
        places=ALL,
        forms=("plain", "both", "html"),
        page='<p>{own}</p>{footer}<div class="moz-cite-prefix">{head}<br></div><blockquote type="cite" '
        'cite="mid:1@northwind.example">{old}</blockquote>',
    ),
    Program("K-9", wrote("k9"), mark=">", width=72, forms=("plain", "both"), page=GMAIL, places=(TOP, BELOW)),
    Program(
        "Samsung",
        after_blank(block("-------- {} --------", when="{dd}/11/2026  {hh}:{m}  (GMT+01:00) ", order=(0, 1, 2, 3))),
        mark="",
        page=PLAIN_BLOCK,
        footer="galaxy",
    ),
    Program(
        "Yahoo Android",
        line(en="  On Mon, Nov {d}, 2026 at {h}:{m} AM, {n}<{a}> wrote:  "),
        mark=" ",
        glued=True,
        page='<div>{own}</div><div id="ymail_android_signature">{footer}</div><blockquote style="margin: 0 0 20px 0;">'
        "<div>{head}</div><div>{old}</div></blockquote>",
        footer="Sent from Yahoo Mail on Android",
        languages=("en", "fr", "es"),
    ),
    Program(
        "Spark",
        line(
            en="On {d} Nov 2026 at {hh}:{m} +0100, {n} <{a}>, wrote:",
            de="Am {d}. Nov. 2026, {hh}:{m} +0100 schrieb {n} <{a}>:",
        ),
        languages=("en", "de"),
        page='<div name="messageBodySection">{own}</div>{footer}<div name="messageReplySection">{head}<br><blockquote '
        'type="cite" style="border-left-color: rgb(26, 188, 156)">{old}</blockquote></div>',
    ),
    Program(
        "Notes",
        after_blank(block(order=(0, 2, 1, 3), shape='"{}" <{}>', when="{dd}.11.2026 {hh}:{m}")),
        mark="",
        forms=("both", "html"),
        places=(TOP, INSIDE),
        page='<font size=2 face="sans-serif">{own}</font><br><br><br><font size=1 color=#5f5f5f>{head}'
        "</font><br><hr noshade><br><br>{old}",
    ),
    Program(
        "eM Client",
        after_blank(block("------ {} ------", shape='"{}" <{}>', when="{dd}/11/2026 {hh}:{m}:00", order=(0, 2, 1, 3))),
        mark=">",
        width=72,
        forms=("both",),
        places=(TOP, INSIDE),
        page='<div>{own}</div><div><br></div><div>{head}</div><div><br></div><div id="x1"><blockquote cite="1@n.x" '
        'type="cite" class="cite2">{old}</blockquote></div>',
    ),
    Program(
        "Evolution",
        line(
            en="On Mon, 2026-11-{dd} at {hh}:{m} +0100, {n} wrote:",
            de="Am Montag, dem {dd}.11.2026 um {hh}:{m} +0100 schrieb {n}:",
            fr="Le lundi {dd} novembre 2026 à {hh}:{m} +0100, {n} a écrit :",
            es="El lun, {dd}-11-2026 a las {hh}:{m} +0100, {n} escribió:",
        ),
        languages=("en", "de", "fr", "es"),
        width=71,
        forms=("plain", "both"),
        places=ALL,
        page='<div>{own}</div><div><br></div><div>{head}</div><blockquote type="cite" style="margin:0 0 0 .8ex; '
        'border-left:2px #729fcf solid;padding-left:1ex"><div>{old}</div></blockquote>',
    ),
    Program(
        "KMail",
        line(
            en="On Monday, November {d}, 2026 {h}:{m}:00 AM CET {n} wrote:",
            de="Am Montag, {d}. November 2026, {hh}:{m}:00 CET schrieb {n}:",
            nl="Op maandag {d} november 2026 {hh}:{m}:00 CET schreef {n}:",
        ),
        languages=("en", "de", "nl"),
        width=76,
        forms=("plain",),
        places=(TOP, BELOW, BETWEEN),
    ),
    Program(
        "mutt",
        line(en="On Mon, Nov {dd}, 2026 at {hh}:{m}:00AM +0100, {n} wrote:"),
        width=72,
        forms=("plain",),
        places=(BELOW, BETWEEN, TOP),
    ),
    Program(
        "The Bat",
        line(en="Monday, November {d}, 2026, {h}:{m}:00 AM, you wrote:\n"),
        mark="NS> ",
        width=70,
        forms=("plain",),
        places=(TOP, BELOW, BETWEEN),
        languages=("en", "ru", "pl"),
    ),
    Program(
        "GroupWise",
        line(en=">>> {n} <{a}> 11/{d}/2026 {h}:{m} AM >>>"),
        mark="",
        forms=("plain", "both"),
        languages=("en", "de", "nl"),
        page="<div>{own}</div><br><div>{head}<br></div><div>{old}</div>",
    ),
)
