"""`supportdesk watchman`: looks at the desk and tells the admins, beside the beat that does the same."""

import time
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import sentences_of
from worker.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from worker.runtime.health.watchman import Watched

AGAIN_SECONDS = 30.0


@click.command()
@click.option("--once", is_flag=True, help="Look once and end, as for cron or a probe.")
@pass_installation
def watchman(installation: Installation, once: bool) -> None:
    """Look at the desk twice a minute, tell the admins once of each trouble, and once that it is over.

    The beat rings for the same; this one also sees that there is no beat and no worker, and then runs the program of
    [alarm]. Several do no harm. With --once the exit status is 0, 1 where something needs a person, or 2 where nobody
    can tell.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from worker.runtime.health.watchman import watch_over
    from worker.runtime.logs import configure_logs
    from worker.runtime.services import open_services

    settings = installation.settings
    if not once:
        configure_logs()
    services = open_services(settings, application_name="supportdesk watchman")
    try:
        while not once:
            try:
                watch_over(services)
            except SQLAlchemyError as error:
                # A watchman that ends when the database does would not be there when it comes back.
                click.echo(" ".join(("Nobody can tell how the desk is.", *sentences_of(error))), err=True)
            time.sleep(AGAIN_SECONDS)
        watched = watch_over(services)
    except KeyboardInterrupt:
        if once:
            raise
        # To end it so is what it is told to wait for.
        click.echo("\nThe watchman has ended, as Ctrl-C asked.", err=True)
        return
    finally:
        services.engine.dispose()
    _show(watched)
    if watched.problems:
        raise Exit(1)
    click.echo("The desk is fine.")


def _show(watched: "Watched") -> None:
    from mail.outbound.catalogue import in_english
    from worker.runtime.terminal import printable

    for one in watched.problems:
        told = " (told now)" if one in watched.began else ""
        click.echo(printable(f"{in_english(one.title)}. {in_english(one.sentence)}{told}"))
    for pause in watched.pauses:
        click.echo(printable(pause))
    for over in watched.ended:
        click.echo(printable(f"Over: {over.kind} {over.about}".rstrip()))
