"""`supportdesk status`: how the desk is, on one screen."""

import time

import rich_click as click
from click.exceptions import Exit

from worker.cli.installation import AS_JSON, Installation, pass_installation

AGAIN_SECONDS = 5.0


@click.command()
@AS_JSON
@click.option("--watch", "again", is_flag=True, help="Look again every few seconds, until Ctrl-C.")
@pass_installation
def status(installation: Installation, as_json: bool, again: bool) -> None:
    """Show processes, mailboxes, what waits, the outbox and the room on disks, and first of all what is wrong.

    All of it is read from the database; no server is asked. The exit status is 0 where all is fine, 1 where something
    needs a person, and 2 where nobody can tell, as without the database.
    """
    from worker.cli.pages.health import look_as_json, show_look
    from worker.runtime.health.look import look_once

    try:
        with installation.services("status") as services:
            while True:
                seen = look_once(services, whole=True)
                if again:
                    click.clear()
                if as_json:
                    click.echo(look_as_json(seen))
                else:
                    show_look(seen)
                if not again:
                    break
                time.sleep(AGAIN_SECONDS)
    except KeyboardInterrupt:
        # To end it so is what it is told to wait for.
        click.echo("\nThe look at the desk has ended, as Ctrl-C asked.", err=True)
        return
    if seen.problems:
        raise Exit(1)
