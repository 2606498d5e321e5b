"""`supportdesk mail large`: the mails that were too large to be taken, whose bodies are on the server still."""

from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from models.arrivals import Partial


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@pass_installation
def large(installation: Installation, as_json: bool) -> None:
    """List the mails that were larger than limits.largest_mail_megabytes, the newest first.

    Only their headers were taken, and their senders were told; each lies in its folder on the server under its UID.
    """
    from models.arrivals import list_partial
    from worker.cli.tables import show_json, show_table
    from worker.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_partial(session)
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo("No mail was too large.")
        return
    columns = ("number", "came", "mailbox", "folder", "UID", "MB", "from", "what became of it")
    show_table(columns, map(_row, found))


def _row(one: "Partial") -> tuple[object, ...]:
    came, size = f"{one.stored_at:%Y-%m-%d %H:%M}", f"{one.size / 1024**2:.1f}"
    return (one.ledger_id, came, one.mailbox, one.folder, one.uid, size, one.sender or "", one.reason or "")
