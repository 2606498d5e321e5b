"""`supportdesk export`: a copy of the desk, or of some tickets, as lines of JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from worker.cli.commands.ticket import TicketNumber
from worker.cli.errors import refuse, stop
from worker.cli.installation import Installation, pass_installation
from worker.cli.moments import Moment

# What there is one of, and what there are several of.
NAMES = {
    "person": ("person", "people"),
    "ticket": ("ticket", "tickets"),
    "archived": ("archived ticket", "archived tickets"),
    "mail": ("mail that came", "mails that came"),
    "sent": ("mail of ours", "mails of ours"),
    "file": ("file", "files"),
}
NEW_FILE = click.argument("file", type=click.Path(path_type=Path), metavar="FILE", help="A file that is not there yet.")
STOPPED = "Nothing is left of {}; give the command again for a whole copy."


@click.command()
@NEW_FILE
@click.option("--since", type=Moment(), help="Only tickets that changed since then, in UTC.")
@click.option(
    "--tickets", "numbers", type=TicketNumber(), multiple=True, metavar="TICKET",
    help="Only this ticket, such as SD-1042; may be given more than once.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print how many lines of each kind were written as JSON.")
@pass_installation
def export(
    installation: Installation, file: Path, since: datetime | None, numbers: tuple[int, ...], as_json: bool
) -> None:
    """Write a copy of the desk to a new FILE, one object of JSON a line: tickets with all that was said, mails, files.

    It shows the desk at one moment, while work goes on. Only you can read FILE, which is there whole or not at all.
    """
    from models.removal.export.tickets import ExportFilter
    from worker.admin.export.desk import NoSuchTicket, export_desk
    from worker.cli.how_far import HowFar
    from worker.cli.private_file import new_file

    wanted = ExportFilter(sorted(set(numbers)) or None, since.replace(tzinfo=UTC) if since else None)
    progress = HowFar()
    try:
        with new_file(file) as out, installation.engine() as engine:
            counts = export_desk(engine, wanted, out, lambda kind, done, of: progress.show(NAMES[kind][1], done, of))
    except NoSuchTicket as reason:
        refuse(str(reason))
    except KeyboardInterrupt:
        stop(STOPPED.format(file))
    progress.end()
    if as_json:
        click.echo(json.dumps({"file": str(file), "size": file.stat().st_size, "lines": counts}))
        return
    written = ", ".join(f"{counts[kind]} {NAMES[kind][counts[kind] != 1]}" for kind in NAMES if kind in counts)
    click.echo(f"{written or 'Nothing'}: {file.stat().st_size / 1024**2:.1f} MB are in {file}.")
