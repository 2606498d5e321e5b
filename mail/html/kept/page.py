"""The HTML of a mail comes in with the words of it that are kept; clean HTML of exactly these words goes out."""

import re
from collections.abc import Collection, Sequence
from html import escape, unescape
from itertools import islice
from typing import Final

import nh3

from mail.html.kept.alignment import Runs, align
from mail.html.kept.letters import all_letters, letters_of, longest_words, named_in, variants
from mail.html.kept.pieces import CLOSE, OPEN, TEXT, ShownHtml, cut, shown
from mail.html.text import MAX_HTML, without_control

MAX_DEPTH = 60
MAX_WRITTEN = 2 * MAX_HTML
LONGEST_ALT, LONGEST_TARGET = 200, 4_000
MOST_ADDRESSES = 1_000
# Of a text that HTML does not hold, so many lines show it.
MOST_TRIED = 20
# By their names in what is written; any other element is left out, and its words stay.
TAGS: Final = {
    **{name: name for name in "p br div ul ol li blockquote table thead tbody tr td th a code pre b strong".split()},
    **{name: name for name in "i em u s h1 h2 h3 h4 hr img".split()},
    **dict.fromkeys(("tt", "kbd", "samp"), "code"),
    **dict.fromkeys(("strike", "del"), "s"),
    **dict.fromkeys(("h5", "h6"), "h4"),
    **dict.fromkeys(("center", "section", "article", "address", "dt", "dd", "figure"), "div"),
}
CELLS: Final = frozenset({"td", "th"})
ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "alt", "width", "height"}}
_TARGET = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_PICTURE = re.compile(r"cid:\S{1,300}", re.IGNORECASE)
_SIZE = re.compile(r"\d{1,4}")
_ATTRIBUTE = re.compile(r"\s([a-z]{1,20})=\"([^\"]*)\"", re.IGNORECASE)
# In what was cleaned, tags hold no `<` and no `>` of their own; these stand within a line, and each other one ends it.
_WITHIN = re.compile(r"</?(?:a|b|strong|i|em|u|s|code|img)\b[^<>]*>")
_BETWEEN = re.compile(r"<[^<>]*>")
# Word's paragraphs, and others without space around them, are lines; blank ones stand between them.
_LINE = re.compile(
    r"\sclass=\"[^\"]*Mso(?:Normal|PlainText|NoSpacing|ListParagraph)|"
    r"\sstyle=\"[^\"]*\bmargin:\s?0(?:cm|in|p[tx])?(?:\s0(?:cm|in|p[tx])?){0,3}\s?[;\"]",
    re.IGNORECASE,
)


def _allowed(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute as it is written; None where it is left out."""
    value = value.strip()
    if name == "href":
        return value if len(value) <= LONGEST_TARGET and _TARGET.fullmatch(value) else None
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    return value[:LONGEST_ALT] if name == "alt" else value if _SIZE.fullmatch(value) else None


_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS.values()),
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    url_schemes={"http", "https", "mailto", "cid"},
    url_relative="deny",
    link_rel=None,
)


def kept_html(html: str, text: str) -> str:
    """Return clean HTML of exactly the words of a text that was read from this HTML, or from the plain form beside it.

    Empty where the HTML does not hold these words in whole lines and in their order, or where they could not be told
    from others. Pure, bounded, never raises for any HTML.
    """
    html = html[:MAX_HTML]
    ways = variants(text) if html and _may_hold(html, text) else []
    if not ways:
        return ""
    found = cut(shown(without_control(html)))
    bare = letters_of(found.lines) if found else []
    runs = align(ways, bare) if found else None
    if found is None or runs is None:
        return ""
    written = _written(found, _kept_lines(found, bare, runs, text))
    clean = _CLEANER.clean(written) if len(written) <= MAX_WRITTEN else ""
    return clean if _is_proven(clean, runs, text) else ""


def _may_hold(html: str, text: str) -> bool:
    """Whether HTML may hold the words of a text: a quick test by one word of each of its first lines."""
    bare = ""
    for word in islice(longest_words(text), MOST_TRIED):
        if word not in html:
            bare = bare or unescape("".join([piece.partition(">")[2] for piece in f">{html}".split("<")]))
            if word not in bare:
                return False
    return True


def paragraph(text: str) -> str:
    """Return words of ours, which stand beside kept ones, as a paragraph; nothing for none."""
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def _kept_lines(found: ShownHtml, bare: Sequence[str], runs: Runs, text: str) -> frozenset[int]:
    """Return the numbers of the kept lines: those of the runs, and pictures, addresses and signs that touch a run."""
    kept = {line for run in runs.ranges for line in run}
    for run in runs.ranges:
        for beside in (range(run.stop, len(bare)), range(run.start - 1, -1, -1)):
            passed = []
            for line in beside:
                if bare[line] or line in kept:
                    break
                passed.append(line)
                sign = found.lines[line].strip()
                if line in found.pictured or (sign and sign in text):
                    kept.update(passed)
    return frozenset(kept)


def _written(found: ShownHtml, kept: Collection[int]) -> str:
    """Return the pieces of the kept lines, with the elements around them; those that became empty are left out.

    Elements that end below the last kept line are left open.
    """
    written, last = _Written(), max(kept, default=-1)
    for kind, name, text, line in found.pieces:
        if line > last:
            break
        if kind is TEXT:
            if line in kept:
                written.add(escape(text, quote=False))
        elif kind is OPEN:
            written.open(_element(name, text), text)
            # An empty cell in the midst of what is kept holds the place of its column.
            if name in CELLS and line in kept and line + 1 in kept:
                written.begin()
        elif kind is CLOSE:
            written.close()
        elif line in kept and (name == "img" or line + 1 in kept):
            written.add(_void(name, text))
    return "".join(written.out)


class _Written:
    """The open elements while pieces are written; each is written when the first of its content is."""

    def __init__(self) -> None:
        self.out: list[str] = []
        # Name and attributes of each; the name of those that are not written is empty.
        self.opened: list[tuple[str, str]] = []
        self.depth = self.done = 0

    def open(self, name: str, attributes: str) -> None:
        """Remember an element, which is left out for an empty name."""
        self.opened.append((name, attributes))

    def add(self, content: str) -> None:
        """Write a text or a void element."""
        if content:
            if self.done < len(self.opened):
                self.begin()
            self.out.append(content)

    def begin(self) -> None:
        """Write the tags of the elements around what comes."""
        for at in range(self.done, len(self.opened)):
            name, given = self.opened[at]
            attributes = _attributes(name, given) if name in ATTRIBUTES else ""
            # A link to what is not allowed is words.
            if name and self.depth < MAX_DEPTH and (attributes or name != "a"):
                self.depth += 1
                self.out.append(f"<{name}{attributes}>")
            else:
                self.opened[at] = "", given
        self.done = len(self.opened)

    def close(self) -> None:
        """Write the end of the innermost element, where it was written."""
        if not self.opened:
            return
        name, _ = self.opened.pop()
        if self.done <= len(self.opened):
            return
        self.done = len(self.opened)
        if name:
            self.depth -= 1
            self.out.append(f"</{name}>")


def _element(name: str, attributes: str) -> str:
    """Return the name of the element that is written for one that opens; empty for none."""
    return "div" if name == "p" and _LINE.search(attributes) else TAGS.get(name, "")


def _attributes(name: str, text: str) -> str:
    """Return the attributes of a tag that are written, each with a blank before it."""
    named = ((key.lower(), unescape(value)) for key, value in _ATTRIBUTE.findall(text))
    allowed = ((key, _allowed(name, key, value)) for key, value in named if key in ATTRIBUTES[name])
    return "".join(f' {key}="{escape(value)}"' for key, value in allowed if value is not None)


def _void(name: str, text: str) -> str:
    """Return a break, a drawn line, or a picture of the mail; nothing for other pictures."""
    if name != "img":
        return "\n" if name == "\n" else f"<{name}>"
    attributes = _attributes(name, text)
    return f"<img{attributes}>" if " src=" in attributes else ""


def _is_proven(clean: str, runs: Runs, text: str) -> bool:
    """Whether cleaned HTML shows the words of the runs and no others, and no address or mark that the text does not."""
    lines = list(filter(None, unescape(_BETWEEN.sub("\n", _WITHIN.sub("", clean))).split("\n")))
    if "".join(letters_of(lines)) != runs.letters:
        return False
    named = named_in(lines)
    whole = all_letters(text) if named else ""
    return len(named) <= MOST_ADDRESSES and all(all_letters(one) in whole for one in named)
