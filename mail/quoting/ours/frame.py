"""What a mail program writes above the mail that it quotes, known by its shape where the quote below is proven ours."""

import re
from collections.abc import Sequence

from mail.quoting.attribution import attribution_length
from mail.quoting.dividers import is_original_mark
from mail.quoting.header_block import is_header_block
from mail.quoting.ours.words import depth, letters_of, without_marks, words_of
from mail.quoting.signature.banner import banner_end

LONGEST = 400
ATTRIBUTION_LINES = 4
HEADER_LINES = 14
# How far above our words a block of headers or an attribution may stand, with a banner of a gateway in between.
REACH = 8
BANNER_LINES = 4
# Words of an attribution besides names, addresses and figures: `Am Montag, dem ... November ... um ... Uhr schrieb`.
OTHER_WORDS, FEW_WORDS = 10, 3
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w")
_DATE = re.compile(r"\d[./-]\d|\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d[年월月]")
_LABEL = re.compile(r"[*_\s]*[^\W\d_][^:\uff1a\n]{0,30}[*_\s]*[:\uff1a]")
# Where a sentence of the sender ends before an attribution in the same line; `Nov.` and `2.` end none.
_SENTENCE = re.compile(r"[^\W\d_]{3}[.!?](?=\s+[^\W\d_])|[\u3002\uff1f\uff01]|\S(?=\s{3,}\S|-{3,})")
_COLON = re.compile(r"[:\uff1a]\s+")
_TITLE = re.compile(r"[\s>|]*-{3,}[^-].{0,60}?-{3,}\s*")
_DIVIDERS = ("---", "___", "***", "===")
_DRAWN = " \t>|*_-"
_SENTENCE_ENDS = (".", "!", "?", "\u3002", "\uff1f", "\uff01")


def frame_start(lines: Sequence[str], at: int, floor: int, names: frozenset[str], *, from_start: bool) -> int:
    """Return the line, `floor` or later, where the frame above our words in line `at` begins; `at` where there is none.

    `names` are the words of the names and addresses in the mail's header. `from_start` says that our mail stands below
    from its first words on; then a banner may stand in between.
    """
    top = at
    while (start := _one_frame(lines, top, floor, names, from_start=from_start)) < top:
        top, from_start = start, False
    return top


def _one_frame(lines: Sequence[str], at: int, floor: int, names: frozenset[str], *, from_start: bool) -> int:
    end = at
    while end > floor and at - end < 3 and not words_of(lines[end - 1]):
        end -= 1
    for read in (_known, _labels, _introduction):
        start = read(lines, end, floor, names)
        if start < end:
            return start
    start = _dated(lines, end, floor) or _beyond_banner(lines, end, floor, names) if from_start else end
    is_drawn = any(lines[line].strip(" \t>|") for line in range(end, at))
    return start if start < end else end if is_drawn else at


def _known(lines: Sequence[str], end: int, floor: int, names: frozenset[str]) -> int:
    """An attribution in a known language, or a divider, that ends right above."""
    if end > floor and (is_original_mark(lines[end - 1]) or _TITLE.fullmatch(lines[end - 1][:LONGEST])):
        return end - 1
    for at in range(end - 1, max(floor, end - ATTRIBUTION_LINES - 2) - 1, -1):
        if lines[at].strip() and at + attribution_length(lines, at) == end:
            return at
    return end


def _labels(lines: Sequence[str], end: int, floor: int, names: frozenset[str]) -> int:
    """Lines that begin with labels, at least two, with an address, a date or a name of the mail among them."""
    at = end
    found, text = 0, ""
    while at > floor and end - at < HEADER_LINES and lines[at - 1].strip() and len(lines[at - 1]) < LONGEST:
        line = without_marks(lines[at - 1])
        if not _LABEL.match(line):
            # The rest of a long list of recipients or of a folded subject.
            if not (_ADDRESS.search(line) and at - 1 > floor and _LABEL.match(without_marks(lines[at - 2]))):
                break
        else:
            found += 1
        at -= 1
        text = f"{line}\n{text}"
    is_header = found >= 2 and (_ADDRESS.search(text) or (_DATE.search(text) and not names.isdisjoint(words_of(text))))
    return at if is_header else end


def _introduction(lines: Sequence[str], end: int, floor: int, names: frozenset[str]) -> int:
    """An attribution in any language: hardly more than a date, a name or an address of the mail, and a colon."""
    text = ""
    for at in range(end - 1, max(floor, end - ATTRIBUTION_LINES) - 1, -1):
        line = without_marks(lines[at]).strip()
        if not line or len(line) > LONGEST or (text and line.endswith(_SENTENCE_ENDS)):
            return end
        text = f"{line} {text}".strip()
        if is_introduction(text, names):
            return at
    return end


def _dated(lines: Sequence[str], end: int, floor: int) -> int | None:
    """An attribution without a name or address that is one only above a quote: a date, a time and `you wrote:`."""
    if end <= floor or not _DATE.search(lines[end - 1][:LONGEST]):
        return None
    return end - 1 if attribution_length([lines[end - 1], ">"], 0) else None


def is_introduction(text: str, names: frozenset[str]) -> bool:
    """Whether a text is an attribution by its shape."""
    if len(text) > LONGEST:
        return False
    text = text.rstrip(_DRAWN)
    has_colon = text.endswith((":", "\uff1a"))
    has_date = _DATE.search(text) is not None
    bare = _ADDRESS.sub(" ", text)
    words = words_of(bare)
    named = sum(word in names for word in words) + (bare != text)
    others = [word for word in words if word not in names and not word[0].isdigit()]
    weight = sum(1 if letters_of(word) > 2 or len(word) > 1 else 0.3 for word in others)
    if not named:
        return False
    if text.startswith(_DIVIDERS) and bare != text:
        return True
    if has_date:
        return weight <= (OTHER_WORDS if has_colon else FEW_WORDS)
    return has_colon and weight <= FEW_WORDS


def own_before(text: str, names: frozenset[str]) -> str | None:
    """Return the sender's words before an attribution in the same line, empty where only that stands there.

    None where the text holds no attribution.
    """
    bare = _without_banner(text[: 2 * LONGEST].rstrip(_DRAWN))
    if len(bare) > LONGEST or not text.startswith(bare):
        return None
    is_one = is_introduction(bare, names) or attribution_length([bare], 0) > 0
    if bare.startswith(_DIVIDERS):
        return "" if is_one else None
    for end in reversed([found.end() for found in _SENTENCE.finditer(bare)]):
        rest = bare[end:].lstrip()
        if not rest[:1].islower() and is_introduction(rest, names) and (_DATE.search(rest) or not _DATE.search(bare)):
            return bare[:end].rstrip()
    return "" if is_one else None


def _without_banner(text: str) -> str:
    """The text without a gateway's banner behind an attribution in the same line."""
    for colon in _COLON.finditer(text):
        if banner_end([text[colon.end() :].strip(_DRAWN), "", ">"]):
            return text[: colon.end()]
    return text


def _beyond_banner(lines: Sequence[str], end: int, floor: int, names: frozenset[str]) -> int:
    """A head with a few lines of somebody else's between it and the first words of our mail."""
    filled = 0
    for at in range(end - 1, max(floor, end - REACH) - 1, -1):
        if not lines[at].strip():
            continue
        length = attribution_length(lines, at)
        if (length and depth(lines[at]) <= depth(lines[end - 1])) or is_header_block(lines, at):
            return at
        filled += 1
        if filled > BANNER_LINES:
            return end
        start = _labels(lines, at, floor, names)
        if start == at and banner_end([*map(without_marks, lines[at:end]), "", ">"]) > 0:
            start = _introduction(lines, at, floor, names)
        if start < at:
            return start
    return end
