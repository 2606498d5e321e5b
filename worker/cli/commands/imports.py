"""`supportdesk import`: old mail of a mailbox, brought along from files."""

import os
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS, refuse, stop
from worker.cli.installation import AS_JSON, DRY_RUN, Installation, pass_installation

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.history.imports.plan import FileKind


class Chosen(TypedDict):
    """What the options of an import say."""

    mailbox: str
    dry_run: bool
    staff_answers: bool
    status: str
    as_json: bool


def _options(command: "Callable[..., None]") -> "Callable[..., None]":
    """Give a command the arguments that all three have."""
    decorators = (
        click.argument(
            "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=str),
            help="Where the mails lie; all that are named are put in one order.",
        ),
        click.option("--mailbox", required=True, metavar="NAME", help="The mailbox of the settings that they are of."),
        DRY_RUN,
        click.option(
            "--staff-answers", is_flag=True,
            help="Take what bears an address of staff or of the desk for theirs: only where strangers cannot write.",
        ),
        click.option(
            "--status", type=click.Choice(["closed", "open"]), default="closed", show_default=True,
            help="What the tickets are that come of them.",
        ),
        AS_JSON,
        pass_installation,
    )  # fmt: skip
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.group("import")
def imports() -> None:
    """Bring old mail along: years of it become tickets and comments, at their own time, and nobody is told."""


@imports.command()
@_options
def mbox(installation: Installation, paths: tuple[str, ...], **chosen: Unpack[Chosen]) -> None:
    """Take all mails of mbox files, the answers of staff with the mails that they answer.

    A mail that the desk has is not taken twice, so an import that was ended goes on with the same command.
    """
    from worker.history.imports.plan import FileKind

    _import(installation, FileKind.MBOX, paths, chosen)


@imports.command()
@_options
def maildir(installation: Installation, paths: tuple[str, ...], **chosen: Unpack[Chosen]) -> None:
    """Take all mails of maildirs, in cur and new; drafts and what is in the trash are left out.

    Folders below one are maildirs of their own: name those that you want.
    """
    from worker.history.imports.plan import FileKind

    _import(installation, FileKind.MAILDIR, paths, chosen)


@imports.command()
@_options
def eml(installation: Installation, paths: tuple[str, ...], **chosen: Unpack[Chosen]) -> None:
    """Take mails that lie in files of their own, or all below a folder whose names end in .eml."""
    from worker.history.imports.plan import FileKind

    _import(installation, FileKind.EML, paths, chosen)


def _import(installation: Installation, kind: "FileKind", paths: tuple[str, ...], chosen: Chosen) -> None:
    from worker.cli.pages.history.imports import how_far, json_of, lines_of
    from worker.cli.progress import Progress
    from worker.history.imports.plan import CannotImport
    from worker.history.imports.run import ImportOrder, Summary, Watcher, import_mails
    from worker.history.imports.take import Outcome

    wanted = ImportOrder(
        kind,
        tuple(map(os.fsdecode, paths)),
        installation.mailbox_names(chosen["mailbox"])[0],
        vouched=chosen["staff_answers"],
        stays_open=chosen["status"] == "open",
        dry=chosen["dry_run"],
    )
    summary = Summary()
    try:
        with Progress() as progress, installation.services("import") as services:
            doing = "Mails tried" if wanted.dry else "Mails taken in"
            watcher = Watcher(partial(progress.show, "Mails found"), partial(progress.show, doing))
            import_mails(services, wanted, summary, watcher)
    except CannotImport as reason:
        refuse(str(reason))
    except KeyboardInterrupt:
        stop(how_far(summary, wanted))
    click.echo(json_of(summary, wanted) if chosen["as_json"] else "\n".join(lines_of(summary, wanted)))
    if summary.outcomes[Outcome.UNREADABLE]:
        raise Exit(EXIT_STATUS)
