"""`supportdesk mail`: shows mails in files and stored ones, lists those without effect, and restores them."""

import json
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS, refuse
from worker.cli.installation import AS_JSON, YES, Installation, pass_installation
from worker.cli.paging import MOST, before, say_next
from worker.cli.private_file import NEW_FILE, new_file

NUMBER = click.argument("number", type=int, metavar="MAIL", help="The number of a mail that came, as logs have it.")
BYTES_GONE = (
    "The bytes of mail {} are not stored any more: [retention] of the settings let them go, they were erased,"
    " or they never came."
)
NOT_THERE = "No mail {} came. The log and `supportdesk explain` name mails by their numbers."


@click.group()
def mail() -> None:
    """Look into mails, stored ones and those in files, list what had no effect, and restore what a person wrote."""


@mail.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="Files with one mail each; - is standard input.",
)
@click.option("--json", "as_json", is_flag=True, help="One object for each file, each on a line of its own.")
@click.option("--text", "as_text", is_flag=True, help="The files hold plain bodies, not whole mails.")
@click.option("--authserv-id", metavar="ID", help="Your mail server's name in Authentication-Results, to show trust.")
@pass_installation
def read(
    installation: Installation, files: tuple[Path, ...], as_json: bool, as_text: bool, authserv_id: str | None
) -> None:
    """Show how each FILE is understood: kind, trust, thread, visible reply, what was removed, attachments, repairs.

    A file that cannot be read has its line like any other and is named on stderr; exit status 2 in the end.
    With --config, own_hosts and arc_forwarders of the mailbox that pins the ID are taken from the settings.
    """
    from worker.cli.pages.trust_evidence import pin_for
    from worker.cli.pages.understood_mail import page, understand, values
    from worker.runtime.terminal import printable_lines

    pin, failed = pin_for(installation, authserv_id), False
    for file in files:
        understood = understand(file, as_text=as_text)
        failed = failed or understood.failed
        if understood.failed:
            click.echo(f"{click.format_filename(file)}: {understood.mail.repairs[0]}", err=True)
        shown = json.dumps(values(understood)) if as_json else "\n".join(page(understood, pin))
        click.echo(shown if as_json else printable_lines(shown))
    if failed:
        raise Exit(EXIT_STATUS)


@mail.command()
@before("mail", type=int)
@MOST
@AS_JSON
@pass_installation
def large(installation: Installation, before: int | None, most: int, as_json: bool) -> None:
    """List the mails that were larger than limits.largest_mail_megabytes, the newest first.

    Only their headers were taken, and their senders were told; each lies in its folder on the server under its UID.
    """
    from models.ledger.mails import list_partial
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_partial(session, most, before)
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo("No mail was too large." if before is None else "There are no further mails.")
        return
    rows = [
        (
            one.ledger_id,
            f"{one.stored_at:%Y-%m-%d %H:%M}",
            one.mailbox,
            one.folder,
            one.uid,
            f"{one.size / 1024**2:.1f}",
            one.sender or "",
            one.reason or "",
        )
        for one in found
    ]
    show_table(("number", "came", "mailbox", "folder", "UID", "MB", "from", "what became of it"), rows)
    say_next(found, most, "--before", found[-1].ledger_id)


@mail.command()
@before("mail", type=int)
@MOST
@AS_JSON
@pass_installation
def dropped(installation: Installation, before: int | None, most: int, as_json: bool) -> None:
    """List the mails that were dropped as a program's, or by a rule, the newest first."""
    from worker.admin.digests.dropped import list_dropped
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_dropped(session, most, before)
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo("No mail was dropped." if before is None else "There are no further mails.")
        return
    rows = [(one.number, f"{one.stored_at:%Y-%m-%d %H:%M}", one.sender, one.subject, one.reason) for one in found]
    show_table(("number", "came", "from", "subject", "reason"), rows)
    say_next(found, most, "--before", found[-1].number)


@mail.command()
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...", help="Numbers of dropped mails.")
@pass_installation
def restore(installation: Installation, numbers: tuple[int, ...]) -> None:
    """Take dropped mails for a person's, and have them decided again; how far their senders are trusted stays.

    Exit status 2 where one of them is not dropped.
    """
    from worker.admin.digests.dropped import restore_mails

    with installation.engine() as engine:
        restored = restore_mails(engine, numbers)
    for number in restored:
        click.echo(f"{number} is decided again, as a person's mail.")
    if missed := sorted(set(numbers) - set(restored)):
        refuse(*(f"{number} stays as it is: it is not a dropped mail." for number in missed))


@mail.command()
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...", help="Numbers of mails that came.")
@YES
@AS_JSON
@pass_installation
def again(installation: Installation, numbers: tuple[int, ...], yes: bool, as_json: bool) -> None:
    """Have mails decided again that had no effect: held, dropped, not applied, or in quarantine.

    Without --yes nothing is changed, and what became of each is shown with what may come of it. The next worker takes
    them as if for the first time. Exit status 2 where one of them cannot be.
    """
    from worker.cli.pages.history.again import lines_of
    from worker.history.again import decide_again, look
    from worker.runtime.terminal import printable, show_json

    with installation.engine() as engine:
        able, refused = look(engine, numbers)
        given, changed = decide_again(engine, [standing for standing, _ in able]) if yes else ([], [])
    if as_json:
        show_json(one for standing, one in able if standing.row not in changed)
    for _, one in () if as_json else able:
        for line in lines_of(one):
            click.echo(printable(line))
    for number in () if as_json else given:
        click.echo(f"{number} is decided again.")
    if able and not yes and not as_json:
        listed = " ".join(str(standing.row) for standing, _ in able)
        click.echo(f"Nothing was changed. To do it: supportdesk mail again {listed} --yes")
    if refused or changed:
        refuse(*refused, *(f"Mail {number} changed meanwhile; left as it is." for number in changed))


@mail.command()
@NUMBER
@pass_installation
def show(installation: Installation, number: int) -> None:
    """Show MAIL, which came to the desk: what became of it and why, and how its bytes are understood today."""
    from desk.explain import explain
    from models.ledger.raw import raw_of
    from models.reports.accounts import read_mail
    from worker.cli.pages.understood_mail import page, understood
    from worker.runtime.services import pin_named
    from worker.runtime.terminal import printable, printable_lines
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        account, raw = read_mail(session, number), raw_of(session, number)
    if account is None:
        refuse(NOT_THERE.format(number))
    for line in explain(account):
        click.echo(printable(line))
    if raw:
        pin = pin_named(installation.settings.mailbox if installation.has_settings else (), account.mailbox)
        click.echo("\n" + printable_lines("\n".join(page(understood(f"mail {number}", raw), pin))))
    else:
        click.echo("\n" + BYTES_GONE.format(number))


@mail.command()
@NUMBER
@NEW_FILE
@pass_installation
def export(installation: Installation, number: int, file: Path) -> None:
    """Write the bytes of MAIL, as its server gave them, to a new FILE that only you can read."""
    from models.ledger.mails import is_known
    from models.ledger.raw import raw_of
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        raw, known = raw_of(session, number), is_known(session, number)
    if not raw:
        refuse((BYTES_GONE if known else NOT_THERE).format(number))
    with new_file(file) as out:
        out.write(raw)
    click.echo(f"{len(raw)} bytes are in {file}.")
