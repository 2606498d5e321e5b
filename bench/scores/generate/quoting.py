"""How programs change a mail of ours when they quote it, as plain text and as HTML."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser

_URL = re.compile(r"https?://(?:(?!&gt;)[^\s<>\"])+")
_TEXT = re.compile(r">([^<>]+)<")
# A label with its colon, also the wide one.
_LABEL = re.compile(r"^([^\W\d_][^:\uff1a<>]{0,20}[:\uff1a])")
BLOCKQUOTE = re.compile(r"(<blockquote[^>]*>)(?:<div[^>]*>)?\{old\}")
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Marks:
    """How a program marks the lines of a quote: what begins them, and the width at which they are broken.

    `style` says how long lines are broken: "marked" marks each of the lines, "loose" only the first, "flowed" ends
    all but the last with a space (RFC 3676). `inner` begins answers that were typed into the quote.
    """

    first: str
    width: int | None = None
    style: str = "marked"
    inner: str = ""


def quote_text(lines: Sequence[str], answers: Mapping[int, str], marks: Marks) -> str:
    """Return the quoted lines with answers below some of them, by index of the line."""
    quoted: list[str] = []
    for at, line in enumerate(lines):
        quoted += _marked(line, marks)
        if at in answers:
            quoted += [marks.inner.rstrip(), marks.inner + answers[at], marks.inner.rstrip()]
    return "\n".join(quoted)


def _marked(line: str, marks: Marks) -> list[str]:
    parts = _wrapped(line, marks.width - len(marks.first)) if marks.width else [line]
    if marks.style == "flowed":
        parts = [*(f"{part} " for part in parts[:-1]), parts[-1]]
    later = marks.first if marks.style != "loose" else ""
    begun = zip([marks.first, *([later] * (len(parts) - 1))], parts, strict=True)
    return [mark + part if part else mark.rstrip() for mark, part in begun]


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def wrap_own(text: str, width: int | None) -> str:
    """Return the sender's own lines broken at a width."""
    if not width:
        return text
    return "\n".join("\n".join(_wrapped(line, width)) for line in text.split("\n"))


def through_gateway(text: str) -> str:
    """Return a text with its links as a gateway writes them."""
    return _URL.sub(lambda found: f"https://eur01.safelinks.example/?url={_percent(found[0])}&data=05%7C02", text)


def _percent(url: str) -> str:
    return url.replace(":", "%3A").replace("/", "%2F").replace("?", "%3F").replace("=", "%3D").replace("&amp;", "%26")


def as_html(text: str, line: str = "<div>{}</div>") -> str:
    """Return the sender's lines as HTML, each in an element, links as links."""
    return "".join(line.format(linked(escape(one, quote=False)) if one else "<br>") for one in text.split("\n"))


def linked(line: str) -> str:
    """Return a line of HTML with its web addresses as links."""
    return _URL.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', line)


def html_body(html: str, keep: str) -> str:
    """Return what stands in the body of a mail of ours, as a program keeps it.

    `keep` is "all", "plain" (no marker of ours, no hidden words), "renamed" (classes with `x_`), "office" (paragraphs
    as Outlook writes them), "spaced" (no-break spaces) or "entities".
    """
    found = _BODY.search(html)
    inner = found[1] if found else html
    if keep == "all":
        return inner
    tree = LexborHTMLParser(f"<html><body>{inner}</body></html>")
    for node in tree.css("[data-supportdesk]" if keep == "renamed" else "[data-supportdesk], .preview"):
        node.decompose()
    inner = tree.body.inner_html if tree.body and tree.body.inner_html else inner
    if keep == "renamed":
        return re.sub(r'class="', 'class="x_', inner)
    if keep == "office":
        return re.sub(r"<p\b[^>]*>", '<p class="MsoNormal">', inner).replace("</p>", "<o:p></o:p></p>")
    if keep == "spaced":
        return _TEXT.sub(lambda text: f">{text[1].replace(' ', '&nbsp;') if text[1].strip() else text[1]}<", inner)
    if keep == "entities":
        return inner.encode("ascii", "xmlcharrefreplace").decode()
    return inner


def answered_inside(body: str, answers: Sequence[str], element: str) -> str:
    """Return the HTML of our mail with each answer in an element of its own, below paragraphs of the mail."""
    ends = [found.end() for found in re.finditer(r"</p>", body)]
    # The first paragraphs are the desk's name and the heading.
    places = ends[2:-1] or ends[-1:]
    step = max(1, len(places) // len(answers))
    chosen = [places[min(len(places) - 1, index * step)] for index in range(len(answers))]
    for at, answer in reversed(list(zip(chosen, answers, strict=True))):
        body = body[:at] + element.format(escape(answer, quote=False)) + body[at:]
    return body


def answered_between(lines: Sequence[str], answers: Mapping[int, str], opening: str) -> str:
    """Return the quote as HTML that ends before each answer and goes on below it, as one that a person splits."""
    parts: list[str] = []
    for at, line in enumerate(lines):
        parts.append(f"<div>{escape(line, quote=False) or '<br>'}</div>")
        if at in answers:
            parts.append(f"</blockquote><div>{escape(answers[at], quote=False)}</div><div><br></div>{opening}")
    return "".join(parts)


def head_html(lines: Sequence[str], *, bold: bool) -> str:
    """Return what stands above a quote as HTML, with bold labels where a program writes them so."""
    shown = (escape(line, quote=False) for line in lines)
    return "<br>".join(_LABEL.sub(r"<b>\1</b>", line) if bold else line for line in shown)
