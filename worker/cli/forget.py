"""`supportdesk user forget`: a person who asks to be forgotten, first shown and then erased."""

from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from models.forgetting import Found, Place
    from worker.forgetting import Forgetting

# What no command of ours can reach.
BEYOND = (
    "Not reached: backups, the write-ahead log, and what the database has not vacuumed yet; copies that other people"
    " have, and other people's mails as they came; and words of theirs that others repeat in comments and notes, where"
    " only the address is masked."
)
ON_SERVER = (
    "Their mails and the answers that quote them still lie on the mail server, where nothing was deleted. Delete there:"
)
MOVED = (
    'Where the settings say after = "move", they lie in that folder by now, under other numbers: search there for the'
    " address, and in the folder of sent mail if your server keeps one."
)
OBJECTION = (
    "The address stays on the suppression list, since it stands there for good: whoever objected to our mail gets none"
    " later either. `supportdesk suppression remove {address}` takes it off."
)


@click.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do it. What is erased does not come back.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@pass_installation
def forget(installation: Installation, email: str, yes: bool, as_json: bool) -> None:
    """Erase the person with the address EMAIL, who asks to be forgotten (GDPR, article 17).

    Without --yes nothing is changed, and what would go is shown. Tickets, numbers and histories stay for the desk's
    figures, without the person's words and name. Nobody is sent a mail. Staff have to leave the staff first.
    """
    from worker import forgetting
    from worker.cli.tables import show_json

    address = _address(email)
    with installation.engine() as engine:
        done = forgetting.forget(engine, address) if yes else forgetting.look(engine, address)
    if isinstance(done, forgetting.Refused):
        refuse(f"Nothing was changed: {done.reason}")
    if as_json:
        show_json([done])
        return
    _show(done)


def _address(email: str) -> str:
    from mail.addresses import normalise

    address = normalise(email)
    if address is None:
        raise click.BadParameter(f"{email} is no mail address.", param_hint="EMAIL")
    return address


def _show(done: "Forgetting") -> None:
    from worker.cli.tables import printable, show_table

    show_table(("erased" if done.forgotten else "would be erased", "how much"), _rows(done.found))
    if done.found.objection:
        click.echo(OBJECTION.format(address=done.address))
    if done.places:
        click.echo(ON_SERVER)
        for place in done.places:
            click.echo(f"  {printable(_place(place))}")
        click.echo(MOVED)
    click.echo(BEYOND)
    if done.forgotten:
        click.echo(f"{done.address} is forgotten.")
    else:
        click.echo(f"Nothing was changed. To do it: supportdesk user forget {done.address} --yes")


def _rows(found: "Found") -> list[tuple[str, str]]:
    elsewhere = f", {found.comments_elsewhere} of them on tickets of others" if found.comments_elsewhere else ""
    shared = f"; {found.files_shared} stay, for others have them too" if found.files_shared else ""
    return [
        ("accounts in SupportDesk, made nameless", f"{found.accounts}, with {found.logins} logins"),
        ("mails that they wrote, and reports on mails to them", f"{found.mails}, {found.quarantined} in quarantine"),
        ("answers of staff that quote them, whose bytes go", f"{found.answers}"),
        ("bytes of all these mails", f"{found.bytes}"),
        ("Message-IDs of theirs", f"{found.message_ids}"),
        ("texts of their tickets", f"{found.tickets}"),
        ("comments", f"{found.comments}{elsewhere}"),
        ("notes", f"{found.notes}"),
        ("files", f"{found.files} with {found.file_bytes} bytes{shared}"),
        ("mails of ours to them or on what they wrote", f"{found.notices}, {found.unsent} of them before they go"),
        ("suppressions, loop breakers", f"{found.suppressions}, {found.breakers}"),
    ]


def _place(place: "Place") -> str:
    uids = ", ".join(str(uid) for uid in place.uids)
    return f"mailbox {place.mailbox}, folder {place.folder}, UIDVALIDITY {place.uidvalidity}: UIDs {uids}"
