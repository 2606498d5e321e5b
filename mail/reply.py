"""The sender's own words, told apart from what their mail program quoted below them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mail.attribution import (
    attribution_length,
    bare,
    is_forward_mark,
    is_header_block,
    is_original_mark,
    is_quoted,
)
from mail.delimiter import DELIMITER
from mail.foreign_quotes import first_foreign_header

# Lines beyond these are not looked at: they keep the side of the last line that was.
EXAMINED_LINES = 5_000
ABOVE_DELIMITER = 8
SIGNATURE_LINES = 12

_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|pd|fs|vl|转发|転送|пересл)\s*[:\uff1a]", re.IGNORECASE)
_DELIMITER = re.compile(re.escape(DELIMITER.strip("- ")), re.IGNORECASE)
_RULE = re.compile(r"[\s>*]*[_-]{20,}\s*")
_ENDING = re.compile(
    r"(?:sent from|sent with|get outlook for|von meinem|gesendet von|envoyé de|enviado desde)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The visible reply, what was removed, and how sure the cut is (0 to 1); together they hold every line."""

    reply: str
    removed: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the quoted mail begins, and how sure that is."""

    at: int
    confidence: float


def is_forward(subject: str) -> bool:
    """Whether the subject says that the mail is passed on; an answer to a forward is an answer."""
    return _FORWARD.match(subject) is not None


def visible_reply(text: str, subject: str = "") -> Reply:
    """Return the sender's own words in a plain text, in linear time.

    1. The text is cut at the first of: our delimiter, an attribution, a block of headers, quoted lines.
    2. Where the sender goes on below the quoted lines, all up to their last line stays.
    3. A signature after `-- ` is removed too.
    4. Where nothing would stay, or the mail is a forward, everything stays.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if is_forward(subject):
        return _split(lines, len(lines), len(lines), 0.5)
    cut = _first_cut(lines)
    end = _last_own(lines, cut)
    confidence = cut.confidence if end == cut.at else 0.5
    end = _before_signature(lines, end)
    if not any(line.strip() for line in lines[:end]):
        return _split(lines, len(lines), len(lines), 0.2)
    return _split(lines, end, len(lines), confidence)


def _split(lines: Sequence[str], end: int, total: int, confidence: float) -> Reply:
    return Reply(_trimmed(lines[:end]), _trimmed(lines[end:total]), confidence)


def _trimmed(lines: Sequence[str]) -> str:
    """Return the lines without blank ones at both ends."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""


def _first_cut(lines: Sequence[str]) -> Cut:
    """Find the earliest cut of all layers; the end of the text where there is none, or a forward comes before it."""
    examined = lines[:EXAMINED_LINES]
    forward = next((at for at, line in enumerate(examined) if is_forward_mark(line)), len(lines))
    cuts = [cut for layer in LAYERS if (cut := layer(examined))]
    if not cuts:
        cuts = [cut for cut in (_at_foreign_header(examined),) if cut]
    first = min(cuts, key=lambda cut: cut.at, default=Cut(len(lines), 1.0))
    return Cut(len(lines), 0.5) if forward < first.at else first


def _at_delimiter(lines: Sequence[str]) -> Cut | None:
    """At our own delimiter, or at the attribution that stands a few lines above it."""
    at = next((at for at, line in enumerate(lines) if "above this line" in line and _DELIMITER.search(line)), None)
    if at is None:
        return None
    while at and is_quoted(lines[at]) and (is_quoted(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
    above = range(max(0, at - ABOVE_DELIMITER), at)
    start = next((line for line in above if _introduces(lines, line, at)), at)
    return Cut(start, 0.95)


def _introduces(lines: Sequence[str], at: int, delimiter: int) -> bool:
    """Whether an attribution begins here and nothing but quoted or blank lines lie between it and the delimiter."""
    length = attribution_length(lines, at) or _unknown_attribution(lines, at, delimiter)
    between = lines[at + length : delimiter]
    return length > 0 and all(not line.strip() or is_quoted(line) for line in between)


def _unknown_attribution(lines: Sequence[str], at: int, delimiter: int) -> int:
    """Lines of an attribution in a language that we do not know: one paragraph with a colon at its end."""
    text = [bare(line) for line in lines[at:delimiter]]
    paragraph = next((count for count, line in enumerate(text) if not line), len(text))
    joined = " ".join(text[:paragraph])
    opens = at == 0 or not lines[at - 1].strip()
    looks = joined.endswith((":", "\uff1a")) and any(letter.isdigit() or letter == "@" for letter in joined)
    return paragraph if 0 < paragraph <= 3 and opens and looks else 0


def _at_header(lines: Sequence[str]) -> Cut | None:
    """At the first attribution, divider or block of headers."""
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if is_original_mark(line) or is_header_block(lines, at):
            return Cut(_with_rule_above(lines, at), 0.85)
        if attribution_length(lines, at):
            return Cut(at, 0.9)
    return None


def _with_rule_above(lines: Sequence[str], at: int) -> int:
    # The line that a mail program draws above a block of headers belongs to it.
    above = at - 1
    while above > 0 and not lines[above].strip() and at - above < 3:
        above -= 1
    return above if above >= 0 and _RULE.fullmatch(lines[above][:200]) else at


def _at_trailing_quote(lines: Sequence[str]) -> Cut | None:
    """At quoted lines that nothing follows."""
    start = None
    for at in range(len(lines) - 1, -1, -1):
        if is_quoted(lines[at]):
            start = at
        elif lines[at].strip():
            break
    return None if start is None else Cut(start, 0.8)


def _at_foreign_header(lines: Sequence[str]) -> Cut | None:
    """At a header that only the library knows."""
    at = first_foreign_header(lines)
    return None if at is None else Cut(at, 0.6)


LAYERS: tuple[Callable[[Sequence[str]], Cut | None], ...] = (_at_delimiter, _at_header, _at_trailing_quote)


def _last_own(lines: Sequence[str], cut: Cut) -> int:
    """Where the reply ends: at the cut, or below the sender's last line under the quoted ones."""
    quoted = next((at for at in range(cut.at, min(len(lines), cut.at + 12)) if is_quoted(lines[at])), None)
    if quoted is None:
        return cut.at
    for at in range(len(lines) - 1, quoted, -1):
        if not lines[at].strip() or is_quoted(lines[at]):
            continue
        return at + 1 if _is_own(lines, at, quoted) else cut.at
    return cut.at


def _is_own(lines: Sequence[str], last: int, quoted: int) -> bool:
    """Whether anything below the quoted lines is more than a signature or the ending of a mail program."""
    below = [at for at in range(quoted, last + 1) if lines[at].strip() and not is_quoted(lines[at])]
    first = lines[below[0]].rstrip()
    ends = first in {"--", "__"} or is_original_mark(first) or _RULE.fullmatch(first[:200]) is not None
    return not ends and not (len(below) == 1 and _ENDING.match(bare(first)))


def _before_signature(lines: Sequence[str], end: int) -> int:
    """Return the line of `-- ` among the last lines of the reply (RFC 3676, 4.3), or its end."""
    for at in range(max(1, end - SIGNATURE_LINES), end):
        if lines[at].rstrip() == "--" and any(line.strip() for line in lines[:at]):
            return at
    return end
