"""The block of labels that stands above a mail that was passed on: who wrote it, and about what."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mail.attribution import attribution_length
from mail.forward_labels import LABELS, says_forwarded

EXAMINED_LINES = 5_000
MAX_LINE = 4_000
MAX_BLOCK = 40
MAX_LABEL = 40

# The kind of a label and the value behind it.
Label = tuple[str, str]

_QUOTED = re.compile(r"[ \t]{0,20}>[ \t]?")
_RULE = re.compile(r"[\s>*]{0,20}[-_=*\u2500\u2014]{3,}[^\n]{0,100}")
_LABEL = re.compile(rf"[*_\s]{{0,10}}([^:\uff1a\n]{{1,{MAX_LABEL}}}?)[*_\s]{{0,10}}[:\uff1a][*_\s]{{0,20}}")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?: ?[AP]M\b)?[, ]|\b\d{4}\b[, ]", re.IGNORECASE)
# Words that some languages put between the time and the name: wrote, has, the user.
_BEFORE_NAMES = re.compile(r"(?:skrev|schreef|heeft|schrieb|użytkownik|uživatel|používateľ|escribió|escreveu)\s+")
_AROUND_NAMES = " \t,;:\"'\u00ab\u00bb\u201c\u201d\u201e\xa0"
_ENDS_OPEN = (",", ";")


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block begins with its mark and where it ends, and the value of each label; `quoted` behind `>`."""

    start: int
    end: int
    fields: dict[str, str]
    marked: bool
    quoted: bool


def find_block(lines: Sequence[str]) -> Block | None:
    """Return the first block of labels among the first 5,000 lines; linear in their length."""
    labels = [_label(line) for line in lines[:EXAMINED_LINES]]
    for at in range(len(labels)):
        block = _one_line(lines, at) or _block(lines, labels, at)
        if block:
            return block
    return None


def find_attribution(lines: Sequence[str]) -> Block | None:
    """Return the first line that says who wrote what follows, as Outlook for Mac puts it above a forward."""
    for at in range(min(len(lines), EXAMINED_LINES)):
        length = attribution_length(lines, at)
        joined = " ".join(bare(line) for line in lines[at : at + length])
        if "@" in joined:
            return Block(
                at, at + length, {"from": _writer(joined)}, marked=False, quoted=_QUOTED.match(lines[at]) is not None
            )
    return None


def _writer(attribution: str) -> str:
    """Return the name and the address out of an attribution; the date and the time stand before the name."""
    before, bracket, after = attribution.partition("<")
    times = list(_TIME.finditer(before))
    name = before[times[-1].end() :] if times else before
    name = _BEFORE_NAMES.sub("", name.strip(_AROUND_NAMES)).strip(_AROUND_NAMES)
    return f"{name} {bracket}{after}".strip()


def bare(line: str) -> str:
    """Return a line without its quote marks and the white space around it."""
    return line[:MAX_LINE].lstrip("> \t\xa0\u200b\u200e\u200f\ufeff").rstrip()


def _label(line: str) -> Label | None:
    """Return the kind of label with which a line begins, and the value after it."""
    text = bare(line)
    match = _LABEL.match(text)
    kind = LABELS.get(" ".join(match[1].split()).casefold()) if match else None
    return (kind, text[match.end() :].strip("* \xa0")) if match and kind else None


def _block(lines: Sequence[str], labels: Sequence[Label | None], at: int) -> Block | None:
    """Return the block that begins at a line: its mark above it and at least two labels beside the sender's."""
    if labels[at] is None:
        return None
    end, fields = _fields(lines, labels, at)
    start, marked = _mark(lines, at)
    if "from" not in fields or len(fields) < (2 if marked else 3):
        return None
    return Block(start, end, fields, marked, _QUOTED.match(lines[at]) is not None)


def _fields(lines: Sequence[str], labels: Sequence[Label | None], at: int) -> tuple[int, dict[str, str]]:
    """Return where the labels end, and what the first of each kind says."""
    fields: dict[str, str] = {}
    end, last = at, ""
    for here in range(at, min(at + MAX_BLOCK, len(labels))):
        found, text = labels[here], bare(lines[here])
        if found:
            last, value = found
            # A second sender is the label of another block, or a line of the mail itself.
            if last == "from" and last in fields:
                break
            fields.setdefault(last, value)
        elif text and last and _goes_on(fields[last], lines[here], is_next=end == here):
            fields[last] = f"{fields[last]} {text}".strip()
        elif text:
            break
        end = here + 1 if text else end
    return end, fields


def _goes_on(value: str, line: str, *, is_next: bool) -> bool:
    """Whether a line goes on with the value above it: that has none yet, ends open, or the line is folded."""
    return is_next and (not value or value.endswith(_ENDS_OPEN) or line.lstrip("> ")[:1] == "\t" or line[:2] == "  ")


def _mark(lines: Sequence[str], at: int) -> tuple[int, bool]:
    """Return where the divider above a block begins, and whether it says that the mail was passed on."""
    above = next((line for line in range(at - 1, max(-1, at - 6), -1) if bare(lines[line])), -1)
    if above < 0:
        return at, False
    if _is_mark(bare(lines[above])):
        return above, True
    return (above, False) if _RULE.fullmatch(lines[above].strip()[:MAX_LINE]) else (at, False)


def _is_mark(line: str) -> bool:
    """Whether a line says that a mail was passed on, between dashes or with a colon at its end."""
    if len(line) > 120 or not says_forwarded(line):
        return False
    return line.startswith(("--", "__", "==")) or line.rstrip("* ").endswith((":", "\uff1a"))


def _one_line(lines: Sequence[str], at: int) -> Block | None:
    """Return a block that is written behind its mark on one line, as Yahoo does."""
    line = bare(lines[at])
    if not line.startswith("---"):
        return None
    mark, dashes, rest = line.lstrip("-").partition("---")
    found = _label(rest.lstrip("-"))
    if not (dashes and says_forwarded(mark) and found and found[0] == "from"):
        return None
    return Block(at, at + 1, dict(_run(found[1])), marked=True, quoted=_QUOTED.match(lines[at]) is not None)


def _run(text: str) -> Iterator[tuple[str, str]]:
    """Give the sender before the first label, and the subject behind the last label of that kind."""
    found = list(_INNER.finditer(text))
    subject = next((match for match in found if LABELS[match[1].casefold()] == "subject"), None) or _GLUED.search(text)
    yield "from", text[: found[0].start()] if found else text
    if subject:
        yield "subject", text[subject.end() :].strip()


def _alternatives(kinds: Iterable[str]) -> str:
    labels = sorted((label for label, kind in LABELS.items() if kind in set(kinds)), key=len, reverse=True)
    return "|".join(re.escape(label.capitalize()) for label in labels)


# Only labels with a capital letter, or in a script without: the labels touch what stands before them.
_INNER = re.compile(rf"({_alternatives(LABELS.values())}|CC)\s?[:\uff1a]")
# Some translations lack the colon.
_GLUED = re.compile(rf"(?<=\w)(?:{_alternatives(['subject'])})\s")
