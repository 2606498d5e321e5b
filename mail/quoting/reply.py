"""The sender's own words, told apart from what their mail program quoted below them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.mime.text import with_lf
from mail.quoting.attribution import attribution_length, is_original_mark, is_quoted
from mail.quoting.cuts import Cut, belongs_to_head, first_cut, is_rule
from mail.quoting.labels import is_forward_subject
from mail.quoting.signature import is_footer, signature_start

QUOTE_WITHIN = 12
WRAPPED = 60
# How sure a cut is where own words stand below the quote, and where nothing would stay.
BELOW, NOTHING = 0.5, 0.2

# A link, or the rest of one, that a program set on a line of its own among quoted ones.
_LINK = re.compile(r"[(<]https?://\S+[)>]\s*>?")
_OPENS = re.compile(r"[(<]\w+:[^\s()<>]*$")
_CLOSES = re.compile(r"\S+[)>]")


@dataclass(frozen=True, slots=True)
class Reply:
    """The visible reply, what was removed, how sure the cut is (0 to 1), and the signature taken off the reply's end.

    Reply, signature and what was removed together hold every line.
    """

    reply: str
    removed: str
    confidence: float
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """Which lines are the sender's own: two stretches, the second one empty but where a quote lies in between."""

    first: range
    second: range
    confidence: float


def visible_reply(text: str, subject: str = "") -> Reply:
    """Return the sender's own words in a plain text, in linear time.

    1. The text is cut at the first of: our delimiter, an attribution, a block of headers, quoted lines.
    2. Where the sender goes on below one quote, the quote alone goes; where answers stand between quoted lines,
       all up to the last answer stays.
    3. What closes the reply becomes the signature: dashes, a telephone's footer, closing formulas, disclaimers.
    4. Where nothing would stay, or the mail is a forward, everything stays.
    """
    lines = with_lf(text).split("\n")
    if is_forward_subject(subject):
        return Reply(_trimmed(lines), "", BELOW)
    cut = first_cut(lines)
    if cut.shared:
        # The line that the reply shares with the attribution is kept in what was removed, too, as it was.
        return Reply(_trimmed([*lines[: cut.at], cut.shared]), _trimmed(lines[cut.at :]), cut.confidence)
    own = _own_lines(lines, cut)
    kept = [*_within(lines, own.first), *_within(lines, own.second)]
    if all(map(_is_blank, kept)):
        return Reply(_trimmed(lines), "", NOTHING)
    end = signature_start(kept)
    removed = lines[own.first.stop :]
    if own.second:
        removed = [*lines[own.first.stop : own.second.start], *lines[own.second.stop :]]
    return Reply(_trimmed(kept[:end]), _trimmed(removed), own.confidence, _trimmed(kept[end:]))


def _within(lines: Sequence[str], stretch: range) -> Sequence[str]:
    return lines[stretch.start : stretch.stop]


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
    """Return where the only quote between the places ends; None where there are several or it has no attribution."""
    length = attribution_length(lines, start)
    marks = [at for at in range(start + length, len(lines)) if is_quoted(lines[at])]
    if not length or not marks:
        return None
    between = (lines[at] for at in range(marks[0], marks[-1]) if not is_quoted(lines[at]))
    return marks[-1] + 1 if marks[-1] < end and not any(line.strip() for line in between) else None


def _end_of_own_lines(lines: Sequence[str], cut: Cut) -> int | None:
    """Return the end of the sender's last line under the quoted ones; None where there is nothing of theirs."""
    start = cut.at + attribution_length(lines, cut.at)
    near = range(start, min(len(lines), start + QUOTE_WITHIN))
    quoted = next((at for at in near if is_quoted(lines[at])), None)
    if quoted is None or (cut.headed and not all(map(belongs_to_head, lines[cut.at : quoted]))):
        return None
    filled = (at for at in range(quoted, len(lines)) if lines[at].strip())
    below = [at for at in filled if not is_quoted(lines[at]) and not _is_wrapped(lines, at)]
    below = below[: _count_before_ending(lines, below)]
    return below[-1] + 1 if below else None


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    """Whether the line is the rest of the quoted one above, which a program broke where it was too long."""
    above, line = lines[at - 1].rstrip() if at else "", lines[at].strip()
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if not is_quoted(above) or (below.strip() and not is_quoted(below)):
        return False
    if is_quoted(below) and (_LINK.fullmatch(line[:500]) or (_CLOSES.fullmatch(line[:500]) and _OPENS.search(above))):
        return True
    is_long = len(above) >= WRAPPED and not above.endswith((".", "?", "!", ":", "\u3002", "\uff1f"))
    return is_long and line[:1].islower()


def _count_before_ending(lines: Sequence[str], below: Sequence[int]) -> int:
    """How many of the own lines below the quote come before the signature that closes the mail."""
    for count, at in enumerate(below):
        line = lines[at]
        is_ending = line.strip() in {"--", "__"} or is_original_mark(line) or is_rule(line) or is_footer(line)
        if is_ending and not any(is_quoted(lines[later]) for later in range(at, len(lines))):
            return count
    return len(below)
