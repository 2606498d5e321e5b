"""What a person puts into an answer, before a mail program writes it as text and HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a run of words looks."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one style; a link has a target, a URL."""

    text: str
    style: Style = Style.PLAIN
    target: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs, one after the other."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of larger letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, with those below it."""

    text: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, with bullets or with numbers; what is below an item has bullets."""

    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture between the words: name and bytes of a PNG, its size in pixels, and where it leads, a URL."""

    name: str
    png: bytes
    width: int
    height: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What each program writes alike: its words, HTML and text, and the links among the words."""

    words: tuple[str, ...]
    html: str
    text: str
    links: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that stand right below each other: a sign-off, or a line with a command."""

    lines: tuple[str, ...]


Block = Paragraph | Heading | Listing | Table | Picture | Lines | Drawn


def words_of(block: Block) -> Iterator[str]:
    """Yield the pieces of words in a block, in the order in which they are read."""
    match block:
        case Paragraph(runs):
            yield from (run.text for run in runs)
        case Heading(text):
            yield text
        case Listing(items):
            for item in items:
                yield from (item.text, *item.below)
        case Table(rows):
            for row in rows:
                yield from row
        case Lines(lines):
            yield from lines
        case Drawn(words):
            yield from words


def links_of(block: Block) -> Iterator[Run]:
    """Yield the links of a block; a picture's has no words."""
    match block:
        case Paragraph(runs) | Drawn(links=runs):
            yield from (run for run in runs if run.target)
        case Picture(target=target) if target:
            yield Run("", target=target)


def pictures_of(blocks: Sequence[Block]) -> list[Picture]:
    """Return the pictures in their order."""
    return [block for block in blocks if isinstance(block, Picture)]
