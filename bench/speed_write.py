"""The figures in a Markdown file: each section has a marked block, and the prose around it stays."""

import os
from collections.abc import Iterable
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def machine() -> str:
    """What the figures were measured on, as far as the kernel tells."""
    told = [line.partition(":")[2].strip() for line in _lines(CPUINFO) if line.startswith("model name")]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} CPUs ({told[0] if told else 'unknown'}), {gigabytes:.0f} GB"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def blocks(file: Path, sections: Iterable[str]) -> None:
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
    """What stands before and after the figures of a section."""
    return f"<!-- figures: {section} -->", f"<!-- end: {section} -->"
