"""The block of labels that mail programs write above what they quote: who wrote it, when, to whom and about what."""

import re
from collections.abc import Sequence

from mail.attribution import LONGEST, bare
from mail.forward_labels import LABELS

LONGEST_LABEL = 40
HEADER_LINES = 8

_DRAWN = re.compile(r"\s*[_=\u2500-]{4,}\s*")
_CLOCK = re.compile(r"\d{1,2}:\d{2}\b")


def is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block such as `From: … Sent: … To: …` begins here.

    It takes three kinds of label in eight lines, and a sign that they are a mail's: a subject, an address, a time or a
    line drawn above. Two are enough that leave no doubt: an address beside a date with its time.
    """
    if _label(lines[at]) is None:
        return False
    # HTML that sets labels in bold without a line break gives them all in one line.
    pieces = [piece for line in lines[at : at + HEADER_LINES] for piece in line[:LONGEST].split("** **")]
    labelled = [(kind, piece) for piece in pieces if (kind := _label(piece))]
    kinds = {kind for kind, _ in labelled}
    if "from" in kinds and len(kinds) >= 3:
        # A journey has a beginning, an end and a date, too.
        is_sure = "subject" in kinds or any(_is_of_mail(piece) for _, piece in labelled)
        return is_sure or lines[at].lstrip().startswith("*") or _is_below_rule(lines, at)
    pair = {_label(piece) for piece in pieces[:2] if _is_of_mail(piece)}
    return pair in ({"date", "from"}, {"date", "to"}) and any("@" in piece for piece in pieces[:2])


def _is_of_mail(piece: str) -> bool:
    return "@" in piece or _CLOCK.search(piece) is not None


def _is_below_rule(lines: Sequence[str], at: int) -> bool:
    return any(_DRAWN.fullmatch(line[:LONGEST]) for line in lines[max(0, at - 3) : at])


def is_label(line: str) -> bool:
    """Whether the line is one of a block of headers."""
    return _label(line) is not None


def _label(line: str) -> str | None:
    """Return the kind of label with which the line begins: from, to, date, subject or other."""
    begin = bare(line)[: LONGEST_LABEL + 1]
    if ":" not in begin and "\uff1a" not in begin:
        return None
    label = begin.replace("\uff1a", ":").partition(":")[0]
    return LABELS.get(" ".join(label.strip("*_ \xa0").split()).casefold())
