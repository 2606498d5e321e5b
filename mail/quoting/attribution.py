"""Attributions (`On … Ann wrote:`), dividers and forward marks are recognised in lines of text, in many languages."""

import re
from collections.abc import Iterator, Sequence

from mail.mime.text import lowered
from mail.quoting.labels import says_forwarded

LONGEST = 400
LONGEST_MARK = 120
FOLDED = 4

_LEADS = (
    r"on|am|le|el|il|em|no dia|op|den|dne|dnia|w dniu|wiadomość|pada|på|kl|tarihinde|ngày|la data|dňa|dana|vào|"
    r"în data|în|pe|na|a\(z\)|στις|в|от|на|ב-|في|在|ในวันที่|"
    r"sunday|monday|tuesday|wednesday|thursday|friday|saturday"
)
_VERBS = (
    "wrote",
    "writes",
    "said",
    "schrieb",
    "écrit",
    "ecrit",
    "escribió",
    "escribio",
    "ha scritto",
    "scrive",
    "escreveu",
    "schreef",
    "napsal",
    "napsala",
    "napísal",
    "pisze",
    "napisał",
    "skrev",
    "kirjoitti",
    "yazd\u0131",
    "написал",
    "написала",
    "пишет",
    "a scris",
    "írta",
    "έγραψε",
    "viết",
    "写道",
    "寫道",
    "のメール",
    "のメッセージ",
    "escribieron",
    "schrieben",
    "ont écrit",
    "escreveram",
    "さんは書きました",
    "님이 작성",
    "menulis",
    "geschreven",
    "escrit",
    "작성",
    "作成",
    "napisana przez",
    "napisao",
    "napisal",
    "ha escrit",
    "missatge de",
    "rakstīja",
    "написав",
    "пише",
    "написао",
    "напісаў",
    "het volgende",
    "scrisse",
    "escriure",
    "va escriure",
    "napisała",
    "kirjutas",
    "rašė",
    "je napisao",
    "написа",
    "כתב",
    "كتب",
    "เขียน",
)
_VERB_ENDS = frozenset(verb[-2:] for verb in _VERBS)
_LEAD = re.compile(rf"[\"'*_\s]*(?:{_LEADS})\b")
# A time, a year or a date. The first digit stands before the alternatives, so that the engine tries only at digits.
_TIME = re.compile(r"\d(?:年|\d?[./-]\d{1,2}[./-]\d{2,4}|(?<!\w\d)(?:\d?[:.h]\d{2}|(?:(?<=1)9|(?<=2)0)\d\d\b))")

# A sentence of the sender that mentions who wrote something; with a quote below, it is an attribution.
_SAYING = re.compile(
    r"\b(?:I|you|we|they|ich|wir|ik) wrote:|\b(?:I|you|we) (?:said|writes?):|schrieb (?:ich|ihr|sie|wir)\b"
)
_STAMPED = re.compile(
    r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}[.,]{0,2} (?:(?:um|at|à|o|a las|alle|kl\.?|в|오전|오후) )?\d{1,2}[:.]\d{2}\b"
)
# `Ann <a@x.example> wrote:`, without a date.
_SIGNED = re.compile(r"[^<>:]{1,80}<[^<>\s]{1,200}@[^<>\s]{1,200}> ?[^<>:\d]{1,30}:$")
# `2 Nov 2026, 09:12 by a@x.example:`, of Tutanota.
_STAMPED_BY = re.compile(
    r"\d{1,2}[ .]\S{2,12} \d{4},? (?:\S{1,4} )?\d{1,2}[:.]\d{2},? [^\W\d]{1,8} [^\s@]{1,64}@[^\s@]{1,255}:"
)
_DATED = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b")

_WRAPPED = ("<", "[mailto:")
_BEGINNINGS = "inizio|début du|inicio del|início da|początek|начало|начата|början på|start på"
_PASSED_ON = (
    "begin forwarded message|messaggio inoltrato|przekazywanej wiadomości|переадресованного сообщения|"
    "begin doorgestuurd bericht|forwarded message|forwarded by|weitergeleitete nachricht|"
    "anfang der weitergeleiteten|message transféré|message transmis|mensaje reenviado|messaggio inoltrato|"
    "mensagem encaminhada|doorgestuurd bericht|videresendt|vidarebefordrat|переадресованное|пересылаемое|"
    "転送されたメッセージ|转发的邮件|wiadomość przekazana|přeposlaná zpráva"
)
_FORWARDED = re.compile(rf"[-_=\s*]{{0,80}}(?:(?:{_BEGINNINGS}) )?(?:{_PASSED_ON})", re.IGNORECASE)
# The first three letters of such a mark, by which most lines are ruled out.
_STARTS = frozenset(words[:3] for words in (*_BEGINNINGS.split("|"), *_PASSED_ON.split("|")))
# Characters that may stand before it.
_DRAWN = "-_=*" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_COLONS = (":", "\uff1a")
# An attribution ends at most so many lines below its first, and a quote begins at most so many below its end.
_REACH, _QUOTE_WITHIN = 2 * FOLDED - 3, 3


def is_quoted(line: str) -> bool:
    """Whether the line begins with the quote mark `>`."""
    return ">" in line and line.lstrip()[:1] == ">"


def bare(line: str) -> str:
    """Return the line without quote marks, emphasis and white space at its ends."""
    return line[: LONGEST + 100].strip(" \t\xa0>|*_\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff")


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
    # A line that begins with a letter can only be a mark if its first three letters are.
    return any(
        is_forward_mark(line) for line in lines if line and (line[:3].lower() in _STARTS or not line[0].isalnum())
    )


def attribution_candidates(lines: Sequence[str]) -> set[int]:
    """Return the indexes of the lines where an attribution may begin: a quick test before `attribution_length`.

    An attribution ends with a colon, stands above a quote, or holds an address and ends with a verb.
    """
    found: set[int] = set()
    has_address = any("@" in line for line in lines)
    for at, line in enumerate(lines):
        has_mark = ">" in line or ":" in line or "\uff1a" in line
        if (has_mark or (has_address and line)) and _may_end_attribution(line):
            found.update(range(max(0, at - _REACH - _QUOTE_WITHIN), at + 1))
    return found


def _may_end_attribution(line: str) -> bool:
    if is_quoted(line):
        return True
    text = bare(line).rstrip()
    # This test of two letters is faster than the one of all verbs.
    return text.endswith(_COLONS) or (text[-2:] in _VERB_ENDS and text.endswith(_VERBS))


def attribution_length(lines: Sequence[str], at: int) -> int:
    """Return the number of lines of the attribution that begins at `at`, 1 to 6; 0 where none begins there."""
    first = bare(lines[at]) if at < len(lines) else ""
    if first and not _may_introduce(first):
        return 0
    joined = ""
    for count, line in _unfolded(lines, at):
        # A soft line break that was not decoded (RFC 2045, 6.7) stands within a word.
        joined = joined[:-1] + line if joined.endswith("=") else f"{joined} {line}".strip()
        if len(joined) > LONGEST or (joined != first and not _may_introduce(joined)):
            return 0
        below = (line for line in lines[at + count : at + count + 3] if line.strip())
        if _is_attribution(joined, quote_follows=is_quoted(next(below, ""))):
            return count
    return 0


def _may_introduce(text: str) -> bool:
    """Whether the text may be an attribution, or the beginning of one: it has an address, a leading word or a time."""
    return "@" in text or _has_lead(text) or _TIME.search(text) is not None


def _has_lead(text: str) -> bool:
    return _LEAD.match(lowered(text)) is not None


def _unfolded(lines: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    """Yield up to four lines that are not blank, each with its number from 1; a blank one may precede an address."""
    filled = 0
    for count, line in enumerate(lines[at : at + 2 * FOLDED - 2], 1):
        if not bare(line) and not line.strip().startswith(_WRAPPED):
            if not any(below.strip().startswith(_WRAPPED) for below in lines[at + count : at + count + 1]):
                return
            continue
        filled += 1
        yield count, bare(line)
        if filled == FOLDED:
            return


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    has_colon, has_address = text.endswith(_COLONS), "@" in text
    may_end = has_colon or has_address or quote_follows
    has_time, has_lead = may_end and _TIME.search(text) is not None, may_end and _has_lead(text)
    # Some programs write no colon: `2026/11/2 Ann <a@x.example>` above a quote, `On ... Ann <a@x> wrote`.
    is_colonless = has_address and (
        (quote_follows and _DATED.match(text) is not None) or (has_lead and text.endswith(_VERBS))
    )
    if not (has_colon or quote_follows or is_colonless) or _is_divided(text):
        return False
    lower = text.lower()
    if any(verb in lower for verb in _VERBS):
        if not quote_follows and _SAYING.search(text):
            return False
        is_signed = has_colon and _SIGNED.match(text) is not None and text[:-1].rstrip().endswith(_VERBS)
        is_dated = has_time and (has_lead or has_address or (has_colon and _STAMPED.match(text) is not None))
        return is_signed or is_dated or (has_colon and quote_follows and (has_time or has_address))
    if not has_colon:
        return is_colonless
    if _STAMPED_BY.fullmatch(text):
        return True
    return (has_time or has_address) if quote_follows else (has_time and has_address and text[-2] in ">])")


def _is_divided(text: str) -> bool:
    """Whether a divider stands between the sender's own words and others; then the line must stay."""
    before, divider, after = text.partition("---")
    return bool(divider and before.strip() and after.strip("- "))
