"""The lines of a reply give the line where its signature begins; one rule for each kind, tried in order."""

import re
from collections.abc import Callable, Sequence

from mail.mime.text import lowered
from mail.quoting.signature.closings import closing_start, has_contact, is_card_line, is_closing, is_name
from mail.quoting.signature.footers import is_excuse, is_footer
from mail.quoting.signature.notices import MARKS, is_drawn, notice_start

# Only so many lines at the end are looked at, and no line beyond so many characters.
EXAMINED_LINES = 60
LONGEST = 500
SIGNATURE_LINES = 20
BLOCK_LINES = 8
CARD_LINES = 14
LIST_RULE = 20
DASHES = frozenset({"--", "__"})
STROKES = frozenset("-_")
MARK = "-- "

_LIST = re.compile(r"mailing list|mailman|listinfo|unsubscribe|google groups|googlegroups", re.IGNORECASE)
_DASHED_NAME = re.compile(r"\s*(?:-|--|[\u2013\u2014]\s?)[^\W\d_a-z][\w.'\u2019]*(?: [^\W\d_a-z][\w.'\u2019]*){0,2}\s*")
_ITEM = re.compile(r"\s*(?:[-*+\u2022\u00b7] ?|\d{1,3}[.)] )\S")
# Words that announce data of somebody, by how they begin: what follows was asked for, or is what the mail is about.
_ANNOUNCES = re.compile(
    r"\b(?:below|following|as follows|contact (?:is|details|data|person)|details|person to (?:call|ask)|reach|call|"
    r"address(?: is|es)?|number is|unten|folgend|kontakt|erreich|adresse|anschrift|ci-dessous|suivant|coordonnées|"
    r"joindre|"
    r"siguiente|contacto|datos|seguente|contatto|sotto|seguinte|contato|abaixo|volgende|gegevens|onder|bereik|"
    r"nedan|följande|nedenfor|følgende|alla|seuraav|poniżej|następuj|níže|následuj|alább|következő|mai jos|aşağida|"
    r"ниже|следующ|нижче)"
)


def signature_start(lines: Sequence[str]) -> int:
    """Return the line where the signature of a reply begins, at least 1; the number of lines where there is none.

    The text above it is never blank. Only the last lines are looked at, so the time does not grow with the text.
    """
    end = _filled_end(lines, len(lines))
    found = end
    while found:
        earlier = next((at for rule in RULES if (at := rule(lines, found)) is not None), None)
        earlier = _filled_end(lines, earlier) if earlier is not None else 0
        if not earlier:
            break
        found = earlier
    return found if found < end else len(lines)


def added_start(lines: Sequence[str]) -> int:
    """Return the line where what programs added at the end begins, such as footers and notices; else their number."""
    found = end = _filled_end(lines, len(lines))
    while found:
        earlier = next((at for rule in ADDED if (at := rule(lines, found)) is not None), None)
        if earlier is None:
            break
        found = _filled_end(lines, earlier)
    return found if found < end else len(lines)


def _filled_end(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _last_indexes(lines: Sequence[str], end: int, most: int) -> range:
    """Return the indexes of the last `most` lines, without index 0."""
    return range(max(1, end - most), end)


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _is_announced(lines: Sequence[str], at: int) -> bool:
    """Whether the text above a line says that data follow: with a colon, or in the words of its last sentence."""
    above = _filled_end(lines, at)
    said = lines[above - 1][-LONGEST:].strip() if above else ""
    if said.endswith((":", "\uff1a")):
        return True
    return not is_closing(said, alone=True) and _ANNOUNCES.search(lowered(said)) is not None


def _after_dashes(lines: Sequence[str], end: int) -> int | None:
    """From a line of two dashes on (RFC 3676, section 4.3); without its blank it may as well begin a list."""
    for at in _last_indexes(lines, end, SIGNATURE_LINES):
        if "--" not in lines[at] and "__" not in lines[at]:
            continue
        if lines[at][:LONGEST].strip() not in DASHES or any(map(_is_quoted, lines[at:end])):
            continue
        exact = lines[at].lstrip(" ") == MARK
        return at if exact or not _is_list(lines, at, end) else None
    return None


def _is_list(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether what stands below the dashes was announced, lists things or asks."""
    below = lines[at + 1 : end]
    items = sum(_ITEM.match(line[:LONGEST]) is not None for line in below)
    asks = any(line.rstrip().endswith("?") for line in below)
    return items > 1 or asks or _goes_on(below) or (_is_announced(lines, at) and not any(map(is_footer, below)))


def _goes_on(below: Sequence[str]) -> bool:
    """Whether a later paragraph holds a sentence, so that the dashes began no signature."""
    blank = next((at for at, line in enumerate(below) if at and not line.strip()), len(below))
    return any(line.rstrip().endswith((".", "!")) and not is_card_line(line) for line in below[blank:])


def _mobile_footer(lines: Sequence[str], end: int) -> int | None:
    """The last line that a telephone added, with an excuse or another such line below it."""
    for at in _last_indexes(lines, end, 3):
        if is_footer(lines[at]):
            below = (line for line in lines[at + 1 : end] if line.strip())
            return at if all(is_footer(line) or is_excuse(line) or _is_link(line) for line in below) else None
    return None


def _is_link(line: str) -> bool:
    return line.strip().lstrip("<(").startswith(("http://", "https://")) and " " not in line.strip()


def _list_footer(lines: Sequence[str], end: int) -> int | None:
    """The footer of a mailing list: a drawn line, and a few lines that name the list."""
    for at in _last_indexes(lines, end, BLOCK_LINES):
        if lines[at].lstrip()[:1] not in STROKES:
            continue
        drawn = lines[at][:LONGEST].strip()
        is_rule = len(drawn) >= LIST_RULE and not drawn.strip("_-")
        if is_rule and any(_LIST.search(line[:LONGEST]) for line in lines[at:end]):
            return at
    return None


def _dashed_name(lines: Sequence[str], end: int) -> int | None:
    """A name after a dash in a paragraph of its own, unless dashed lines above make it a list."""
    at = end - 1
    if at < 1 or lines[at - 1].strip() or not _DASHED_NAME.fullmatch(lines[at][:LONGEST]):
        return None
    mark = lines[at].lstrip()[0]
    above = lines[max(0, at - 4) : at]
    return None if any(line.lstrip().startswith(mark) for line in above) else at


def _below_rule(lines: Sequence[str], end: int) -> int | None:
    """A drawn line with nothing but a card under it: below a closing formula or a name, or that begins with a name."""
    for at in _last_indexes(lines, end, BLOCK_LINES):
        if lines[at][:1] not in MARKS or not is_drawn(lines[at], least=3):
            continue
        above = _filled_end(lines, at)
        signed = above > 1 and not lines[above - 2].strip() and is_name(lines[above - 1])
        card = [line for line in lines[at + 1 : end] if line.strip()]
        signed = signed or closing_start(lines, above) is not None or (_is_of_person(card) and not _is_open(lines, at))
        return at if signed and all(map(is_card_line, card)) else None
    return None


def _is_of_person(card: Sequence[str]) -> bool:
    """Whether lines begin with a name and go on with something to reach that person by."""
    return (
        len(card) > 1 and is_name(card[0].partition(",")[0]) and any(has_contact(line[:LONGEST]) for line in card[1:])
    )


def _contact_card(lines: Sequence[str], end: int) -> int | None:
    """A paragraph of short lines below a name, at least three of them with a number, an address or a web page."""
    at = end
    while at and end - at <= CARD_LINES and lines[at - 1].strip():
        at -= 1
    block = lines[at:end]
    if not 3 <= len(block) <= CARD_LINES or at < 2 or not all(map(is_card_line, block)):
        return None
    contacts = sum(has_contact(line[:LONGEST]) for line in block)
    return at if contacts >= 3 and not _is_open(lines, at) and not has_contact(block[0][:LONGEST]) else None


def _is_open(lines: Sequence[str], at: int) -> bool:
    """Whether the text above a card announces it, or ends in the middle of a sentence."""
    above = _filled_end(lines, at)
    said = lines[above - 1].strip()
    ended = (
        said.endswith((".", "!", "?", ",", "\u3002", "\uff01", ")")) or is_closing(said, alone=True) or is_name(said)
    )
    return _is_announced(lines, at) or not ended


def _notice(lines: Sequence[str], end: int) -> int | None:
    """Notices about who may read the mail, and scanners' reports; below a signature fewer signs are enough."""
    return notice_start(
        lines, end, lambda at: any(rule(lines, at) is not None for rule in RULES if rule is not _notice)
    )


RULES: tuple[Callable[[Sequence[str], int], int | None], ...] = (
    _after_dashes,
    _mobile_footer,
    _list_footer,
    _dashed_name,
    closing_start,
    _below_rule,
    _contact_card,
    _notice,
)
# Those of what no author writes.
ADDED = (_mobile_footer, _list_footer, _notice)
