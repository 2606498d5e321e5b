"""The lines of a plain text give the line where the quoted mail begins, and how sure that is (0 to 1)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mail.quoting.attribution import (
    attribution_candidates,
    attribution_length,
    bare,
    has_forward_mark,
    is_quoted,
)
from mail.quoting.dividers import STROKES, is_desk_delimiter, is_drawn_line, is_original_mark, may_divide
from mail.quoting.fallback import first_foreign_header
from mail.quoting.header_block import is_header_block, read_label
from mail.quoting.labels import DELIMITERS
from mail.quoting.signature.banner import banner_end

# Lines beyond these are not looked at; they belong to the side of the last line that was.
EXAMINED_LINES = 5_000
ABOVE_DELIMITER = 10
LONGEST_RULE = 200
_EDGES = "|-: \t>*"
_DRAWN = STROKES | {"-"}
_EDGES_OF_IT = "- \t*"

_ASKED = tuple(line.strip("- ") for line in DELIMITERS.values())
_DELIMITER = re.compile("|".join(map(re.escape, _ASKED)), re.IGNORECASE)
# The last words of each, by which most lines are passed over.
_ABOVE_IT = tuple(" ".join(asked.split()[-3:]) for asked in _ASKED)
# A command before our delimiter in one line: some telephones lose the line ends of what a link of ours wrote.
_COMMAND = re.compile(r"[#\uff03][^\W\d_].{0,60}")
_RULE = re.compile(r"[\s>*]*[_=-]{4,}\s*")
_TITLE = re.compile(r"\s*-{3,}(?:[^-]|-(?!-)){4,60}-{3,}\s*")
# An attribution that the quoted text follows in its line.
_GLUED = re.compile(r"(?P<head>[^@]{10,120}@[^@\s]{1,100}?>?[^@>:]{0,30}:)(?P<gap>[ \t\xa0]{1,20})(?=\S)")
# An attribution in the same line as the last words of the reply, as broken programs write it.
_SHARED = re.compile(
    r"(?P<own>[^\W\d_].{0,300}?)(?:-{2,}\s?|\s)On (?:\w{3,9}, )?(?=[^\n]{0,60}\d)[^\n@]{4,120}@[^\n@]{1,120} wrote:\s*"
)


@dataclass(frozen=True, slots=True)
class Cut:
    """The index of the line where the quoted mail begins, how sure that is, and own words at the start of that line.

    `headed` is True below a block of headers or a divider: programs that write those set no quote marks.
    """

    at: int
    confidence: float
    shared: str = ""
    headed: bool = False


def first_cut(lines: Sequence[str]) -> Cut:
    """Return the earliest cut of all layers, else the one at a header that only the library recognises.

    Where our own delimiter stands, nothing above the head of our mail is a quote: lists, logs and pasted mails stay.
    It is at the end of the text where there is none, or where a forward begins before it.
    """
    examined = lines[:EXAMINED_LINES]
    ours = _at_delimiter(examined)
    cuts = [ours] if ours else [cut for layer in LAYERS if (cut := layer(examined))]
    if not cuts and (at := first_foreign_header(examined)) is not None:
        cuts = [Cut(at, 0.6)]
    first = min(cuts, key=lambda cut: cut.at, default=Cut(len(lines), 1.0))
    if not ours and (at := _line_of_another_desk(examined[: first.at])) is not None:
        first = Cut(_with_rule_above(examined, at), 0.85, headed=True)
    return Cut(len(lines), 0.5) if has_forward_mark(examined[: first.at + 1]) else first


def _line_of_another_desk(lines: Sequence[str]) -> int | None:
    """Return the index of another desk's delimiter, which stands alone and has own words above it."""
    is_alone = True
    for at, line in enumerate(lines):
        if not line or line.isspace():
            is_alone = True
        elif is_alone and is_desk_delimiter(line):
            return at
        else:
            is_alone = line[0] in _DRAWN and is_drawn_line(line)
    return None


def is_rule(line: str) -> bool:
    """Whether the line is only a drawn line."""
    return _RULE.fullmatch(line[:LONGEST_RULE]) is not None


def _at_delimiter(lines: Sequence[str]) -> Cut | None:
    """At our own delimiter, or at the head of our mail that stands a few lines above it."""
    # One search in all lines is faster than one in each.
    text = "\n".join(lines)
    if "\xa0" in text:
        # Some programs put blanks that do not break into what a link of ours wrote.
        text = text.replace("\xa0", " ")
        lines = text.split("\n")
    hints = [words for words in _ABOVE_IT if words in text]
    if not hints:
        return None
    ours = (at for at, line in enumerate(lines) if any(words in line for words in hints) and _DELIMITER.search(line))
    at = next(ours, None)
    if at is None:
        return None
    delimiter = at
    if command := _command_before(lines, at):
        return Cut(at, 0.95, command)
    while at and is_quoted(lines[at]) and (is_quoted(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
    above = range(max(0, at - ABOVE_DELIMITER), at)
    start = next((line for line in above if _is_attribution_of(lines, line, at)), None)
    if start is not None:
        return Cut(start, 0.95)
    heads = (line for line in (*above, *range(at, delimiter)) if _is_head_of(lines, line, delimiter))
    head = next(heads, None)
    return Cut(at, 0.95) if head is None else Cut(_with_rule_above(lines, min(at, head)), 0.95, headed=True)


def _command_before(lines: Sequence[str], at: int) -> str:
    """The command that stands before our delimiter in its line, and with which the text begins; else nothing."""
    own = _DELIMITER.split(lines[at][:LONGEST_RULE], maxsplit=1)[0].strip(_EDGES_OF_IT)
    begins = _COMMAND.fullmatch(own) is not None and not any(line.strip() for line in lines[:at])
    return own if begins else ""


def _is_head_of(lines: Sequence[str], at: int, delimiter: int) -> bool:
    """Whether a divider or block of headers begins here, with labels or a banner alone between it and the delimiter."""
    if not (is_original_mark(lines[at]) or is_header_block(lines, at)):
        return False
    below = (line for line in range(at, delimiter) if not belongs_to_head(lines[line]))
    others = [line for line in below if line == at or not _is_rest_of_label(lines, line)]
    if not others:
        return True
    # Blank lines stay: words of the sender that stand alone are no part of a banner.
    between = lines[others[0] : others[-1] + 1]
    return banner_end([*between, "", lines[delimiter]]) >= len(between)


def _is_rest_of_label(lines: Sequence[str], at: int) -> bool:
    """Whether the line continues the label above it (that ends open, or the line is indented), or is a table's edge."""
    if not lines[at].strip(_EDGES):
        return True
    return lines[at - 1].rstrip().endswith((",", ";", ":")) or lines[at][:1] in {" ", "\t"}


def _is_attribution_of(lines: Sequence[str], at: int, delimiter: int) -> bool:
    """Whether an attribution begins here, with only quoted or blank lines between it and the delimiter."""
    length = attribution_length(lines, at) or _unknown_attribution_length(lines, at, delimiter)
    between = lines[at + length : delimiter]
    return length > 0 and all(not line.strip() or is_quoted(line) for line in between)


def _unknown_attribution_length(lines: Sequence[str], at: int, delimiter: int) -> int:
    """Return the number of lines of an attribution in an unknown language: one paragraph that ends with a colon."""
    text = [bare(line) for line in lines[at:delimiter]]
    paragraph = next((count for count, line in enumerate(text) if not line), len(text))
    joined = " ".join(text[:paragraph])
    is_start = at == 0 or not lines[at - 1].strip()
    is_likely = joined.endswith((":", "\uff1a")) and any(letter.isdigit() or letter == "@" for letter in joined)
    return paragraph if 0 < paragraph <= 3 and is_start and is_likely else 0


def _at_header(lines: Sequence[str]) -> Cut | None:
    """At the first attribution, divider or block of headers."""
    may_begin = attribution_candidates(lines)
    for at, line in enumerate(lines):
        first = line[:1]
        has_colon = ":" in line or first == "|" or "\uff1a" in line
        # Most lines hold none of the characters that a label, a divider or an attribution has.
        is_drawn = "---" in line or (first in STROKES and may_divide(line))
        if not (has_colon or is_drawn or at in may_begin):
            continue
        if (is_drawn and is_original_mark(line)) or (has_colon and is_header_block(lines, at)):
            return Cut(_with_rule_above(lines, at), 0.85, headed=True)
        shared = _own_words_before(lines, at) if " wrote:" in line else ""
        if shared:
            return Cut(at, 0.7, shared)
        if at in may_begin and line.strip() and attribution_length(lines, at):
            return Cut(at, 0.9)
        if has_colon and "@" in line and _is_glued(lines, at):
            return Cut(at, 0.85, headed=True)
    return None


def _is_glued(lines: Sequence[str], at: int) -> bool:
    """Whether the quote follows its attribution in the same line, as the programs of Yahoo and AOL write it.

    Only a program leaves several blanks in between, or writes the line below its own footer; own words stand above.
    """
    match = _GLUED.match(lines[at][:LONGEST_RULE])
    if match is None or not any(line.strip() for line in lines[:at]):
        return False
    is_wide = match["gap"] != " " or lines[at].startswith("  ")
    is_below_footer = any("Yahoo" in line or "AOL" in line for line in lines[max(0, at - 4) : at])
    return (is_wide or is_below_footer) and attribution_length([match["head"].strip()], 0) == 1


def _own_words_before(lines: Sequence[str], at: int) -> str:
    """Return the own words before an attribution in the same line if a quote begins right below, else nothing."""
    if at + 1 >= len(lines) or not is_quoted(lines[at + 1]) or is_quoted(lines[at]) or len(lines[at]) > 500:
        return ""
    match = _SHARED.fullmatch(lines[at])
    return match["own"] if match else ""


def _with_rule_above(lines: Sequence[str], at: int) -> int:
    # The line or title that a mail program draws above a block of headers belongs to it.
    above = at - 1
    while above > 0 and not lines[above].strip() and at - above < 3:
        above -= 1
    return above if above >= 0 and _is_drawn(lines[above]) else at


def belongs_to_head(line: str) -> bool:
    """Whether the line may stand between a cut and the quoted text: it is blank, a label or a divider."""
    return not line.strip() or read_label(line) is not None or is_original_mark(line) or _is_drawn(line)


def _is_drawn(line: str) -> bool:
    return is_drawn_line(line) or line.strip() == "---" or _TITLE.fullmatch(line[:LONGEST_RULE]) is not None


def _at_trailing_quote(lines: Sequence[str]) -> Cut | None:
    """At quoted lines that nothing follows."""
    start = None
    for at in range(len(lines) - 1, -1, -1):
        if is_quoted(lines[at]):
            start = at
        elif lines[at].strip():
            break
    return None if start is None else Cut(start, 0.8)


LAYERS: tuple[Callable[[Sequence[str]], Cut | None], ...] = (_at_header, _at_trailing_quote)
