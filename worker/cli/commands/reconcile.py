"""`supportdesk reconcile`: holds the servers' lists of mails against the ledger and names every gap."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from worker.poll.reconcile import Compared, Gap


@click.command()
@click.argument("mailbox", required=False, help="The name of a mailbox of the settings; all of them without it.")
@click.option("--repair", is_flag=True, help="Take what is missing from the server.")
@AS_JSON
@pass_installation
def reconcile(installation: Installation, mailbox: str | None, repair: bool, as_json: bool) -> None:
    """Compare MAILBOX, or every mailbox of the settings, with the ledger; a worker decides on what was taken.

    Exit status 2 where gaps are left or a mailbox could not be compared.
    """
    from worker.poll.reconcile import overdue_mails, reconcile_to_the_end

    names = installation.mailbox_names(mailbox)
    with installation.services("reconcile") as services:
        compared = [reconcile_to_the_end(services, name, repair=repair) for name in names]
        overdue = overdue_mails(services)
    if as_json:
        values = {"mailboxes": [asdict(one) for one in compared], "overdue": [asdict(gap) for gap in overdue]}
        click.echo(json.dumps(values, indent=2))
    else:
        for one in compared:
            for gap in one.gaps:
                click.echo(_sentence(gap))
            click.echo(_summary(one))
        for gap in overdue:
            click.echo(_sentence(gap))
    if overdue or any(one.trouble or one.open_gaps for one in compared):
        raise Exit(EXIT_STATUS)


def _sentence(gap: "Gap") -> str:
    return gap.sentence + (" It was repaired." if gap.repaired else "")


def _summary(one: "Compared") -> str:
    left, found = len(one.open_gaps), len(one.gaps)
    gaps = "no gaps" if not found else f"{found} gap{'' if found == 1 else 's'}, {left} left"
    counts = [f"{one.there} mails on the server", f"{one.gone} no longer there"]
    counts += [f"{one.waiting} for the next poll"] if one.waiting else []
    uids = ", ".join(str(uid) for uid in one.partial)
    counts += [f"{len(one.partial)} too large and stored without their bodies (UID {uids})"] if one.partial else []
    trouble = f"; not compared to the end: {one.trouble}" if one.trouble else ""
    return f"{one.mailbox}: {gaps}; {', '.join(counts)}{trouble}."
