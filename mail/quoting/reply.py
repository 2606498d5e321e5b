"""A plain text is split into the sender's own words, the quoted mail, and the signature."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mail.mime.text import with_lf
from mail.quoting.attribution import attribution_length, bare, is_quoted
from mail.quoting.cuts import Cut, belongs_to_head, first_cut, is_rule
from mail.quoting.dividers import is_original_mark
from mail.quoting.labels import announces_answers, is_forward_subject
from mail.quoting.ours.words import with_plain_marks
from mail.quoting.signature.banner import banner_end
from mail.quoting.signature.footers import is_footer
from mail.quoting.signature.start import signature_start

QUOTE_WITHIN = 12
WRAPPED = 60
# A program that breaks the lines of a quote leaves so many words without a quote mark.
FEW_WORDS = 3
# An attribution has at most so many lines, with the blank ones below it.
ATTRIBUTION_LINES = 8
# An attribution is looked for above so many blocks of lines with initials.
MARKED_BLOCKS = 100
SENTENCE_ENDS = (".", "?", "!", ":", "\u3002", "\uff1f")
# The confidence of a cut where own words stand below the quote, and where nothing would stay.
BELOW, NOTHING = 0.5, 0.2

# A link, or the rest of one, that a program wrapped to a line of its own among quoted ones.
_LINK = re.compile(r"[(<]https?://\S+[)>]\s*>?")
_OPENS = re.compile(r"[(<]\w+:[^\s()<>]*$")
_INITIALS = re.compile(r"\s{0,8}[A-Za-z]{1,4}>")
_CLOSES = re.compile(r"\S+[)>]")


@dataclass(frozen=True, slots=True)
class Reply:
    """The visible reply, the removed text, how sure the cut is (0 to 1), and the signature at the end of the reply.

    Reply, signature and removed text together hold every line.
    """

    reply: str
    removed: str
    confidence: float
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """The line ranges of the sender's own words; the second is empty unless a quote stands in between."""

    first: range
    second: range
    confidence: float


def visible_reply(text: str, subject: str = "") -> Reply:
    """Return the sender's own words in a plain text, in linear time.

    1. The text is cut at the first of: our delimiter, an attribution, a block of headers, quoted lines.
    2. Where the sender goes on below one quote, only the quote is removed; where answers stand between quoted lines,
       everything up to the last answer stays.
    3. The end of the reply becomes the signature: dashes, a telephone's footer, closing formulas, disclaimers; and so
       does the banner of a gateway above it.
    4. Where nothing would stay, the mail is a forward, or the sender says that answers stand inside a quote without
       marks, everything stays.
    """
    lines = with_lf(text).split("\n")
    if is_forward_subject(subject):
        return Reply(_trimmed(lines), "", BELOW)
    banner = banner_end(lines)
    lines, banner_lines = (lines[banner:], lines[:banner]) if banner else (lines, [])
    marked = _with_marks(lines) if ">" in text else lines
    cut = first_cut(marked)
    if cut.shared:
        # The line that holds both own words and the attribution stays whole in the removed text.
        own_words = _trimmed([*lines[: cut.at], cut.shared])
        return Reply(own_words, _trimmed(lines[cut.at :]), cut.confidence, _trimmed(banner_lines))
    own = _own_lines(marked, cut)
    kept = lines[: own.first.stop]
    if own.second:
        kept += lines[own.second.start : own.second.stop]
    if all(map(_is_blank, kept)) or _may_stand_inside(kept, marked[own.first.stop :]):
        return Reply(_trimmed(lines), "", NOTHING, _trimmed(banner_lines))
    if cut.headed and cut.at < len(lines) and announces_answers("\n".join(kept)):
        # Below a head of labels nothing marks which lines are answers.
        return Reply(_trimmed(lines), "", BELOW, _trimmed(banner_lines))
    end = signature_start(kept)
    removed = lines[own.first.stop :]
    if own.second:
        removed = [*lines[own.first.stop : own.second.start], *lines[own.second.stop :]]
    signature = _trimmed([*banner_lines, *kept[end:]])
    return Reply(_trimmed(kept[:end]), _trimmed(removed), own.confidence, signature)


def is_only_quote(reply: Reply) -> bool:
    """Whether a text of which everything stays is a quote and nothing else, beyond doubt.

    It has at most an attribution or a head of labels above lines that all have a quote mark: below one without marks,
    the sender may go on.
    """
    if reply.confidence != NOTHING:
        return False
    lines = _with_marks(reply.reply.split("\n"))
    cut = first_cut(lines)
    if cut.at or cut.shared:
        return False
    below = lines[attribution_length(lines, 0) :]
    is_free = belongs_to_head if cut.headed else _is_blank
    return any(map(is_quoted, below)) and all(is_free(line) or is_quoted(line) for line in below)


def _trimmed(lines: Sequence[str]) -> str:
    """Return the lines without blank ones at both ends."""
    start, end = 0, len(lines)
    while start < end and _is_blank(lines[start]):
        start += 1
    while start < end and _is_blank(lines[end - 1]):
        end -= 1
    return "\n".join(lines[start:end])


def _is_blank(line: str) -> bool:
    return not line or line.isspace()


def _may_stand_inside(kept: Sequence[str], below: Sequence[str]) -> bool:
    """Whether only a program's footer or a drawn line stands above a quote without marks: answers may be in it.

    What was quoted in the mail that is answered may have marks at its end.
    """
    if any(line.strip(" \t-_*=") and not is_footer(line) for line in kept):
        return False
    quote = below[attribution_length(below, 0) :]
    return not is_quoted(next((line for line in quote if is_quoted(line) or not belongs_to_head(line)), ""))


def _with_marks(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines with plain quote marks in place of those with initials, as in `NS> `, below an attribution.

    Elsewhere they may be the prompts of a program: no attribution begins in what it wrote.
    """
    plain = with_plain_marks(lines)
    changed = [at for at, line in enumerate(lines) if line is not plain[at]]
    starts = [at for before, at in pairwise([-1, *changed]) if before < at - 1]
    for at in starts[:MARKED_BLOCKS]:
        if _is_below_attribution(plain, at):
            return [*lines[:at], *plain[at:]]
    if not changed:
        return lines
    return ["." if line is not plain[at] and line.rstrip().endswith(":") else line for at, line in enumerate(lines)]


def _is_below_attribution(lines: Sequence[str], at: int) -> bool:
    """Whether an attribution ends above this line, with nothing but blank lines in between."""
    starts = range(max(0, at - ATTRIBUTION_LINES), at)
    lengths = ((start, length) for start in starts if (length := attribution_length(lines, start)))
    return any(start + length <= at and all(map(_is_blank, lines[start + length : at])) for start, length in lengths)


def _own_lines(lines: Sequence[str], cut: Cut) -> Own:
    """Return the lines above the cut, and those below the quote where the sender goes on there."""
    last = _end_of_own_lines(lines, cut)
    if last is None:
        return Own(range(cut.at), range(0), cut.confidence)
    quoted = _end_of_only_quote(lines, cut.at, last)
    if quoted is None:
        return Own(range(last), range(0), BELOW)
    return Own(range(cut.at), range(quoted, last), BELOW)


def _end_of_only_quote(lines: Sequence[str], start: int, end: int) -> int | None:
    """Return the line after the only quote from `start` to `end`; None for several, or one without attribution."""
    length = attribution_length(lines, start)
    if not length:
        return None
    marks = [at for at in range(start + length, len(lines)) if is_quoted(lines[at])]
    if not marks:
        return None
    between = (at for at in range(start + length, marks[-1]) if not is_quoted(lines[at]))
    is_only_one = all(_is_of_quote(lines[at]) or _is_within_sentence(lines, at) for at in between)
    return marks[-1] + 1 if marks[-1] < end and is_only_one else None


def _is_of_quote(line: str) -> bool:
    """Whether a line without a quote mark is blank, says that words were left out, or has initials as its mark."""
    return line.strip("[]<>()\u2026. \t\r\xa0").lower() in {"", "snip"} or _INITIALS.match(line) is not None


def _is_within_sentence(lines: Sequence[str], at: int) -> bool:
    """Whether the few words are the rest of a quoted line whose sentence goes on below: nobody answers within one."""
    line, below = lines[at].strip(), next(iter(lines[at + 1 : at + 2]), "")
    goes_on = is_quoted(below) and bare(below)[:1].islower() and not line.endswith(SENTENCE_ENDS)
    return goes_on and len(line.split()) <= FEW_WORDS and _is_wrapped(lines, at)


def _end_of_own_lines(lines: Sequence[str], cut: Cut) -> int | None:
    """Return the line after the sender's last one below the quote; None where the sender wrote nothing there."""
    if cut.at >= len(lines):
        return None
    start = cut.at + attribution_length(lines, cut.at)
    near = range(start, min(len(lines), start + QUOTE_WITHIN))
    quoted = next((at for at in near if is_quoted(lines[at])), None)
    if quoted is None or (cut.headed and not all(map(belongs_to_head, lines[cut.at : quoted]))):
        return None
    last = next(at for at in range(len(lines) - 1, -1, -1) if is_quoted(lines[at]))
    own = [at for at in range(last + 1, len(lines)) if _is_own(lines, at)]
    ending = next((count for count, at in enumerate(own) if _is_ending(lines[at])), len(own))
    if ending:
        return own[ending - 1] + 1
    # Nothing but a signature stands below the quote; answers may stand within it.
    return next((at + 1 for at in range(last, quoted, -1) if _is_own(lines, at)), None)


def _is_own(lines: Sequence[str], at: int) -> bool:
    """Whether the line is a sender's: neither blank nor of a quote."""
    line = lines[at]
    return not _is_blank(line) and not is_quoted(line) and not _is_wrapped(lines, at)


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    """Whether the line is the rest of the quoted one above, which a program wrapped without a quote mark."""
    above, line = lines[at - 1].rstrip() if at else "", lines[at].strip()
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if not is_quoted(above) or (below.strip() and not is_quoted(below)):
        return False
    if is_quoted(below) and (_LINK.fullmatch(line[:500]) or (_CLOSES.fullmatch(line[:500]) and _OPENS.search(above))):
        return True
    is_long = len(above) >= WRAPPED and not above.endswith(SENTENCE_ENDS)
    return is_long and line[:1].islower()


def _is_ending(line: str) -> bool:
    """Whether the signature of the mail begins with the line, where no quote follows."""
    return line.strip() in {"--", "__"} or is_original_mark(line) or is_rule(line) or is_footer(line)
