"""How one mail program answers a mail, as a value; the tables of programs are made of it."""

from dataclasses import dataclass

from bench.scores.generate.heads import Head

TOP, BELOW, BETWEEN, INSIDE = "top", "below", "between", "inside"
ALL = (TOP, BELOW, BETWEEN, INSIDE)


@dataclass(frozen=True, slots=True)
class Program:
    """How one program answers.

    `head` stands above the quote. In plain text `mark` begins the lines of the quote, broken at `width` in a `style` of
    `quote_text`; `glued` puts the quote into the line of the head. `page` is the HTML with {own}, {head}, {old} and
    {footer}, empty where the program writes none; `keep` is how it keeps our HTML. `answer` is the element of an
    answer in the quote. `footer` is a pattern of the language, or a text.
    """

    name: str
    head: Head
    mark: str = "> "
    width: int | None = None
    style: str = "marked"
    page: str = ""
    keep: str = "plain"
    forms: tuple[str, ...] = ("both",)
    places: tuple[str, ...] = (TOP,)
    footer: str = ""
    glued: bool = False
    answer: str = '<p style="color:red">{}</p>'
    languages: tuple[str, ...] = ()


# Pages that several programs write alike.
GMAIL = (
    '<div dir="ltr">{own}</div><br>{footer}<div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    'class="gmail_attr">{head}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
    'border-left:1px solid rgb(204,204,204);padding-left:1ex">{old}</blockquote></div>'
)
CITE = (
    '<div>{own}</div>{footer}<div><br><blockquote type="cite"><div>{head}</div><br><div>{old}</div></blockquote></div>'
)
WORD = (
    '<div class="WordSection1">{own}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;'
    'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{head}<o:p></o:p></p></div></div>'
    '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{old}</div>'
)
RULED = (
    '<div style="font-family:Aptos,sans-serif;font-size:12pt">{own}</div>{footer}<div id="appendonsend"></div>'
    '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, '
    'sans-serif" style="font-size:11pt" color="#000000">{head}</font><div>&nbsp;</div></div><div>{old}</div>'
)
PLAIN_BLOCK = "<div>{own}</div>{footer}<div><br></div><div>{head}</div><div><br></div><div>{old}</div>"
