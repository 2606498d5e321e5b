"""A signature that a desk or an agent has in a file: what of its HTML is sent, and where it goes in an answer."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import nh3
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser

# What is left of HTML that becomes text, and all that is sent.
PLAIN_TAGS = frozenset({"p", "div", "br", "ul", "ol", "li", "a"})
TAGS = PLAIN_TAGS | {
    *("span", "hr", "b", "strong", "i", "em", "u", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SCHEMES = frozenset({"http", "https", "mailto"})
# These hold text that is none of the page's.
UNSHOWN = frozenset({"script", "style", "title", "head", "template", "noscript"})
ACTIVE = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "form"})
_ACTIVE_LINK = re.compile(r"[\s\x00-\x1f]*(?:javascript|vbscript|data)[\s\x00-\x1f]*:", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((?:mailto:)?([^()\s]{1,2000})\)")
_ESCAPED = re.compile(r"\\([^\w\s])")
# RFC 3676, section 4.3; mail programs drop the space.
DASHES = "--"
# A signature in an answer is not longer, in lines with words; below a longer one the dashes divide the answer itself.
LONGEST_BLOCK = 12


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it is sent: its text without blank lines at both ends, and safe HTML, empty where it has none."""

    text: str
    html: str = ""


def trim(text: str) -> str:
    """The text without blank lines at both ends, and without dashes above it, which our mails have already."""
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and lines[0].strip(" \\") in {"", DASHES}:
        del lines[0]
    return "\n".join(lines).rstrip()


def clean(html: str) -> Markup:
    """The HTML with what a letter may have: paragraphs, lists, tables, links and emphasis, no picture and no style."""
    # nh3 builds it anew from the lists above alone.
    return Markup(_kept(html, TAGS).strip())  # noqa: S704


def without_emphasis(cleaned: str) -> str:
    """Cleaned HTML to be read as text: without what our reader would mark with signs, each row of a table a line."""
    rows = re.sub(r"</t[dh]>", " ", cleaned).replace("</tr>", "<br>")
    return _kept(rows, PLAIN_TAGS)


def with_bare_links(text: str) -> str:
    """Text as our reader makes it of HTML, with links as people write them, and without its escapes."""
    linked = _LINK.sub(lambda link: link[2] if link[1] in link[2] else f"{link[1]} ({link[2]})", text)
    return _ESCAPED.sub(r"\1", linked)


def _kept(html: str, tags: Collection[str]) -> str:
    return nh3.clean(
        html,
        tags=set(tags),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        clean_content_tags=set(UNSHOWN),
    )


def active_part(html: str) -> str:
    """What in a piece of HTML would run, send or load something, such as `<script>` or `onclick`; empty: nothing."""
    for node in LexborHTMLParser(html).css("*"):
        if node.tag in ACTIVE:
            return f"<{node.tag}>"
        for name, value in node.attributes.items():
            if name.startswith("on"):
                return name
            if name in {"href", "src", "action"} and _ACTIVE_LINK.match(value or ""):
                return f"{name}={value}"
    return ""


def place(words: str, signature: Signature) -> tuple[str, bool]:
    """The words of an answer to which a signature belongs, and whether it is added below them.

    It takes the place of a block below a line `--`. Where the words end with its lines already, it is not added again.
    """
    words = _without_lines(words)
    lines, own = _bare(words), _bare(signature.text)
    return words, not own or lines[-len(own) :] != own


def _without_lines(words: str) -> str:
    lines = words.split("\n")
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip() == DASHES), 0)
    above, below = "\n".join(lines[:at]), sum(1 for line in lines[at:] if line.strip()) - 1
    return above.rstrip() if above.strip() and below <= LONGEST_BLOCK else words


def _bare(text: str) -> list[str]:
    """The lines with words, in one case and without repeated spaces."""
    return [bare for line in text.splitlines() if (bare := " ".join(line.split()).casefold())]


# An example, with which the templates are checked and previewed.
SAMPLE = Signature("Ben Castellanos\nNorthwind Support, Harbour Street 4\nhttps://northwind.example")
