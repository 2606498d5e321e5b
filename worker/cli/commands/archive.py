"""`supportdesk archive`: old tickets put away, looked for, and brought back."""

from functools import partial
from typing import TYPE_CHECKING

import rich_click as click

from desk.ticket import Status
from worker.cli.commands.ticket import BEFORE, MOST, TICKET
from worker.cli.errors import refuse, stop
from worker.cli.installation import AS_JSON, DRY_RUN, Installation, pass_installation
from worker.cli.paging import say_next
from worker.cli.times import Age

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from models.removal.archive.choose import OldEnough
    from models.removal.archive.listing import ListedArchived


@click.group()
def archive() -> None:
    """Put old tickets away, where they need less room, and bring them back."""


@archive.command()
@click.option(
    "--older-than", type=Age(), required=True, metavar="AGE",
    help="Tickets that nobody has changed for so long: 2y, 18m or 90d.",
)  # fmt: skip
@click.option("--resolved", is_flag=True, help="Resolved tickets too, not closed ones alone.")
@DRY_RUN
@AS_JSON
@pass_installation
def run(installation: Installation, older_than: int, resolved: bool, dry_run: bool, as_json: bool) -> None:
    """Archive closed tickets that nobody has changed for long, with their comments, notes and mails.

    Stop it whenever you like: each ticket is whole in one place, and the same command goes on.
    """
    from worker.admin.archive import ArchiveRun, CannotArchive, archive_old, look_for_old
    from worker.cli.pages.archive import sentence_of, so_far
    from worker.cli.progress import Progress
    from worker.runtime.terminal import show_json

    progress = Progress()
    try:
        with progress, installation.engine() as engine:
            wish = _wish(engine, older_than, resolved=resolved)
            if dry_run:
                old = look_for_old(engine, wish)
                done = ArchiveRun(old.idle, old.old - old.idle, wish.before, dry=True)
            else:
                done = archive_old(engine, wish, partial(progress.show, "Tickets archived"))
    except KeyboardInterrupt:
        stop(f"{so_far(progress.done)} Each ticket is whole in one place; the same command goes on.")
    except CannotArchive as reason:
        refuse(str(reason))
    except BaseException:
        if progress.done:
            click.echo(f"{so_far(progress.done)} The same command goes on.", err=True)
        raise
    if as_json:
        show_json([done])
    else:
        click.echo(sentence_of(done))


def _wish(engine: "Engine", days: int, *, resolved: bool) -> "OldEnough":
    from datetime import timedelta

    from models.db.clock import read_now
    from models.removal.archive.choose import OldEnough
    from worker.runtime.transaction import transaction

    with transaction(engine) as session:
        before = read_now(session) - timedelta(days=days)
    return OldEnough(before, (Status.CLOSED, Status.RESOLVED) if resolved else (Status.CLOSED,))


@archive.command("list")
@BEFORE
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, before: int | None, most: int, as_json: bool) -> None:
    """List archived tickets, the highest number first, a page at a time."""
    _show(installation, (), before, most, as_json=as_json)


@archive.command()
@click.argument("words", nargs=-1, required=True, metavar="WORD...", help="Each has to fit a ticket.")
@BEFORE
@MOST
@AS_JSON
@pass_installation
def search(installation: Installation, words: tuple[str, ...], before: int | None, most: int, as_json: bool) -> None:
    """Find archived tickets by number, by whole address, or by a part of the title or the customer's address."""
    _show(installation, words, before, most, as_json=as_json)


@archive.command()
@TICKET
@AS_JSON
@pass_installation
def restore(installation: Installation, number: int, as_json: bool) -> None:
    """Bring TICKET back as it was, with those that were merged with it; nobody is told.

    It stays for 30 days at least, even if it is old enough to go.
    """
    from models.removal.archive.restore import CannotRestore
    from worker.admin.archive import bring_back
    from worker.runtime.terminal import show_json

    try:
        with installation.engine() as engine:
            done = bring_back(engine, number)
    except CannotRestore as reason:
        refuse(str(reason))
    if as_json:
        show_json([done])
        return
    tags = ", ".join(f"SD-{one}" for one in done.numbers)
    click.echo(f"{tags} {'is' if len(done.numbers) == 1 else 'are'} back, and nobody was told.")
    for change in done.changes:
        click.echo(change)


def _show(installation: Installation, words: tuple[str, ...], before: int | None, most: int, *, as_json: bool) -> None:
    from models.removal.archive.listing import list_archived
    from worker.runtime.terminal import show_json
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_archived(session, most, before, words)
    if as_json:
        show_json(found)
    elif found:
        _show_page(found, most)
    elif before is not None:
        click.echo("There are no further tickets.")
    else:
        click.echo("No ticket in the archive fits." if words else "No ticket is in the archive.")


def _show_page(found: "list[ListedArchived]", most: int) -> None:
    from worker.runtime.terminal import show_table

    rows = [
        (f"SD-{one.number}", one.status, one.customer, f"{one.changed_at:%Y-%m-%d}", f"{one.archived_at:%Y-%m-%d}",
         f"{one.size / 1024:.1f}", one.title)
        for one in found
    ]  # fmt: skip
    show_table(("ticket", "status", "customer", "changed", "archived", "KB", "title"), rows)
    say_next(found, most, "--before", f"SD-{found[-1].number}")
