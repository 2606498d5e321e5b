"""The display of a demo: a table that lives on a terminal, or a line for each mail elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from worker.demo.lines import Line, lines
from worker.demo.scene import Scene

Watch = Callable[[Scene], None]

# The heading of the table, and the prompt below it.
AROUND_THE_TABLE = 4
COLUMNS = ("time", "", "who", "subject", "what became of it")


@contextmanager
def watching(console: Console, *, live: bool) -> Iterator[Watch]:
    """Give what shows a moment of the day; the live table stays on the screen, whole, when the block ends."""
    if not live:
        yield Printer(console).show
        return
    with Live(console=console, auto_refresh=False) as display:
        latest: list[Line] = []

        def show(scene: Scene) -> None:
            latest[:] = lines(scene)
            display.update(_table(latest, console.height - AROUND_THE_TABLE), refresh=True)

        yield show
        display.update(Text(""), refresh=True)
    console.print(_table(latest, len(latest)))


def _table(shown: list[Line], height: int) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    for name, share in zip(COLUMNS, (None, None, 3, 5, 6), strict=True):
        table.add_column(Text(name), ratio=share, no_wrap=True, overflow="ellipsis")
    for line in shown[-max(height, 1) :]:
        table.add_row(*map(Text, line.cells), style=None if line.inward else "dim")
    return table


@dataclass(slots=True)
class Printer:
    """Prints each mail once, when it is known what became of it."""

    console: Console
    _printed: set[str] = field(default_factory=set)

    def show(self, scene: Scene) -> None:
        """Print what is new."""
        for line in lines(scene):
            if line.settled and line.key not in self._printed:
                self._printed.add(line.key)
                self.console.print(Text("  ".join(line.cells)), soft_wrap=True)

    def skip(self, scene: Scene) -> None:
        """Take what is there already as printed."""
        self._printed |= {line.key for line in lines(scene) if line.settled}
