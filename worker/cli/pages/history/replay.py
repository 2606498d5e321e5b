"""What a replay found: rows of the table, and texts line by line."""

from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from worker.history.replay.compare import ReplayDifference, Replayed

SHOWN: Final = 60


def rows_of(one: "Replayed") -> Iterator[tuple[str, ...]]:
    """A row for each thing that differs."""
    ticket = f"SD-{one.stored.ticket}" if one.stored.ticket else ""
    for found in one.differences:
        was, would = _around_the_first_difference(found)
        yield str(one.stored.row), ticket, one.stored.sender or "", str(found.what).replace("_", " "), was, would


def diff_of(one: "Replayed") -> Iterator[str]:
    """The texts that differ, line by line."""
    for found in one.differences:
        names = f"mail {one.stored.row}, {found.what}, as stored", f"mail {one.stored.row}, {found.what}, as today"
        lines = unified_diff(found.was.splitlines(), found.would.splitlines(), *names, lineterm="", n=2)
        yield from lines


def values_of(one: "Replayed") -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "mail": one.stored.row,
        "ticket": one.stored.ticket,
        "sender": one.stored.sender,
        "ground": str(one.ground),
        "restores": one.restores,
        "differences": [
            {"what": str(found.what), "was": found.was, "would": found.would, "safe": found.safe}
            for found in one.differences
        ],
    }


def summary(counts: Counter[str]) -> str:
    """What was compared, and how many mails differ."""
    read = counts["all"] + counts["reading"]
    parts = [f"{read} mail{'' if read == 1 else 's'} read again: {counts['differ']} differ."]
    if counts["reading"]:
        parts.append(f"Of {counts['reading']} only the reading was compared, as what their decision stood on moved on.")
    if counts["no_bytes"]:
        parts.append(f"{counts['no_bytes']} have no bytes here any more, or only their headers.")
    if counts["unreadable"]:
        parts.append(f"{counts['unreadable']} could not be read.")
    return " ".join(parts)


def _around_the_first_difference(found: "ReplayDifference") -> tuple[str, str]:
    """Both texts on one line, from a little before where they part."""
    was, would = (" ".join(text.split()) for text in (found.was, found.would))
    pairs = enumerate(zip(was, would, strict=False))
    parts = next((place for place, (one, other) in pairs if one != other), min(len(was), len(would)))
    start = max(0, parts - SHOWN // 3) if max(len(was), len(would)) > SHOWN else 0
    first, second = (_shortened(text, start) for text in (was, would))
    return first, second


def _shortened(text: str, start: int) -> str:
    shown = text[start : start + SHOWN]
    return f"{'…' if start else ''}{shown}{'…' if start + SHOWN < len(text) else ''}" or "nothing"
