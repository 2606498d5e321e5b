"""The block of labels above a quoted or forwarded mail is recognised and read: `From: …`, `Sent: …`, `Subject: …`.

Cuts and forwards read the same labels but need different evidence: above a quote, other lines may stand between the
labels; a forward's values are read, so its block must have no gap.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mail.quoting.attribution import LONGEST, is_quoted
from mail.quoting.labels import LABELS, says_forwarded

MAX_LABEL = 40
MAX_LINE = 4_000
# Above a quote, so many lines are looked at from the first label on.
HEADER_LINES = 8
# The block of a forward must begin within so many lines, and has at most so many.
EXAMINED_LINES = 5_000
MAX_BLOCK = 40

# Characters that may stand before a label: quote marks, emphasis, a table's edge, invisible direction marks.
_IN_FRONT = " \t\xa0>|*_\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
# Of these, those that may stand before the edge of a table.
_MARKS = "> \t\xa0"
_CLOCK = re.compile(r"\d{1,2}:\d{2}\b")
_DRAWN = re.compile(r"[\s>*]{0,20}[_=\u2500-]{4,}\s*")
_DIVIDER = re.compile(r"[\s>*]{0,20}[-_=*\u2500\u2014]{3,}[^\n]{0,100}")
_ENDS_OPEN = (",", ";")


@dataclass(frozen=True, slots=True)
class Label:
    """One `label: value`; `kind` is from, to, date, subject or other; `in_table` is True after a table's edge."""

    kind: str
    value: str
    in_table: bool

    @property
    def names_address_or_time(self) -> bool:
        """Whether the value holds an at sign or a time such as 9:12."""
        return "@" in self.value or _CLOCK.search(self.value) is not None


@dataclass(frozen=True, slots=True)
class Block:
    """The lines `start` (with the mark above it) to `end` (exclusive) of a block, and a value for each kind of label.

    `marked` is True below a line that says that the mail was forwarded, `quoted` where the lines begin with `>`.
    """

    start: int
    end: int
    fields: dict[str, str]
    marked: bool
    quoted: bool


def read_label(line: str) -> Label | None:
    """Return the label at the start of a line, in any known language, with the value after its colon; else None."""
    text = line[:MAX_LINE].lstrip(_IN_FRONT)
    begin = text[: MAX_LABEL + 1]
    # NetEase's table has cells without a colon: `| From | Ann |`.
    if "|" in begin and ":" not in begin.partition("|")[0] and line.lstrip(_MARKS)[:1] == "|":
        cell, _, rest = text.partition("|")
        begin = text = f"{cell.rstrip()}:{rest.rstrip('| ')}"
    if ":" not in begin and "\uff1a" not in begin:
        return None
    label = begin.replace("\uff1a", ":").partition(":")[0]
    kind = LABELS.get(" ".join(label.strip("*_ \xa0").split()).casefold())
    if kind is None:
        return None
    value = text[len(label) + 1 :].strip().lstrip("*_ \t\xa0").rstrip("* \xa0")
    return Label(kind, value, in_table="|" in line[: line.index(label)])


def is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block such as `From: … Sent: … To: …` begins here.

    It needs three kinds of label in eight lines, and a sign that they are a mail's: a subject, an address, a time or a
    line drawn above. Two labels are enough if one is a date with a time and the other has an address.
    """
    if read_label(lines[at]) is None:
        return False
    # HTML with bold labels and no line breaks gives them all in one line.
    pieces = [piece for line in lines[at : at + HEADER_LINES] for piece in line[:LONGEST].split("** **")]
    labels = [read_label(piece) for piece in pieces]
    kinds = {label.kind for label in labels if label}
    if "from" in kinds and len(kinds) >= 3:
        # A travel plan has `From`, `To` and `Date`, too.
        is_sure = "subject" in kinds or any(label.names_address_or_time for label in labels if label)
        above = _filled_line_above(lines, at)
        is_below_rule = above is not None and _DRAWN.fullmatch(lines[above][:LONGEST]) is not None
        return is_sure or is_below_rule or lines[at].lstrip().startswith("*")
    pair = [label for label in labels[:2] if label and label.names_address_or_time]
    kinds = {label.kind for label in pair}
    return kinds in ({"date", "from"}, {"date", "to"}) and any("@" in label.value for label in pair)


def find_block(lines: Sequence[str]) -> Block | None:
    """Return the first block of a forward among the first 5,000 lines; linear in their length."""
    read = (read_label(line) for line in lines[:EXAMINED_LINES])
    # In a table, a label and its value stand in cells of their own.
    labels = [None if label and label.in_table else label for label in read]
    blocks = (_block_on_one_line(lines, at) or _block_at(lines, labels, at) for at in range(len(labels)))
    return next(filter(None, blocks), None)


def _block_at(lines: Sequence[str], labels: Sequence[Label | None], at: int) -> Block | None:
    """Return the block that begins at a line: a sender and two other labels, or one other below a forward mark."""
    if labels[at] is None:
        return None
    end, fields = _read_values(lines, labels, at)
    above = _filled_line_above(lines, at)
    marked = above is not None and _is_forward_mark(_unquoted(lines[above]))
    if "from" not in fields or len(fields) < (2 if marked else 3):
        return None
    has_divider = above is not None and (marked or _DIVIDER.fullmatch(lines[above].strip()[:MAX_LINE]))
    return Block(above if above is not None and has_divider else at, end, fields, marked, is_quoted(lines[at]))


def _read_values(lines: Sequence[str], labels: Sequence[Label | None], at: int) -> tuple[int, dict[str, str]]:
    """Return the line after the labels, and the first value of each kind."""
    fields: dict[str, str] = {}
    end, last = at, ""
    for here in range(at, min(at + MAX_BLOCK, len(labels))):
        label, text = labels[here], _unquoted(lines[here])
        if label:
            last = label.kind
            # A second sender belongs to another block, or to the mail itself.
            if last == "from" and last in fields:
                break
            fields.setdefault(last, label.value)
        elif text and end == here and _continues(fields[last], lines[here]):
            fields[last] = f"{fields[last]} {text}".strip()
        elif text:
            break
        end = here + 1 if text else end
    return end, fields


def _continues(value: str, line: str) -> bool:
    """Whether the line continues the value above: that is empty or ends with a comma, or the line is indented."""
    return not value or value.endswith(_ENDS_OPEN) or line.lstrip("> ")[:1] == "\t" or line[:2] == "  "


def _block_on_one_line(lines: Sequence[str], at: int) -> Block | None:
    """Return a block that follows its mark on the same line, as Yahoo writes it."""
    line = _unquoted(lines[at])
    if not line.startswith("---"):
        return None
    mark, dashes, rest = line.lstrip("-").partition("---")
    label = read_label(rest.lstrip("-"))
    if not (dashes and says_forwarded(mark) and label and label.kind == "from"):
        return None
    glued = list(_GLUED_LABEL.finditer(label.value))
    fields = {"from": label.value[: glued[0].start()] if glued else label.value}
    subjects = (match for match in glued if LABELS[match[1].casefold()] == "subject")
    subject = next(subjects, None) or _GLUED_SUBJECT.search(label.value)
    if subject:
        fields["subject"] = label.value[subject.end() :].strip()
    return Block(at, at + 1, fields, marked=True, quoted=is_quoted(lines[at]))


def _filled_line_above(lines: Sequence[str], at: int) -> int | None:
    """Return the index of the nearest line above that is not blank, at most five up; None where there is none."""
    return next((above for above in range(at - 1, max(-1, at - 6), -1) if _unquoted(lines[above])), None)


def _is_forward_mark(line: str) -> bool:
    """Whether the line says that a mail was forwarded, after dashes or with a colon at its end."""
    if len(line) > 120 or not says_forwarded(line):
        return False
    return line.startswith(("--", "__", "==")) or line.rstrip("* ").endswith((":", "\uff1a"))


def _unquoted(line: str) -> str:
    return line[:MAX_LINE].lstrip("> \t\xa0\u200b\u200e\u200f\ufeff").rstrip()


def _alternatives(kinds: Iterable[str]) -> str:
    labels = sorted((label for label, kind in LABELS.items() if kind in set(kinds)), key=len, reverse=True)
    return "|".join(re.escape(label.capitalize()) for label in labels)


# Labels with a capital letter only (where the script has any): on one line, labels touch the text before them.
_GLUED_LABEL = re.compile(rf"({_alternatives(LABELS.values())}|CC)\s?[:\uff1a]")
# Some translations lack the colon.
_GLUED_SUBJECT = re.compile(rf"(?<=\w)(?:{_alternatives(['subject'])})\s")
