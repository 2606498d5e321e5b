"""`supportdesk outbox`: mails of ours, those that were not sent, and what becomes of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, YES, Installation, pass_installation
from worker.cli.paging import MOST, after, say_next

if TYPE_CHECKING:
    from models.outbox.undelivered import State, UndeliveredMail

NUMBER = click.argument("number", type=int, help="The number of a mail, as `list` shows it.")
DAYS = click.option(
    "--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="Mails of so many days."
)
# What is said where none is listed, by --only.
NOTHING = {None: "Every mail was sent, or is new.", "new": "No mail is new: what was written was sent, or waits."}
NO_WORDS = "has no words any more: [retention] of the settings let them go, or they were erased"
NOT_THERE = "Mail {} does not wait after an error, and neither failed nor was held."


@click.group()
def outbox() -> None:
    """Look at mails of ours, list those that were not sent, and decide on them."""


@outbox.command("list")
@click.option(
    "--only",
    type=click.Choice(["new", "waiting", "failed", "held"]),
    help="Only those that are new and go out next, wait after an error, failed, or were held.",
)
@DAYS
@after("mail", type=int, default=0)
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, only: str | None, days: int, after: int, most: int, as_json: bool) -> None:
    """List the mails that wait after an error, failed or were held, the oldest first; new ones with --only new."""
    from models.outbox.undelivered import State, list_undelivered
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        mails = list_undelivered(session, timedelta(days=days), State(only) if only else None, most, after)
    if as_json:
        show_json(mails)
        return
    if not mails:
        click.echo("There are no further mails." if after else NOTHING.get(only, "There is no such mail."))
        return
    rows = [
        (one.number, one.state, f"{one.written_at:%Y-%m-%d %H:%M}", one.recipient, one.subject, _why(one))
        for one in mails
    ]
    show_table(("number", "state", "written", "to", "subject", "why"), rows)
    say_next(mails, most, "--after", mails[-1].number)


@outbox.command()
@NUMBER
@pass_installation
def show(installation: Installation, number: int) -> None:
    """Show mail NUMBER of ours, whatever became of it: its state, why it was not sent, and its text."""
    from models.outbox.undelivered import read_ours
    from worker.runtime.terminal import printable
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        mail = read_ours(session, number)
    if mail is None:
        refuse(f"There is no mail {number} of ours. `supportdesk outbox list` and `explain` name them by numbers.")
    for name, value in _labelled(mail):
        click.echo(f"{name:<12} {printable(value)}")
    click.echo()
    if not mail.text:
        click.echo(f"It {NO_WORDS}.")
    for line in mail.text.splitlines():
        click.echo(f"| {printable(line.expandtabs())}")


@outbox.command()
@click.argument("numbers", type=int, nargs=-1, metavar="[NUMBER]...", help="Numbers of mails that wait or failed.")
@click.option("--all", "everything", is_flag=True, help="Every mail that waits or failed.")
@DAYS
@pass_installation
def retry(installation: Installation, numbers: tuple[int, ...], everything: bool, days: int) -> None:
    """Send mails again, now, that failed or wait after an error; the send gate is asked as for every mail.

    Exit status 2 where one of the named is not sent again.
    """
    from models.outbox.undelivered import State, list_undelivered
    from worker.runtime.transaction import transaction

    if bool(numbers) == everything:
        raise click.UsageError("Give the numbers of mails, or --all.")
    states = (State.WAITING, State.FAILED)
    if everything:
        with installation.engine() as engine, transaction(engine) as session:
            found = list_undelivered(session, timedelta(days=days))
        numbers = tuple(one.number for one in found if one.state in states)
    _send_again(installation, numbers, states, "neither waits after an error nor failed, or its ticket is archived")


@outbox.command()
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...", help="Numbers of mails on hold.")
@pass_installation
def release(installation: Installation, numbers: tuple[int, ...]) -> None:
    """Send mails that were held; the send gate is asked again, and holds them again where its reason still stands.

    Exit status 2 where one of the named is not held.
    """
    from models.outbox.undelivered import State

    _send_again(installation, numbers, (State.HELD,), "is not held, its author took it back, or its ticket is archived")


@outbox.command()
@NUMBER
@YES
@pass_installation
def drop(installation: Installation, number: int, yes: bool) -> None:
    """Decide that mail NUMBER is never sent; it stays in the database."""
    from worker.deliver.undelivered import drop_by_command
    from worker.runtime.transaction import transaction

    if not yes:
        refuse(f"Mail {number} would never be sent. Nothing was changed; say --yes if you mean it.")
    with installation.engine() as engine, transaction(engine) as session:
        state = drop_by_command(session, number)
    if state is None:
        refuse(NOT_THERE.format(number))
    click.echo(f"Mail {number} is dropped.")


def _send_again(installation: Installation, numbers: Sequence[int], states: Sequence["State"], lack: str) -> None:
    from models.outbox.undelivered import list_wordless, send_again
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        again = [number for state in states for number in send_again(session, numbers, state)]
        wordless = list_wordless(session, numbers)
    for number in sorted(again):
        click.echo(f"Mail {number} goes out with the next delivery.")
    if missed := sorted(set(numbers) - set(again)):
        refuse(*(f"Mail {number} {NO_WORDS if number in wordless else lack}." for number in missed))
    click.echo(f"{len(again)} in all.")


def _why(mail: "UndeliveredMail") -> str:
    """The sentence that says most: of a mail that waits, what the server said."""
    from desk.gate.hold import why_it_waits

    reason = why_it_waits(mail.reason, mail.attempts)
    return (mail.error or reason) if mail.state == "waiting" else (reason or mail.error)


def _labelled(mail: "UndeliveredMail") -> list[tuple[str, str]]:
    due = [(name, f"{mail.due_at:%Y-%m-%d %H:%M:%S} UTC") for name in _due(mail)]
    return [
        ("number", str(mail.number)),
        ("state", mail.state),
        ("ticket", str(mail.ticket) if mail.ticket else "none"),
        ("template", mail.template),
        ("to", mail.recipient),
        ("subject", mail.subject),
        ("written", f"{mail.written_at:%Y-%m-%d %H:%M} UTC"),
        ("attempts", str(mail.attempts)),
        ("reason", _why(mail) if mail.state == "new" and mail.reason else mail.reason or "none"),
        ("last error", mail.error or "none"),
        *due,
    ]


def _due(mail: "UndeliveredMail") -> Sequence[str]:
    """What its time is called of a mail that is still to be sent."""
    return {"waiting": ["next try"], "new": ["goes at"] if mail.reason else []}.get(mail.state, [])
