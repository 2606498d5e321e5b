"""What a customer's mail lacks of an agent's answer, or has too much; asked of its bytes alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

from selectolax.lexbor import LexborHTMLParser

from bench.answers.blocks import (
    Block,
    Drawn,
    Heading,
    Lines,
    Listing,
    Paragraph,
    Picture,
    Table,
    links_of,
    pictures_of,
    words_of,
)
from bench.answers.contents import Content, Form, all_blocks
from bench.answers.dialect import Dialect, faked
from bench.answers.message import Answer, Ours, dialect_of
from bench.answers.play import REQUEST, Played
from mail.outbound.catalogue import in_english, said

# What programs put around words, and signs that a text has for a format.
_BARE = re.compile(r"[\s*_|/<>#\\•·\-\u00a0\u200b\ufeff]")
_MARKDOWN = re.compile(r"~~|\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\([^()\s]*(?:\([^()\s]*\))?\)")
_START = re.compile(r"^\s*(?:[-*•·o§]|\d+[.)])?\s*")
_BLOCKS = "p, div, li, tr, td, th, h1, h2, h3, h4, blockquote, ul, ol, table, pre"
# Parts of pages that programs put around quotes.
WRAPPERS = ("gmail_quote", "gmail_attr", "divRplyFwdMsg", "appendonsend", "moz-cite-prefix", "mail-editor-reference",
            "o:p", "MsoNormal", "mso-list", "supportLists")  # fmt: skip
# A shorter line of ours may be anybody's.
LEAST_QUOTED = 16
# It stands below the buttons of each mail of ours, so a customer reads it in the mail about the answer, too.
ABOUT_BUTTONS = in_english(said("buttons.how"))
PLACE = "\ue000"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the customer's program shows it: the text, the HTML, its pictures by Content-ID, and all its files."""

    text: str
    html: str
    pictures: dict[str, bytes]
    files: tuple[bytes, ...]


def read_letter(raw: bytes) -> Letter:
    """Return what a mail shows."""
    mail = message_from_bytes(raw, policy=default)
    texts = {"plain": "", "html": ""}
    pictures: dict[str, bytes] = {}
    files: list[bytes] = []
    for part in mail.walk():
        if part.is_multipart():
            continue
        kind, content = part.get_content_type(), part.get_payload(decode=True)
        if kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            texts[part.get_content_subtype()] += part.get_content()
        elif isinstance(content, bytes):
            files.append(content)
            if kind == "image/png" and part["Content-ID"]:
                pictures[str(part["Content-ID"]).strip(" <>")] = content
    return Letter(texts["plain"], texts["html"], pictures, tuple(files))


def lacks_of(one: Played) -> list[str]:
    """Return what is wrong with what became of an answer; nothing where all is well."""
    if one.why:
        return [one.why]
    return lacks(one.sent, one.content, one.answer, one.ours, f"{REQUEST} {one.ours.subject} {ABOUT_BUTTONS}")


def lacks(raw: bytes, one: Content, answer: Answer, ours: Ours, known: str) -> list[str]:
    """Return what is wrong with a customer's mail, one short sentence each; nothing where all is well.

    `known` is what the customer knows already, such as their own words, and may be quoted.
    """
    letter = read_letter(raw)
    # Of HTML alone the text has the marks of Markdown.
    text = _MARKDOWN.sub(r"\1", letter.text) if one.form is Form.HTML else letter.text
    dialect = dialect_of(one.number)
    return [
        *_words(one, "text", text),
        *_words(one, "HTML", _shown(letter.html)),
        *_links(one, dialect, letter),
        *_items(one, "text", letter.text.split("\n")),
        *_items(one, "HTML", _shown(letter.html).split("\n")),
        *(_in_elements(one, letter.html) if not dialect.typed else ()),
        *_pictures(one, dialect, letter),
        *_too_much(letter, answer, ours, known),
    ]


def _bare(text: str) -> str:
    return _BARE.sub("", text)


def _tree(html: str) -> LexborHTMLParser:
    tree = LexborHTMLParser(html or "<html></html>")
    for node in tree.css("style, title, head, .preview, [hidden]"):
        node.decompose()
    return tree


def _shown(html: str) -> str:
    """Return the lines that a page shows; a picture is its Content-ID between two signs."""
    tree = _tree(html)
    for node in tree.css("img"):
        node.replace_with(f"{PLACE}{(node.attributes.get('src') or '').removeprefix('cid:')}{PLACE}")
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    return tree.body.text() if tree.body else ""


def _words(one: Content, form: str, shown: str) -> Iterator[str]:
    dialect, bare, at = dialect_of(one.number), _bare(shown), 0
    for block in all_blocks(one):
        for words in _written(block, dialect):
            found = bare.find(_bare(words), at)
            if found < 0:
                kind = "sign-off" if isinstance(block, Lines) else type(block).__name__.lower()
                yield f"{form}: {kind} is lost: {words!r}"
            else:
                at = found + len(_bare(words))


def _written(block: Block, dialect: Dialect) -> list[str]:
    """Return the words of a block; who types no formats writes the target of a link alone."""
    if isinstance(block, Paragraph) and dialect.typed:
        return [run.target.removeprefix("mailto:") or run.text for run in block.runs]
    return list(words_of(block))


def _links(one: Content, dialect: Dialect, letter: Letter) -> Iterator[str]:
    targets = {(node.attributes.get("href") or "", _bare(node.text())) for node in _tree(letter.html).css("a[href]")}
    for block in one.blocks:
        for run in links_of(block) if not (dialect.typed and isinstance(block, Picture | Drawn)) else ():
            bare_target = run.target.removeprefix("mailto:")
            if (run.target, _bare(bare_target if dialect.typed else run.text)) not in targets:
                yield f"HTML: link is lost: {run.target}"
            # A program that writes no targets into its text has said nothing there that could be lost.
            if (dialect.text or dialect.typed) and bare_target not in letter.text:
                yield f"text: link is lost: {run.target}"


def _items(one: Content, form: str, lines: Sequence[str]) -> Iterator[str]:
    """Each item of a list, heading and line of the sign-off has a line of its own."""
    begun, whole = {_bare(_START.sub("", line)) for line in lines}, _bare("".join(lines))
    for block in all_blocks(one):
        for words in words_of(block) if isinstance(block, Listing | Heading | Lines) else ():
            if _bare(words) in whole and _bare(words) not in begun:
                yield f"{form}: no line of its own: {words!r}"


def _in_elements(one: Content, html: str) -> Iterator[str]:
    """The items of lists and the cells of tables are elements, where the program of the agent writes elements."""
    tree = _tree(html)
    items = {(node.parent.tag if node.parent else "", _bare(node.text())) for node in tree.css("li")}
    rows = [[_bare(cell.text()) for cell in row.css("td, th")] for row in tree.css("tr")]
    for block in one.blocks:
        if isinstance(block, Listing) and dialect_of(one.number).listing is not faked:
            lost = (words for key, words in _wanted_items(block) if key not in items)
            yield from (f"HTML: no item of a list: {words!r}" for words in lost)
        if isinstance(block, Table):
            yield from (f"HTML: no row: {row}" for row in block.rows if [_bare(cell) for cell in row] not in rows)


def _wanted_items(listing: Listing) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the list and the bare words of each element, what is below it with it, and the item itself."""
    tag = "ol" if listing.numbered else "ul"
    for item in listing.items:
        yield (tag, _bare(item.text + "".join(item.below))), item.text
        yield from ((("ul", _bare(text)), text) for text in item.below)


def _pictures(one: Content, dialect: Dialect, letter: Letter) -> Iterator[str]:
    for picture in pictures_of(one.blocks):
        if picture.png not in letter.files:
            yield f"picture is lost: {picture.name}"
    if dialect.typed:
        return
    shown, at, above = _bare(_shown(letter.html)), 0, ""
    for block in all_blocks(one):
        places = [(shown.find(mark, at), mark) for mark in _marks(block, letter)]
        if isinstance(block, Picture) and max(places, default=(-1, ""))[0] < 0:
            yield f"HTML: picture is not shown in its place: {block.name}"
        at, above = next(((place + len(mark), mark) for place, mark in places if place >= 0), (at, above))
        for words in words_of(block):
            place = shown.find(_bare(words), at)
            if above and place < 0 <= shown.find(_bare(words)):
                yield f"HTML: a picture stands too late: after {words!r}"
            at = place + len(_bare(words)) if place >= 0 else at


def _marks(block: Block, letter: Letter) -> list[str]:
    """Return what stands in the shown HTML where this picture is."""
    same = (cid for cid, png in letter.pictures.items() if isinstance(block, Picture) and png == block.png)
    return [_bare(f"{PLACE}{cid}{PLACE}") for cid in same]


def _too_much(letter: Letter, answer: Answer, ours: Ours, known: str) -> Iterator[str]:
    for form, shown in (("text", letter.text), ("HTML", _shown(letter.html))):
        bare, may = _bare(shown), _bare(known)
        for line in dict.fromkeys((*ours.text.split("\n"), *_shown(ours.html).split("\n"), *answer.head)):
            quoted = _bare(line)
            if len(quoted) >= LEAST_QUOTED and quoted in bare and quoted not in may:
                yield f"{form}: quoted: {line.strip()!r}"
        if answer.footer and answer.footer in shown:
            yield f"{form}: footer: {answer.footer!r}"
        yield from (f"{form}: command: {word}" for word in ("#resolve", "#priority") if word in shown)
    yield from (f"HTML: {sign}…] in place of a picture" for sign in ("[cid:", "[image:") if sign in _shown(letter.html))
    yield from (f"HTML: {one} of the program" for one in WRAPPERS if one in letter.html)
    if ours.reply_to.split("@")[0] in letter.text + letter.html:
        yield "the agent's address is shown"
