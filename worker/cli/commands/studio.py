"""`supportdesk studio`: the data of the desk in a browser on this machine."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import checked_address, refuse
from worker.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from worker.cli.studio.window import Window

# What the extra brings, by the names under which it is imported.
EXTRA = ("sqladmin", "greenlet", "uvicorn")
MISSING = (
    "The studio is not installed: in a checkout of this version run `pip install --require-hashes -r "
    "requirements/studio.txt`, with the pip that belongs to this program."
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen at; without it a free one is chosen.")
@click.option("--write", is_flag=True, help="Let what the commands change be changed here, too.")
@click.option("--as", "by", metavar="EMAIL", help="The member of staff in whose name --write changes tickets.")
@pass_installation
def studio(installation: Installation, port: int | None, write: bool, by: str | None) -> None:
    """Show tickets, mails, outbox, quarantine and staff in a browser on this machine, until Ctrl-C.

    The address that is printed works once, in the browser that opens it first. Only this machine is listened to, and
    without --write nothing can be changed.
    """
    from importlib.util import find_spec

    if write is not bool(by):
        raise click.UsageError(
            "--write and --as EMAIL go together: each change is made in the name of somebody of staff."
        )
    address = checked_address(by, "--as") if by else ""
    if not all(find_spec(name) for name in EXTRA):
        refuse(MISSING)
    from worker.cli.studio.serving import HOST, StudioServer, listen

    with _window(installation, address) as window:
        try:
            taken = listen(port or 0)
        except OSError as error:
            refuse(f"The studio cannot listen at {HOST}, port {port}: {error.strerror}. Choose another by --port.")
        ends = {signal.SIGTERM, signal.SIGINT}
        # Threads inherit the mask, so that the signals are left to the wait below.
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        server = StudioServer(taken, window)
        server.start()
        click.echo(f"The studio is open, once, at {server.address}")
        what = f"It writes in the name of {window.by}." if window.writes else "It only reads."
        click.echo(f"{what} Ctrl-C ends it.", err=True)
        signal.sigwait(ends)
        server.stop()
    click.echo("\nThe studio is closed, as SIGTERM or Ctrl-C asked; its address is worth nothing now.", err=True)


@contextmanager
def _window(installation: Installation, by: str) -> Iterator["Window"]:
    """Give the window on a database that answers, has the right version, and knows who writes; says what is not so."""
    from models.db.engine import make_engine
    from worker.cli.studio.window import Window
    from worker.runtime.services import open_services

    name = "supportdesk studio"
    reads = make_engine(installation.database_url, application_name=name, read_only=True)
    writes = make_engine(installation.database_url, application_name=name) if by else None
    services = open_services(installation.settings, application_name=name) if installation.has_settings else None
    window = Window(reads, writes, by, services)
    try:
        _check(window)
        yield window
    finally:
        for engine in (reads, writes, services.engine if services else None):
            if engine is not None:
                engine.dispose()


def _check(window: "Window") -> None:
    from models.people.rows import find_person
    from models.reports.health.gather import read_revision
    from models.schema.versions import version_trouble
    from worker.admin.change_ticket import NO_STAFF
    from worker.runtime.health.probes.sight import needed_revision

    with window.session() as session:
        trouble = version_trouble(read_revision(session), needed_revision())
        person = find_person(session, window.by) if window.by and not trouble else None
    if trouble:
        refuse(trouble)
    if window.by and (person is None or not person.is_staff):
        refuse(NO_STAFF.format(window.by))
