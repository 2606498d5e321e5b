"""Figures as Markdown, for a terminal and for docs/performance.md."""

from collections.abc import Iterable, Iterator, Sequence

from bench.speed_meter import Memory

Row = Sequence[object]
MOST_WRONG = 10


def table(head: Row, rows: Iterable[Row]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(_shown(cell) for cell in line)} |" for line in lines)


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}" if abs(cell) < 10 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def wrongs(mails: int, wrong: Sequence[str]) -> Iterator[str]:
    """Whether every mail became what it should."""
    if not wrong:
        yield "The mail became what it should." if mails == 1 else f"Each of the {mails:,} mails became what it should."
        return
    yield "\n".join([f"**{len(wrong)} of {mails:,} mails did not become what they should:**", "", *wrong[:MOST_WRONG]])


def memories(found: Sequence[Memory]) -> str:
    """The memory of each process."""
    return table(
        ("process", "peak MB", "MB at the end"), [(one.name, round(one.peak), round(one.now)) for one in found]
    )
