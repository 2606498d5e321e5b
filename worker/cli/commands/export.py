"""`supportdesk export`: a copy of the desk, or of some tickets, as lines of JSON."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.commands.ticket import TicketNumber
from worker.cli.errors import refuse, stop
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.private_file import NEW_FILE, new_file
from worker.cli.times import Moment

if TYPE_CHECKING:
    from worker.admin.export.lines import Told
    from worker.cli.progress import Progress

# What there is one of, and what there are several of.
NAMES = {
    "person": ("person", "people"),
    "ticket": ("ticket", "tickets"),
    "archived": ("archived ticket", "archived tickets"),
    "mail": ("mail that came", "mails that came"),
    "sent": ("mail of ours", "mails of ours"),
    "file": ("file", "files"),
}
STOPPED = "Nothing is left of {}; give the command again for a whole copy."


def told_by(progress: "Progress") -> "Told":
    """What says which kind of lines a copy is at, and how far."""
    return lambda kind, done, of: progress.show(f"Copying {NAMES[kind][1]}", done, of)


def show_copy(file: Path, counts: dict[str, int]) -> None:
    """Print as JSON where a copy is, its size in bytes, and how many lines of each kind it has."""
    click.echo(json.dumps({"file": str(file), "size": file.stat().st_size, "lines": counts}))


@click.command()
@NEW_FILE
@click.option("--since", type=Moment(), metavar="TIME", help="Only tickets that changed since then, in UTC.")
@click.option(
    "--tickets", "numbers", type=TicketNumber(), multiple=True, metavar="TICKET",
    help="Only this ticket, such as SD-1042; may be given more than once.",
)  # fmt: skip
@AS_JSON
@pass_installation
def export(
    installation: Installation, file: Path, since: datetime | None, numbers: tuple[int, ...], as_json: bool
) -> None:
    """Write a copy of the desk to a new FILE, one object of JSON a line: tickets with all that was said, mails, files.

    It shows the desk at one moment, while work goes on. Only you can read FILE, which is there whole or not at all.
    """
    from models.removal.export.tickets import ExportFilter
    from worker.admin.export.desk import NoSuchTicket, export_desk
    from worker.cli.progress import Progress

    wanted = ExportFilter(sorted(set(numbers)) or None, since)
    try:
        with Progress() as progress, new_file(file) as out, installation.engine() as engine:
            counts = export_desk(engine, wanted, out, told_by(progress))
    except NoSuchTicket as reason:
        refuse(str(reason))
    except KeyboardInterrupt:
        stop(STOPPED.format(file))
    if as_json:
        show_copy(file, counts)
        return
    written = ", ".join(f"{counts[kind]} {NAMES[kind][counts[kind] != 1]}" for kind in NAMES if kind in counts)
    click.echo(f"{written or 'Nothing'}: {file.stat().st_size / 1024**2:.1f} MB are in {file}.")
