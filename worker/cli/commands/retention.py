"""`supportdesk retention`: lets go what is older than the settings keep it, or shows what that would be."""

from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import stop
from worker.cli.installation import AS_JSON, DRY_RUN, Installation, pass_installation

if TYPE_CHECKING:
    from worker.admin.retention import LetGo

NAMES = {
    "raw": "bytes of mails that came",
    "texts": "texts of mails of ours",
    "events": "events",
    "commands": "what mails changed",
}
KEPT_FOR_EVER = "Everything is kept for ever: the settings name no days in [retention]."
STOPPED = "What was let go till then is gone, each batch for itself. The same command goes on with the rest."
STOPPED_DRY = "Nothing was changed."


@click.group()
def retention() -> None:
    """Let old bytes, texts and events go; beat does it every hour."""


@retention.command()
@DRY_RUN
@AS_JSON
@pass_installation
def run(installation: Installation, dry_run: bool, as_json: bool) -> None:
    """Let go what is older than [retention] of the settings keeps it, now and all of it.

    What is undecided, in quarantine, or needed by a ticket that is not over is kept whatever its age. The rows stay.
    """
    from worker.admin.retention import days_of, let_go_all
    from worker.cli.progress import Progress
    from worker.runtime.terminal import show_json

    days = days_of(installation.settings.retention)
    try:
        with Progress() as progress, installation.engine() as engine:

            def each(kept: str, reached: int, of: int) -> None:
                progress.show(f"Looking through {NAMES[kept]}", reached, of)

            found = let_go_all(engine, days, dry=dry_run, each=each)
    except KeyboardInterrupt:
        stop(STOPPED_DRY if dry_run else STOPPED)
    if as_json:
        show_json(found)
    elif found:
        _show(found, dry=dry_run)
    else:
        click.echo(KEPT_FOR_EVER)


def _show(found: "list[LetGo]", *, dry: bool) -> None:
    from worker.runtime.terminal import show_table

    rows = [(NAMES[one.what], one.days, one.gone, f"{one.size / 1024**2:.1f}", one.still_needed) for one in found]
    show_table(("what", "days", "would go" if dry else "gone", "MB", "older, but still needed"), rows)
    if dry:
        click.echo("Nothing was changed. Without --dry-run it is done.")
