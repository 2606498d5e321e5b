"""`supportdesk quarantine`: the mails that were put away for an admin, and what becomes of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from models.ledger.quarantine import QuarantinedMail
    from worker.admin.quarantine import QuarantineEntry

NUMBER = click.argument("number", type=int, help="The number of a mail in quarantine, as `list` shows it.")
SHOWN_LINES = 60
SHOWN_WIDTH = 200
ON_SERVER = "its bytes are still on the server; `supportdesk reconcile --repair` fetches them"
TOO_LARGE = "only its headers are stored, for it is too large; its body stays on the server"


@click.group()
def quarantine() -> None:
    """Look at the mails that could not be taken in, and decide on them."""


@quarantine.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List the mails in quarantine, the oldest first."""
    from worker.admin.quarantine import list_entries
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        entries = list(list_entries(session))
    if as_json:
        show_json(entries)
        return
    if not entries:
        click.echo("No mail is in quarantine.")
        return
    rows = [
        (one.number, f"{one.stored_at:%Y-%m-%d %H:%M}", one.mailbox, one.sender, one.subject, one.reason)
        for one in entries
    ]
    show_table(("number", "stored", "mailbox", "from", "subject", "reason"), rows)


@quarantine.command()
@NUMBER
@pass_installation
def show(installation: Installation, number: int) -> None:
    """Show mail NUMBER: why it is here, its last error, and how it begins."""
    from worker.admin.quarantine import entry
    from worker.runtime.terminal import printable

    case = _case(installation, number)
    for name, value in _labelled(entry(case)):
        click.echo(f"{name:<12} {printable(value)}")
    if case.head is None:
        return
    click.echo()
    for line in case.head.decode(errors="replace").splitlines()[:SHOWN_LINES]:
        click.echo(f"| {printable(line[:SHOWN_WIDTH].expandtabs())}")


@quarantine.command()
@click.argument("numbers", type=int, nargs=-1, metavar="[NUMBER]...", help="Numbers of mails in quarantine.")
@click.option("--all", "everything", is_flag=True, help="Every mail in quarantine.")
@pass_installation
def retry(installation: Installation, numbers: tuple[int, ...], everything: bool) -> None:
    """Give mails back to the workers, who take them in as if for the first time.

    Exit status 2 where one of the named was not given back.
    """
    from worker.admin.quarantine import list_entries, try_again
    from worker.runtime.terminal import printable
    from worker.runtime.transaction import transaction

    if bool(numbers) == everything:
        raise click.UsageError("Give the numbers of mails, or --all.")
    with installation.engine() as engine:
        retried = try_again(engine, None if everything else numbers)
        with transaction(engine) as session:
            left = [one for one in list_entries(session) if one.is_stub] if everything else []
    for one in retried:
        why = " ".join(filter(None, (one.reason, one.error)))
        click.echo(f"{one.number} is tried again. It was here because: {printable(why)}")
    missed = sorted(set(numbers) - {one.number for one in retried})
    if missed:
        _refuse_missed(installation, missed)
    if everything:
        click.echo(f"{len(retried)} given back, {len(left)} left, whose bytes are still on the server.")


@quarantine.command()
@NUMBER
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), help="A file that is not there yet.")
@pass_installation
def export(installation: Installation, number: int, file: Path) -> None:
    """Write the bytes of mail NUMBER, as the server gave them, to a new FILE that only you can read."""
    import os

    from models.ledger.rows import raw_of
    from worker.runtime.transaction import transaction

    case = _case(installation, number)
    if not case.is_whole:
        refuse(f"Mail {number} cannot be exported: {ON_SERVER if case.head is None else TOO_LARGE}.")
    with installation.engine() as engine, transaction(engine) as session:
        raw = raw_of(session, number)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(raw)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")
    click.echo(f"{len(raw)} bytes are in {file}.")


@quarantine.command()
@NUMBER
@click.option("--yes", is_flag=True, help="Do it.")
@pass_installation
def drop(installation: Installation, number: int, yes: bool) -> None:
    """Decide that mail NUMBER has no effect, ever; its bytes stay in the database."""
    from models.ledger.quarantine import drop as give_up
    from worker.runtime.transaction import transaction

    if not yes:
        refuse(f"Mail {number} would never have an effect. Say --yes if you mean it.")
    with installation.engine() as engine, transaction(engine) as session:
        done = give_up(session, number)
    if not done:
        refuse(f"Mail {number} is not in quarantine.")
    click.echo(f"Mail {number} is dropped.")


def _case(installation: Installation, number: int) -> "QuarantinedMail":
    from models.ledger.quarantine import read_quarantined
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        case = next(iter(read_quarantined(session, [number])), None)
    if case is None:
        refuse(f"Mail {number} is not in quarantine.")
    return case


def _labelled(one: "QuarantineEntry") -> list[tuple[str, str]]:
    reported = f"{one.reported_at:%Y-%m-%d %H:%M} UTC" if one.reported_at else "not yet"
    return [
        ("number", str(one.number)),
        ("mailbox", f"{one.mailbox}, UID {one.uid} of {one.folder}"),
        ("stored", f"{one.stored_at:%Y-%m-%d %H:%M} UTC, {one.size} bytes"),
        ("from", one.sender),
        ("subject", one.subject),
        ("reason", one.reason),
        ("last error", one.error or "none"),
        ("tries", str(one.tries)),
        ("admins told", reported),
        *([] if one.is_whole else [("next", ON_SERVER) if one.is_stub else ("note", TOO_LARGE)]),
    ]


def _refuse_missed(installation: Installation, missed: Sequence[int]) -> NoReturn:
    """Say why some of the named were not given back, and end with status 2."""
    from models.ledger.quarantine import read_quarantined
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        here = {case.number for case in read_quarantined(session, missed)}
    refuse(*(f"{n} stays: {ON_SERVER if n in here else 'it is not in quarantine'}." for n in missed))
