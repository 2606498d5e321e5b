"""`supportdesk suppression`: who gets no mail from us."""

from datetime import datetime, timedelta

import rich_click as click

from worker.cli.errors import checked_address, refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.paging import MOST, before, say_next

ADDRESS = click.argument("address", help="A mail address.")


@click.group()
def suppression() -> None:
    """List the addresses that get no mail, and change the list."""


@suppression.command("list")
@before("address", metavar="ADDRESS", default="")
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, before: str, most: int, as_json: bool) -> None:
    """List who gets no mail, why, and until when."""
    from models.outbox.suppression import list_suppressed
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        entries = list_suppressed(session, most, before)
    if as_json:
        show_json(entries)
        return
    if before and not entries:
        click.echo(f"There are no further lines, or {before} stands on the list no longer.")
        return
    rows = [(one.address, one.reason, f"{one.since:%Y-%m-%d}", _day(one.expires_at)) for one in entries]
    show_table(("address", "reason", "since", "until"), rows)
    if entries:
        say_next(entries, most, "--before", entries[-1].address)


@suppression.command()
@ADDRESS
@click.option("--reason", required=True, help="Why; it stands with each mail that is held for it.")
@click.option("--days", type=click.IntRange(1, 3650), help="For so many days; without it, for good.")
@pass_installation
def add(installation: Installation, address: str, reason: str, days: int | None) -> None:
    """Write no more to ADDRESS."""
    from models.db.clock import read_now
    from models.outbox.suppression import suppress
    from worker.runtime.transaction import transaction

    address = checked_address(address, "ADDRESS")
    with installation.engine() as engine, transaction(engine) as session:
        ends = read_now(session) + timedelta(days=days) if days else None
        suppress(session, address, reason, ends)
    click.echo(f"{address} gets no mail{f' until {_day(ends)}' if ends else ''}.")


@suppression.command()
@ADDRESS
@pass_installation
def remove(installation: Installation, address: str) -> None:
    """Write to ADDRESS again; mails that were held stay held."""
    from models.outbox.suppression import lift_suppression
    from worker.runtime.transaction import transaction

    address = checked_address(address, "ADDRESS")
    with installation.engine() as engine, transaction(engine) as session:
        was_listed = lift_suppression(session, address)
    if not was_listed:
        refuse(f"Nothing was changed: {address} is not on the list.")
    click.echo(f"{address} gets mail again.")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "for good"
