"""Attributions (`On … Ann wrote:`), dividers and forward marks are recognised in lines of text, in many languages."""

import re
from collections.abc import Iterator, Sequence

from mail.mime.text import WordTable, lowered
from mail.quoting.labels import BEGINNINGS, LEADS, PASSED_ON, PRONOUNS, VERBS, says_forwarded

LONGEST = 400
LONGEST_MARK = 120
FOLDED = 4
LONGEST_LEAD = 24
LONGEST_WITHOUT_ADDRESS = 120

_VERBS = WordTable(*VERBS)
_ENDS = (*VERBS, "---")
_VERB_ENDS = frozenset(verb[-2:] for verb in _ENDS)
_LEAD = re.compile(rf"[\"'*_\s]*(?:{LEADS})\b")
# A time, a year or a date. The first digit stands before the alternatives, so that the engine tries only at digits.
_TIME = re.compile(r"\d(?:年|\d?[./-]\d{1,2}[./-]\d{2,4}|(?<!\w\d)(?:\d?[:.h]\d{2}|(?:(?<=1)9|(?<=2)0)\d\d\b))")

_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)")
# A whole date in figures, or with the month in words, in any language.
_WHOLE_DATE = (
    r"(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4} ?[年년]|"
    r"\d{1,2}[^\W\d]{0,2}[.,]? (?:de )?[^\s\d,]{2,12},? (?:de )?\d{4}|"
    r"[^\W\d]{3,12}\.? \d{1,2}[^\W\d]{0,2},? \d{4}|\d{4}[.,]? [^\s\d]{2,12} \d{1,2}(?![\d:])|\d{4}\. \d{1,2}\. \d{1,2})"
)
_HAS_DATE = re.compile(rf"(?<!\d){_WHOLE_DATE}")
# At most one word stands before the date, as that of the week.
_BEGINS_DATED = re.compile(rf"[^\s\d]{{0,16}} ?(?<!\d){_WHOLE_DATE}")
# A line that goes on with the year or the time of the one above.
_CONTINUES = re.compile(r"(?:19|20)\d\d\b(?![-/.] ?\d)|\d{1,2}[:.]\d{2}\b(?![-/.]\d)")
_ADDRESS = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>")
_ENDS_SENTENCE = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
_MESSAGES = ("in message", "in a message", "in article")
NAME_WORDS = 5

# A sentence of the sender that mentions who wrote something; with a quote below, it is an attribution.
_SAYING = re.compile(
    r"\b(?:I|you|we|they|ich|wir|ik) wrote:|\b(?:I|you|we) (?:said|writes?):|schrieb (?:ich|ihr|sie|wir)\b"
)
_STAMPED = re.compile(
    r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}[.,]{0,2} (?:(?:um|at|à|o|a las|alle|kl\.?|в|오전|오후) )?\d{1,2}[:.]\d{2}\b"
)
# `Ann <a@x.example> wrote:`, without a date.
_SIGNED = re.compile(
    r"(?:[^<>:]{0,80}<[^<>\s]{1,200}@[^<>\s]{1,200}>|[^<>@:\s]{1,64}@[^<>@:\s]{1,200}) ?[^<>:\d]{1,30}:$"
)
# `2 Nov 2026, 09:12 by a@x.example:`, of Tutanota.
_STAMPED_BY = re.compile(
    r"\d{1,2}[ .]\S{2,12} \d{4},? (?:\S{1,4} )?\d{1,2}[:.]\d{2},? [^\W\d]{1,8} [^\s@]{1,64}@[^\s@]{1,255}:"
)
_DATED = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b")

_WRAPPED = ("<", "[mailto:")
_FORWARDED = re.compile(rf"[-_=\s*]{{0,80}}(?:(?:{BEGINNINGS}) )?(?:{PASSED_ON})", re.IGNORECASE)
# The first three letters of such a mark, by which most lines are ruled out.
_STARTS = frozenset(words[:3] for words in (*BEGINNINGS.split("|"), *PASSED_ON.split("|")))
# Characters that may stand before it.
_DRAWN = "-_=*" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_EDGES = " \t\r\xa0>|*_\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
_COLONS = (":", "\uff1a")
# An attribution ends at most so many lines below its first, and a quote begins at most so many below its end.
_REACH, _QUOTE_WITHIN = 2 * FOLDED - 3, 3


def is_quoted(line: str) -> bool:
    """Whether the line begins with the quote mark `>`."""
    return ">" in line and line.lstrip()[:1] == ">"


def bare(line: str) -> str:
    """Return the line without quote marks, emphasis and white space at its ends."""
    return line[: LONGEST + 100].strip(_EDGES)


def is_forward_mark(line: str) -> bool:
    """Whether the line is the mark above a forwarded mail; a quoted mark belongs to an earlier forward."""
    if is_quoted(line):
        return False
    text = bare(line)
    if text.startswith(("--", "__", "==")) and says_forwarded(text[:LONGEST_MARK]):
        return True
    return text.lstrip(_DRAWN)[:3].lower() in _STARTS and _FORWARDED.match(text) is not None


def has_forward_mark(lines: Sequence[str]) -> bool:
    """Whether one of the lines is the mark above a forwarded mail."""
    # A line that begins with a letter can only be a mark if its first three letters are, and most begin with a letter.
    likely = [line for line in lines if line and (line[:3].lower() in _STARTS or not line[0].isalnum())]
    return any(map(is_forward_mark, likely))


def attribution_candidates(lines: Sequence[str]) -> set[int]:
    """Return the indexes of the lines where an attribution may begin: a quick test before `attribution_length`.

    An attribution ends with a colon, stands above a quote, or holds an address and ends with a verb.
    """
    found: set[int] = set()
    done = 0
    has_address = "@" in "\n".join(lines)
    for at, line in enumerate(lines):
        may_end = (has_address and line) or ">" in line or ":" in line or "\uff1a" in line
        if may_end and _may_end_attribution(line):
            if done < at:
                found.update(range(max(done, at - _REACH - _QUOTE_WITHIN), at))
            found.add(at)
            done = at + 1
    return found


def _may_end_attribution(line: str) -> bool:
    # This test of two letters is faster than those of a quote mark and of all verbs.
    text = line.rstrip(_EDGES)
    end = text[-2:]
    if end[-1:] in _COLONS or (end in _VERB_ENDS and text.endswith(_ENDS)):
        return True
    return ">" in line and is_quoted(line)


def attribution_length(lines: Sequence[str], at: int) -> int:
    """Return the number of lines of the attribution that begins at `at`, 1 to 6; 0 where none begins there.

    It is never longer than needed: a line above what is an attribution by itself is the sender's.
    """
    first = bare(lines[at]) if at < len(lines) else ""
    if first and not (_may_introduce(first) or _is_name_of(first, next(iter(lines[at + 1 : at + 2]), ""))):
        return 0
    joined = rest = ""
    for count, line in _unfolded(lines, at):
        first = first if joined else line
        # A soft line break that was not decoded (RFC 2045, 6.7) stands within a word.
        joined = joined[:-1] + line if joined.endswith("=") else f"{joined} {line}".strip().replace("< ", "<")
        rest = f"{rest} {line}".strip() if joined != first else ""
        if len(joined) > LONGEST or (joined != first and not _may_introduce(joined)):
            return 0
        below = (line for line in lines[at + count : at + count + 3] if line.strip())
        quote_follows = is_quoted(next(below, ""))
        if _is_attribution(joined, quote_follows=quote_follows):
            is_own = rest and not _needs(first, rest) and _is_attribution(rest, quote_follows=quote_follows)
            return 0 if is_own else count
    return 0


def _is_name_of(line: str, below: str) -> bool:
    """Whether the line is the name of the address with which the next one begins, as a folded attribution has it."""
    if not (line.endswith("<") or below.lstrip("> ").startswith("<")) or line.endswith(_ENDS_SENTENCE):
        return False
    return len(line.split()) <= NAME_WORDS


def _needs(above: str, rest: str) -> bool:
    """Whether an attribution is incomplete without the line above: that has its name, its date or its first word."""
    if above.endswith(("!", "?")):
        return False
    if rest.startswith(_WRAPPED) or above.endswith(("<", "=")) or rest.lower().startswith(VERBS):
        return True
    if above.lower().startswith(_MESSAGES) or (_has_verb(above) and not _has_verb(rest)):
        return True
    has_lead = _has_lead(above)
    if has_lead and (above.endswith(",") or " " not in above) and len(above) <= LONGEST_LEAD:
        return True
    return _goes_on(rest) or ("@" not in rest and _ADDRESS.search(above) is not None) or _has_its_date(above, rest)


def _goes_on(rest: str) -> bool:
    """Whether the line goes on with what stands above: with the year, the time, or a small letter."""
    begins = _has_lead(rest) or _BEGINS_DATED.match(rest) is not None
    is_small = rest[:1].islower() and "@" not in rest.partition(" ")[0]
    is_rest = _CONTINUES.match(rest) is not None and _BEGINS_DATED.match(rest) is None
    return is_rest or (is_small and not begins)


def _has_its_date(above: str, rest: str) -> bool:
    """Whether the line above holds the date that the rest lacks, and is no sentence."""
    if _HAS_DATE.search(rest) or "@" in above or above.endswith("."):
        return False
    has_date = _HAS_DATE.search(above) is not None
    is_stamp = has_date and _CLOCK.search(above) is not None and PRONOUNS.isdisjoint(above.lower().split())
    begins = _has_lead(above) or _BEGINS_DATED.match(above) is not None
    return is_stamp or (begins and (has_date or above.endswith(",")))


def _has_verb(text: str) -> bool:
    return _VERBS.stand_in(text.lower())


def _may_introduce(text: str) -> bool:
    """Whether the text may be an attribution, or the beginning of one: it has an address, a leading word or a time."""
    if "@" in text or _has_lead(text) or _TIME.search(text) is not None:
        return True
    return text.endswith(_COLONS) and _has_verb(text)


def _has_lead(text: str) -> bool:
    return _LEAD.match(lowered(text)) is not None


def _unfolded(lines: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    """Yield up to four lines that are not blank, each with its number from 1; a blank one may precede an address."""
    filled = 0
    for count, line in enumerate(lines[at : at + 2 * FOLDED - 2], 1):
        text = bare(line)
        if not text and not line.strip().startswith(_WRAPPED):
            if not any(below.strip().startswith(_WRAPPED) for below in lines[at + count : at + count + 1]):
                return
            continue
        filled += 1
        # The end of an address is no quote mark.
        is_open = text.rfind("<") > text.rfind(">") and line.rstrip().endswith(">")
        yield count, f"{text}>" if is_open else text
        if filled == FOLDED:
            return


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    if text.startswith("---") and text.endswith("---"):
        text = f"{text.strip('-: ')}:"
    has_colon, has_address = text.endswith(_COLONS), "@" in text
    if not (has_colon or has_address or quote_follows):
        return False
    is_colonless = not has_colon and has_address and _needs_no_colon(text, quote_follows=quote_follows)
    if not (has_colon or quote_follows or is_colonless) or _is_divided(text):
        return False
    if _has_verb(text):
        return _is_saying(text, quote_follows=quote_follows)
    if not has_colon:
        return is_colonless
    if _STAMPED_BY.fullmatch(text) or _is_shaped(text):
        return True
    has_time = _TIME.search(text) is not None
    return (has_time or has_address) if quote_follows else (has_time and has_address and text[-2] in ">])")


def _needs_no_colon(text: str, *, quote_follows: bool) -> bool:
    """Whether the text is as some programs write it: `2026/11/2 Ann <a@x>` above a quote, `On ... Ann <a@x> wrote`."""
    return (quote_follows and _DATED.match(text) is not None) or (text.endswith(VERBS) and _has_lead(text))


def _is_saying(text: str, *, quote_follows: bool) -> bool:
    """Whether a text with a verb of writing is an attribution, not a sentence about one."""
    has_colon, has_address = text.endswith(_COLONS), "@" in text
    if not quote_follows and _SAYING.search(text):
        return False
    has_time, has_lead = _TIME.search(text) is not None, _has_lead(text)
    is_signed = has_colon and _SIGNED.match(text) is not None and text[:-1].rstrip().endswith(VERBS)
    is_dated = has_time and (has_lead or has_address or (has_colon and _STAMPED.match(text) is not None))
    if is_signed or is_dated or (has_colon and quote_follows and (has_time or has_address)):
        return True
    return has_colon and (_is_named(text) if quote_follows else _is_dated_by_name(text))


def _is_named(text: str) -> bool:
    """Whether the text is a name and a verb: `Support Team wrote:`, above a quote."""
    words = text.lower().rstrip(":\uff1a ").split()
    return 1 < len(words) <= NAME_WORDS and " ".join(words).endswith(VERBS) and PRONOUNS.isdisjoint(words)


def _is_dated_by_name(text: str) -> bool:
    """Whether the text is a name, a verb, and a whole date with its time: `Ann schrieb am 2.11.2026 um 17:02:`."""
    date, clock = _HAS_DATE.search(text), _CLOCK.search(text)
    if date is None or clock is None or len(text) > LONGEST_WITHOUT_ADDRESS:
        return False
    words = text.lower().split()
    behind = text[max(date.end(), clock.end()) :].split()
    before = text[: min(date.start(), clock.start())].split()
    return words[0] not in PRONOUNS and len(before) <= NAME_WORDS + 2 and len(behind) <= NAME_WORDS


def _is_shaped(text: str) -> bool:
    """Whether the text has the shape of an attribution in an unknown language: date, time, name, address, colon."""
    address = _ADDRESS.search(text) if "@" in text else None
    clock = _CLOCK.search(text, 0, address.start()) if address else None
    if address is None or clock is None:
        return False
    if not (_BEGINS_DATED.match(text) or _BEGINS_DATED.match(text.partition(" ")[2])):
        return False
    between = text[clock.end() : address.start()].split()
    small = [word for word in between if word[:1].islower() and word not in {"am", "pm", "a.m.", "p.m."}]
    behind = text[address.end() :].split()
    is_name = len(between) <= NAME_WORDS + 1 and len(small) <= 1 and PRONOUNS.isdisjoint(map(str.lower, between))
    return is_name and len(behind) <= NAME_WORDS


def _is_divided(text: str) -> bool:
    """Whether a divider stands between the sender's own words and others; then the line must stay."""
    before, divider, after = text.partition("---")
    return bool(divider and before.strip() and after.strip("- "))
