"""How one mail program writes the blocks of an answer, as a value, and the functions that write them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from textwrap import wrap

from bench.answers.blocks import Block, Drawn, Heading, Item, Lines, Listing, Paragraph, Picture, Run, Style, Table
from bench.scores.generate.program import Program
from bench.scores.generate.quoting import linked


class Nesting(StrEnum):
    """How the parts of a message with pictures stand in each other (RFC 2387)."""

    RELATED_OUTSIDE = "related(alternative, pictures)"
    RELATED_INSIDE = "alternative(text, related(html, pictures))"
    ALL_THREE = "mixed(related(alternative, pictures))"
    FILES = "mixed(alternative, files)"


ListWriter = Callable[[Listing], str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one program makes of blocks.

    In the patterns of HTML and text `{}` are the words, `{target}` is a URL, `{cid}`, `{name}`, `{width}` and
    `{height}` are those of a picture. `bullets` are the starts of an item, of one below it and of a numbered one, in
    plain text. `typed` is a program without formats: what is typed stands there, and pictures are files.
    `page` and what is above the quote are those of the generated answers.
    """

    program: Program
    paragraph: str
    blank: str
    html: Mapping[Style, str]
    text: Mapping[Style, str]
    listing: ListWriter
    bullets: tuple[str, str, str]
    cell: str
    between_cells: str
    picture: str
    picture_text: str
    cid: str
    heading: str
    signature: str
    nesting: Nesting = Nesting.RELATED_OUTSIDE
    typed: bool = False

    def as_html(self, blocks: Sequence[Block]) -> str:
        """Return blocks as the program's HTML."""
        return self.blank.join(
            block.html if isinstance(block, Drawn) and not self.typed else self._block_html(block) for block in blocks
        )

    def as_text(self, blocks: Sequence[Block]) -> str:
        """Return blocks as the program's plain text, lines broken where it breaks them."""
        return "\n\n".join(filter(None, ("\n".join(self._block_text(block)) for block in blocks)))

    def _block_html(self, block: Block) -> str:
        match block:
            case Paragraph(runs):
                return self.paragraph.format("".join(map(self._run_html, runs)).rstrip())
            case Heading(text):
                return self.heading.format(_shown(text))
            case Listing() if not self.typed:
                return self.listing(block)
            case Table(rows) if not self.typed:
                return TABLE.format("".join(map(self._row, rows)))
            case Picture():
                return "" if self.typed else self.paragraph.format(self.picture_html(block))
        lines = (_shown(line) for line in self._block_text(block))
        return "".join(self.paragraph.format(linked(line) if isinstance(block, Drawn) else line) for line in lines)

    def _run_html(self, run: Run) -> str:
        if self.typed and run.target:
            return LINK.format(_shown(_typed(run)), target=escape(run.target))
        return self.html.get(run.style, "{}").format(_shown(run.text), target=escape(run.target))

    def _row(self, row: Sequence[str]) -> str:
        return f"<tr>{''.join(self.cell.format(_shown(one)) for one in row)}</tr>"

    def picture_html(self, picture: Picture) -> str:
        """Return a picture as it stands among the words."""
        shown = self._picture(self.picture, picture)
        return LINK.format(shown, target=escape(picture.target)) if picture.target else shown

    def _picture(self, pattern: str, picture: Picture) -> str:
        return pattern.format(cid=self.cid_of(picture), name=picture.name, width=picture.width, height=picture.height)

    def cid_of(self, picture: Picture) -> str:
        """Return the Content-ID of a picture, without angle brackets."""
        return self.cid.format(name=picture.name, number=picture.name.rpartition("-")[2].partition(".")[0])

    def _block_text(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph(runs):
                yield from self._wrapped("".join(map(self._run_text, runs)).rstrip())
            case Heading(text):
                yield text
            case Listing(items, numbered):
                for number, item in enumerate(items, 1):
                    yield from self._item_text(item, self.bullets[2].format(number) if numbered else self.bullets[0])
            case Table(rows):
                yield from (self.between_cells.join(row) for row in rows)
            case Picture():
                named = self._picture(self.picture_text, block)
                yield self.text.get(Style.LINK, "{}").format(named, target=block.target) if block.target else named
            case Drawn():
                yield from block.text.split("\n")
            case Lines(lines):
                yield from lines

    def _item_text(self, item: Item, start: str) -> Iterator[str]:
        yield start + item.text
        yield from (self.bullets[1] + one for one in item.below)

    def _run_text(self, run: Run) -> str:
        if self.typed and run.target:
            return _typed(run)
        target = run.target.removeprefix("mailto:")
        if run.target and run.text == target:
            return run.text
        return self.text.get(run.style, "{}").format(run.text, target=target)

    def _wrapped(self, line: str) -> list[str]:
        width = self.program.width
        if not width:
            return [line]
        lines = wrap(line, width, break_long_words=False, break_on_hyphens=False)
        flowed = self.program.style == "flowed"
        return [*(f"{one} " if flowed else one for one in lines[:-1]), *lines[-1:]]


def listed(bullets: str, numbers: str, item: str) -> ListWriter:
    """Return the writer of lists of a program that has elements for them; the patterns are of lists and items."""

    def write(listing: Listing) -> str:
        return (numbers if listing.numbered else bullets).format("".join(map(one, listing.items)))

    def one(entry: Item) -> str:
        below = "".join(item.format(_shown(text), below="") for text in entry.below)
        return item.format(_shown(entry.text), below=bullets.format(below) if below else "")

    return write


def faked(listing: Listing) -> str:
    """Return a list as Word writes it: paragraphs that begin with a sign in another typeface."""
    lines: list[str] = []
    for number, item in enumerate(listing.items, 1):
        face, sign = ("Calibri", f"{number}.") if listing.numbered else ("Symbol", "·")
        lines.append(_faked(item.text, 1, face, sign))
        lines += [_faked(text, 2, "&quot;Courier New&quot;", "o") for text in item.below]
    return "".join(lines)


def _faked(text: str, level: int, face: str, sign: str) -> str:
    return FAKED.format(_shown(text), indent=level / 2, level=level, face=face, sign=sign)


def _typed(run: Run) -> str:
    return run.target.removeprefix("mailto:")


def _shown(text: str) -> str:
    return escape(text, quote=False)


LINK = '<a href="{target}">{}</a>'
TABLE = '<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse"><tbody>{}</tbody></table>'
FAKED = (
    '<p class="MsoListParagraph" style="margin-left:{indent}in;text-indent:-.25in;mso-list:l0 level{level} lfo1">'
    '<![if !supportLists]><span style="font-family:{face};mso-fareast-font-family:{face}"><span '
    'style="mso-list:Ignore">{sign}<span style="font:7.0pt &quot;Times New Roman&quot;">&nbsp;&nbsp;&nbsp;&nbsp;'
    "&nbsp;&nbsp; </span></span></span><![endif]>{}<o:p></o:p></p>"
)
