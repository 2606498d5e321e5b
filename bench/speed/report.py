"""Figures as Markdown, for a terminal and for the marked block that each section has in docs/performance.md."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.speed.meter import Memory

Row = Sequence[object]
MOST_WRONG = 10
CPUINFO = Path("/proc/cpuinfo")


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}" if abs(cell) < 10 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def verdict_lines(mails: int, wrong: Sequence[str]) -> Iterator[str]:
    """A sentence that every mail became what it should, or a list of those that did not, at most ten."""
    if not wrong:
        yield "The mail became what it should." if mails == 1 else f"Each of the {mails:,} mails became what it should."
        return
    yield "\n".join([f"**{len(wrong)} of {mails:,} mails did not become what they should:**", "", *wrong[:MOST_WRONG]])


def memory_table(usages: Sequence[Memory]) -> str:
    """The memory of each process, in megabytes."""
    rows = [(one.name, round(one.peak), round(one.now)) for one in usages]
    return table(("process", "peak MB", "MB at the end"), rows)


def machine() -> str:
    """Number and model of the CPUs, and memory in GB (10^9 bytes), as the kernel tells them."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} CPUs ({model}), {gigabytes:.0f} GB"


def require_blocks(file: Path, sections: Iterable[str]) -> None:
    """Raise ValueError where a section has no block in the file."""
    page = file.read_text(encoding="utf-8")
    for section in sections:
        begin, end = marks(section)
        if end not in page.partition(begin)[2]:
            raise ValueError(f"{file} has no block {begin} … {end}")


def write(file: Path, section: str, text: str) -> None:
    """Put a section's figures into its block of the file, which it has."""
    page = file.read_text(encoding="utf-8")
    begin, end = marks(section)
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    file.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def marks(section: str) -> tuple[str, str]:
    """The comments before and after the figures of a section."""
    return f"<!-- figures: {section} -->", f"<!-- end: {section} -->"
