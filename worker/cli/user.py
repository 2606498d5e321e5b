"""`supportdesk user`: who is known, and who is staff."""

from datetime import UTC, datetime

import rich_click as click

from desk.ticket import Role
from worker.cli.errors import refuse
from worker.cli.forget import forget
from worker.cli.installation import Installation, pass_installation

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For scripts.")


@click.group()
def user() -> None:
    """List people, say who is staff, and forget who asks for it."""


user.add_command(forget)


@user.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List everybody in SupportDesk."""
    from models.people import list_people
    from worker.cli.tables import show_json, show_table
    from worker.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        people = list_people(session)
    if as_json:
        show_json(people)
        return
    rows = [(p.number or "none", p.email, p.name, p.role, p.staff_role or "", f"{p.since:%Y-%m-%d}") for p in people]
    show_table(("number", "address", "name", "role", "staff", "since"), rows)


@user.group()
def staff() -> None:
    """Say who is staff; nobody becomes staff by a mail or by signing up."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice(["agent", "admin"]), required=True, help="What they may do.")
@click.option("--name", help="Their name.")
@click.option("--raise-role", is_flag=True, help="Give the role to an account that has a lesser one, too.")
@pass_installation
def add(installation: Installation, email: str, role: str, name: str | None, raise_role: bool) -> None:
    """Make the owner of EMAIL staff, with a user of that role in SupportDesk."""
    from models.staff import StaffRefused, add_staff
    from worker.transaction import transaction

    address, now = _address(email), datetime.now(UTC)
    with installation.engine() as engine, transaction(engine) as session:
        added = add_staff(session, address, Role(role), name=name, now=now, raise_role=raise_role)
    if isinstance(added, StaffRefused):
        refuse(f"Nothing was changed: {added.reason}")
    click.echo(f"{address} is {role} now{_change(added.user_was, added.role)}.")


@staff.command()
@click.argument("email")
@pass_installation
def remove(installation: Installation, email: str) -> None:
    """Take the power of the owner of EMAIL, who is a customer in SupportDesk from then on."""
    from models.staff import remove_staff
    from worker.transaction import transaction

    address, now = _address(email), datetime.now(UTC)
    with installation.engine() as engine, transaction(engine) as session:
        removed = remove_staff(session, address, now=now)
    if removed is None:
        refuse(f"Nothing was changed: {address} is not staff.")
    waiting = f"; {removed.waiting} open tickets are still theirs" if removed.waiting else ""
    click.echo(f"{address} is {removed.role} no longer, and a customer in SupportDesk{waiting}.")


@staff.command("list")
@AS_JSON
@pass_installation
def list_members(installation: Installation, as_json: bool) -> None:
    """List the staff, and who of them SupportDesk does not agree on."""
    from models.staff import list_staff
    from worker.cli.tables import show_json, show_table
    from worker.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        members = list_staff(session)
    if as_json:
        show_json(members)
        return
    rows = [(m.number, m.email, m.name, m.role, m.user_role or "gone", "yes" if m.in_force else "no") for m in members]
    show_table(("number", "address", "name", "role", "in SupportDesk", "in force"), rows)


def _address(email: str) -> str:
    from mail.addresses import normalise

    address = normalise(email)
    if address is None:
        raise click.BadParameter(f"{email} is no mail address.", param_hint="EMAIL")
    return address


def _change(was: Role | None, role: Role) -> str:
    if was is None:
        return ", with a new user in SupportDesk"
    return "" if was == role else f"; the user in SupportDesk was {was} before"
