"""The nine programs of agents as a table: how each writes what a person put into an answer."""

from bench.answers.blocks import Style
from bench.answers.dialect import LINK, Dialect, Nesting, faked, listed
from bench.scores.generate.program import Program
from bench.scores.generate.programs import PROGRAMS

_OF = {program.name: program for program in PROGRAMS}
_MONO = '<span style="font-family:monospace">{}</span>'
_STYLES = {Style.BOLD: "<b>{}</b>", Style.ITALIC: "<i>{}</i>", Style.CODE: _MONO, Style.LINK: LINK}
_SPACED = {Style.LINK: "{} <{target}>"}
_TIGHT = {Style.LINK: "{}<{target}>"}
_STARRED = {**_SPACED, Style.BOLD: "*{}*", Style.ITALIC: "*{}*"}
_DIV_BREAK = "<div><br></div>"
_PLAIN_LIST = listed("<ul>{}</ul>", "<ol>{}</ol>", "<li>{}{below}</li>")
_OFFICE_BULLETS = ("  *   ", "     *   ", "  {}.  ")
_OFFICE_BREAK = '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
_NEW = "font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"


def _program(name: str) -> Program:
    return _OF[name]


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        _program("Gmail web"),
        paragraph="<div>{}</div>",
        blank=_DIV_BREAK,
        html=_STYLES,
        text=_STARRED,
        listing=listed(
            "<div><ul>{}</ul></div>", "<div><ol>{}</ol></div>", '<li style="margin-left:15px">{}{below}</li>'
        ),
        bullets=("   - ", "      - ", "   {}. "),
        cell="<td>{}</td>",
        between_cells="\n",
        picture='<img src="cid:{cid}" alt="{name}" width="{width}" height="{height}"><br>',
        picture_text="[image: {name}]",
        cid="ii_m4k{number}x0",
        heading="<h2>{}</h2>",
        signature='<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
        'class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">{}</div></div>',
    ),
    Dialect(
        _program("Outlook desktop"),
        paragraph='<p class="MsoNormal">{}<o:p></o:p></p>',
        blank=_OFFICE_BREAK,
        html={**_STYLES, Style.CODE: '<span style="font-family:&quot;Courier New&quot;">{}</span>'},
        text=_TIGHT,
        listing=faked,
        bullets=("*\t", "     o   ", "{}.\t"),
        cell='<td width="120" valign="top" style="width:90.0pt;border:solid windowtext 1.0pt;padding:0in 5.4pt 0in '
        '5.4pt"><p class="MsoNormal">{}<o:p></o:p></p></td>',
        between_cells="\n\n",
        picture='<img border="0" width="{width}" height="{height}" style="width:.5in;height:.3in" '
        'id="Picture_x0020_1" src="cid:{cid}" alt="A picture">',
        picture_text="[cid:{cid}]",
        cid="image{number}.png@01DC6211.5F2E7A10",
        heading="<h2>{}<o:p></o:p></h2>",
        signature=f'{_OFFICE_BREAK}<p class="MsoNormal">{{}}<o:p></o:p></p>',
    ),
    Dialect(
        _program("Outlook web"),
        paragraph=f'<div class="elementToProof" style="{_NEW}">{{}}</div>',
        blank=f'<div class="elementToProof" style="{_NEW}"><br></div>',
        html={**_STYLES, Style.CODE: "<code>{}</code>"},
        text=_TIGHT,
        listing=listed(
            '<ul data-editing-info="{{&quot;applyListStyleFromLevel&quot;:true}}" style="margin-top: 0px;">{}</ul>',
            '<ol start="1" data-editing-info="{{&quot;orderedStyleType&quot;:1}}" style="margin-top: 0px;">{}</ol>',
            f'<li style="{_NEW}"><div role="presentation" class="elementToProof">{{}}</div>{{below}}</li>',
        ),
        bullets=_OFFICE_BULLETS,
        cell='<td style="border: 1px solid rgb(171, 171, 171);"><div class="elementToProof">{}</div></td>',
        between_cells="\t",
        picture='<img id="image_0" width="{width}" height="{height}" size="4711" contenttype="image/png" '
        'style="max-width: 100%;" src="cid:{cid}">',
        picture_text="[cid:{cid}]",
        cid="f6d1a1c{number}-1b2c-4f6e-9d0a-7c8b9a0d1e2f",
        heading='<h2 class="elementToProof" style="margin: 0px;">{}</h2>',
        signature='<div class="elementToProof"><br></div><div id="Signature"><div>{}</div></div>',
    ),
    Dialect(
        _program("Outlook Mac"),
        paragraph='<p class="MsoNormal"><span lang="EN-GB" style="font-size:11.0pt">{}<o:p></o:p></span></p>',
        blank=_OFFICE_BREAK,
        html=_STYLES,
        text=_TIGHT,
        listing=listed(
            '<ul style="margin-top:0cm" type="disc">{}</ul>',
            '<ol style="margin-top:0cm" start="1" type="1">{}</ol>',
            '<li class="MsoListParagraph" style="margin-left:0cm;mso-list:l0 level1 lfo1"><span '
            'style="font-size:11.0pt">{}<o:p></o:p></span>{below}</li>',
        ),
        bullets=_OFFICE_BULLETS,
        cell='<td valign="top" style="padding:0cm 5.4pt 0cm 5.4pt"><p class="MsoNormal">{}<o:p></o:p></p></td>',
        between_cells="\n\n",
        picture='<img width="{width}" height="{height}" id="_x0000_i1025" src="cid:{cid}" alt="{name}">',
        picture_text="[{name}]",
        cid="image{number}.png@01DC6212.0A3B4C50",
        heading='<h2><span lang="EN-GB">{}</span><o:p></o:p></h2>',
        signature=f'{_OFFICE_BREAK}<div><p class="MsoNormal">-- <br>{{}}<o:p></o:p></p></div>',
    ),
    Dialect(
        _program("Apple Mail"),
        paragraph="<div>{}</div>",
        blank=_DIV_BREAK,
        html={**_STYLES, Style.CODE: '<font face="Menlo">{}</font>'},
        text=_SPACED,
        listing=listed(
            '<div><ul class="MailOutline">{}</ul></div>',
            '<div><ol class="MailOutline">{}</ol></div>',
            "<li>{}{below}</li>",
        ),
        bullets=("\t• ", "\t\t• ", "\t{}. "),
        cell='<td valign="top" style="border: 1px solid; padding: 4px;"><p style="margin: 0px; font-stretch: normal;">'
        "{}</p></td>",
        between_cells="\n",
        picture='<img alt="{name}" src="cid:{cid}">',
        picture_text="",
        cid="5D2E1A9C-{number}4-4E55-9F0B-1C2D3E4F5A6B",
        heading='<h2 style="margin: 0px;">{}</h2>',
        signature='<div><br></div><div>-- </div><div><meta charset="UTF-8"><div dir="auto" style="caret-color: '
        'rgb(0, 0, 0);">{}</div></div>',
        nesting=Nesting.RELATED_INSIDE,
    ),
    Dialect(
        _program("Apple Mail iOS"),
        paragraph='<div dir="ltr">{}</div>',
        blank='<div dir="ltr"><br></div>',
        html=_STYLES,
        text=_SPACED,
        listing=listed('<ul style="-webkit-text-size-adjust: auto;">{}</ul>', "<ol>{}</ol>", "<li>{}{below}</li>"),
        bullets=("• ", "    • ", "{}. "),
        cell='<td style="border: 1px solid"><div>{}</div></td>',
        between_cells="\n",
        picture='<img alt="image0.png" src="cid:{cid}">',
        picture_text="image0.png",
        cid="0A1B2C3D-{number}E-4F5A-8B9C-0D1E2F3A4B5C-L0-001",
        heading="<h2>{}</h2>",
        signature='<div dir="ltr"><br></div><div dir="ltr">{}</div>',
        nesting=Nesting.RELATED_INSIDE,
    ),
    Dialect(
        _program("Thunderbird"),
        paragraph="<p>{}</p>",
        blank="\n    ",
        html={
            **_STYLES,
            Style.CODE: "<code>{}</code>",
            Style.LINK: '<a class="moz-txt-link-freetext" href="{target}">{}</a>',
        },
        text={**_SPACED, Style.BOLD: "*{}*", Style.ITALIC: "/{}/", Style.CODE: "|{}|"},
        listing=_PLAIN_LIST,
        bullets=("  * ", "      o ", " {}. "),
        cell='<td valign="top">{}<br></td>',
        between_cells="\t",
        picture='<img src="cid:{cid}" alt="" class="" width="{width}" height="{height}">',
        picture_text="",
        cid="part{number}.Yz0qW3xK.D1cVbN2m@desk.example",
        heading="<h2>{}</h2>",
        signature='<div class="moz-signature">-- <br>{}</div>',
        nesting=Nesting.RELATED_INSIDE,
    ),
    Dialect(
        _program("Samsung"),
        paragraph='<div dir="auto">{}</div>',
        blank='<div dir="auto"><br></div>',
        html=_STYLES,
        text={},
        listing=listed('<ul dir="auto">{}</ul>', '<ol dir="auto">{}</ol>', '<li dir="auto">{}{below}</li>'),
        bullets=("", "", ""),
        cell='<td><div dir="auto">{}</div></td>',
        between_cells="\n",
        picture='<img src="cid:{cid}" id="{name}" style="max-width:100%;">',
        picture_text="",
        cid="17{number}09.1@samsung.example",
        heading='<h2 dir="auto">{}</h2>',
        signature='<div dir="auto"><br></div><div id="composer_signature" dir="auto">{}</div>',
        nesting=Nesting.ALL_THREE,
    ),
    Dialect(
        _program("K-9"),
        paragraph="{}<br>",
        blank="<br>\n",
        html={Style.LINK: LINK},
        text={},
        listing=_PLAIN_LIST,
        bullets=("- ", "  - ", "{}. "),
        cell="{}",
        between_cells=" | ",
        picture="",
        picture_text="",
        cid="",
        heading="{}<br>",
        signature="<br>\n-- <br>{}<br>",
        nesting=Nesting.FILES,
        typed=True,
    ),
)
