"""`supportdesk user`: who is known, who is staff, and who asks to be forgotten."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from desk.ticket import Role
from worker.cli.commands.export import STOPPED, show_copy, told_by
from worker.cli.errors import checked_address, refuse, stop
from worker.cli.installation import AS_JSON, YES, Installation, pass_installation
from worker.cli.paging import MOST, after, say_next
from worker.cli.private_file import NEW_FILE, new_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.removal.privacy.count import DataCounts, ServerPlace
    from worker.admin.forget import Forgetting

EMAIL = click.argument("email", help="A mail address.")

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
FROM_FILES = "{count} of their mails were brought along from files, where they still are: {files}."
FROM_ARCHIVE = "Tickets in which they are named that {verb} out of the archive for this, and stay: {count}."
OBJECTION = (
    "The address stays on the suppression list, since it stands there for good: whoever objected to our mail gets none"
    " later either. `supportdesk suppression remove {address}` takes it off."
)
WITHOUT_NOTES = "Notes of staff are left out, as the words of others; --with-notes takes them along."


@click.group()
def user() -> None:
    """List people, say who is staff, and give or erase what the desk has of who asks for it."""


@user.command("list")
@after("address", metavar="EMAIL", default="")
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, after: str, most: int, as_json: bool) -> None:
    """List everybody in SupportDesk, by address."""
    from models.people.rows import list_people
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        people = list_people(session, most, after)
    if as_json:
        show_json(people)
        return
    if after and not people:
        click.echo("There are no further people.")
        return
    rows = [(p.number or "none", p.email, p.name, p.role, p.staff_role or "", f"{p.since:%Y-%m-%d}") for p in people]
    show_table(("number", "address", "name", "role", "staff", "since"), rows)
    if people:
        say_next(people, most, "--after", people[-1].email)


@user.command()
@EMAIL
@click.argument("code", required=False, help="The code of a language, such as de; without it that of the desk counts.")
@pass_installation
def language(installation: Installation, email: str, code: str | None) -> None:
    """Choose the language of the mails to the owner of EMAIL."""
    from models.people.rows import choose_language, find_person
    from worker.runtime.services import make_renderer
    from worker.runtime.transaction import transaction

    address, known = checked_address(email, "EMAIL"), make_renderer(installation.settings).languages
    if code is not None and code not in known:
        refuse(f"Nothing was changed: the templates have no language “{code}”; they have {', '.join(known)}.")
    with installation.engine() as engine, transaction(engine) as session:
        person = find_person(session, address)
        if person:
            choose_language(session, person.number, code)
    if person is None:
        refuse(f"Nothing was changed: nobody here has the address {address}.")
    click.echo(f"{address} gets mails in {code or 'the language of the desk'} from now on.")


@user.group()
def staff() -> None:
    """Say who is staff; nobody becomes staff by a mail or by signing up."""


@staff.command()
@EMAIL
@click.option("--role", type=click.Choice(["agent", "admin"]), required=True, help="What they may do.")
@click.option("--name", help="Their name.")
@click.option("--raise-role", is_flag=True, help="Give the role to an account that has a lesser one, too.")
@pass_installation
def add(installation: Installation, email: str, role: str, name: str | None, raise_role: bool) -> None:
    """Make the owner of EMAIL staff, with a user of that role in SupportDesk."""
    from models.db.clock import read_now
    from models.people.staff import StaffRefused, add_staff
    from worker.runtime.transaction import transaction

    address = checked_address(email, "EMAIL")
    with installation.engine() as engine, transaction(engine) as session:
        added = add_staff(session, address, Role(role), name=name, now=read_now(session), raise_role=raise_role)
    if isinstance(added, StaffRefused):
        refuse(f"Nothing was changed: {added.reason}")
    before = "" if added.user_was == added.role else f"; the user in SupportDesk was {added.user_was} before"
    click.echo(f"{address} is {role} now{before if added.user_was else ', with a new user in SupportDesk'}.")


@staff.command()
@EMAIL
@pass_installation
def remove(installation: Installation, email: str) -> None:
    """Take the power of the owner of EMAIL, who is a customer in SupportDesk from then on."""
    from models.db.clock import read_now
    from models.people.staff import remove_staff
    from worker.runtime.transaction import transaction

    address = checked_address(email, "EMAIL")
    with installation.engine() as engine, transaction(engine) as session:
        removed = remove_staff(session, address, now=read_now(session))
    if removed is None:
        refuse(f"Nothing was changed: {address} is not staff.")
    waiting = f"; {removed.waiting} open tickets are still theirs" if removed.waiting else ""
    click.echo(f"{address} is {removed.role} no longer, and a customer in SupportDesk{waiting}.")


@staff.command("list")
@AS_JSON
@pass_installation
def list_members(installation: Installation, as_json: bool) -> None:
    """List the staff, and who of them SupportDesk does not agree on."""
    from models.people.staff import list_staff
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        members = list_staff(session)
    if as_json:
        show_json(members)
        return
    rows = [(m.number, m.email, m.name, m.role, m.user_role or "gone", "yes" if m.in_force else "no") for m in members]
    show_table(("number", "address", "name", "role", "in SupportDesk", "in force"), rows)


@user.command()
@EMAIL
@YES
@AS_JSON
@pass_installation
def forget(installation: Installation, email: str, yes: bool, as_json: bool) -> None:
    """Erase the person with the address EMAIL, who asks to be forgotten (GDPR, article 17).

    Without --yes it shows what would go; what is erased does not come back. Tickets, numbers and histories stay for the
    desk's figures, without the person's words and name. Nobody is sent a mail. Staff have to leave the staff first.
    """
    from worker.admin import forget as forgetting
    from worker.runtime.terminal import show_json

    address, own = checked_address(email, "EMAIL"), installation.own_addresses
    with installation.engine() as engine:
        done = forgetting.forget(engine, address, own) if yes else forgetting.look(engine, address, own)
    if isinstance(done, forgetting.NotForgotten):
        refuse(f"Nothing was changed: {done.reason}")
    if as_json:
        show_json([done])
        return
    _show_forgetting(done)


@user.command()
@EMAIL
@NEW_FILE
@click.option("--with-notes", is_flag=True, help="Take the notes of staff on their tickets along.")
@AS_JSON
@pass_installation
def export(installation: Installation, email: str, file: Path, with_notes: bool, as_json: bool) -> None:
    """Write what the desk has of the person with the address EMAIL to a new FILE, for them (GDPR, articles 15 and 20).

    One object of JSON a line: account, tickets that they had part in, comments, mails from and to them, files. Others
    have a name and a role in it and no more.
    """
    from worker.admin.export.person import NoSuchPerson, export_person
    from worker.cli.progress import Progress

    address = checked_address(email, "EMAIL")
    try:
        with Progress() as progress, new_file(file) as out, installation.engine() as engine:
            own, each = installation.own_addresses, told_by(progress)
            counts = export_person(engine, address, out, own=own, with_notes=with_notes, each=each)
    except NoSuchPerson as reason:
        refuse(str(reason))
    except KeyboardInterrupt:
        stop(STOPPED.format(file))
    if as_json:
        show_copy(file, counts)
        return
    click.echo(f"What the desk has of {address} is in {file}: {sum(counts.values())} lines.")
    if not with_notes:
        click.echo(WITHOUT_NOTES)


def _show_forgetting(done: "Forgetting") -> None:
    from worker.runtime.terminal import show_table

    show_table(("erased" if done.forgotten else "would be erased", "how much"), _found_rows(done.found))
    if done.archived:
        click.echo(FROM_ARCHIVE.format(count=len(done.archived), verb="came" if done.forgotten else "would come"))
    if done.found.objection:
        click.echo(OBJECTION.format(address=done.address))
    _show_places(done.places)
    click.echo(BEYOND)
    if done.forgotten:
        click.echo(f"{done.address} is forgotten.")
    else:
        click.echo(f"Nothing was changed. To do it: supportdesk user forget {done.address} --yes")


def _show_places(places: "Iterable[ServerPlace]") -> None:
    from desk.facts import IMPORT_FOLDER
    from worker.runtime.terminal import printable

    on_server = [place for place in places if not place.folder.startswith(IMPORT_FOLDER)]
    if brought := [place for place in places if place not in on_server]:
        files = ", ".join(sorted({printable(place.folder.removeprefix(IMPORT_FOLDER)) for place in brought}))
        click.echo(FROM_FILES.format(count=sum(len(place.uids) for place in brought), files=files))
    if on_server:
        click.echo(ON_SERVER)
        for place in on_server:
            folder = f"mailbox {place.mailbox}, folder {place.folder}, UIDVALIDITY {place.uidvalidity}"
            uids = ", ".join(str(uid) for uid in place.uids)
            click.echo(f"  {printable(f'{folder}: UIDs {uids}')}")
        click.echo(MOVED)


def _found_rows(found: "DataCounts") -> list[tuple[str, str]]:
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
        ("tickets to which they were added in Cc, unheard", f"{found.guest_of}"),
        ("suppressions, loop breakers", f"{found.suppressions}, {found.breakers}"),
    ]
