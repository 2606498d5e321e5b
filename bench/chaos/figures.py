"""The figures of a chaos run: as a table at the terminal, and in the block that its seed has on a page."""

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.speed.report import machine, table

Sections = Mapping[str, Mapping[str, object]]


def show(sections: Sections, examples: Sequence[str], failures: Sequence[str], console: Console) -> None:
    """Print the table; what is wrong goes to the error output."""
    for failure in filter(None, failures):
        console.print(f"A part of the run ended early: {failure}", markup=False)
    shown = Table(title="Chaos")
    shown.add_column("what")
    shown.add_column("count", justify="right")
    for section in sections.values():
        for name, count in section.items():
            shown.add_row(Text(name), Text(str(count)))
        shown.add_section()
    console.print(shown)
    for example in examples:
        print(example, file=sys.stderr)


def block_of(seed: int) -> str:
    """The name of the block of a seed (bench/speed/report.py)."""
    return f"chaos {seed}"


def page(sections: Sections, seed: int, minutes: float) -> str:
    """What stands in the block: when and where it was measured, and the table."""
    rows = [row for section in sections.values() for row in _rows(section)]
    when = datetime.now(UTC).date().isoformat()
    how = f'`make chaos ARGS="--minutes {minutes:g} --seed {seed}"`'
    where = f"{machine()}, CPython {platform.python_version()}"
    return f"Measured on {when} with {how}: {where}.\n\n{table(('what', 'count'), rows)}"


def _rows(section: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The figures, each in one row with its parts, whose names are indented."""
    names: list[list[str]] = []
    counts: list[object] = []
    for name, count in section.items():
        if name.startswith(" ") and names:
            names[-1].append(f"{count} {name.strip()}")
        else:
            names.append([name])
            counts.append(count)
    for (name, *parts), count in zip(names, counts, strict=True):
        yield (f"{name} ({', '.join(parts)})" if parts else name), count
