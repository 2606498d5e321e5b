"""`supportdesk loop`: with whom mails went back and forth too fast."""

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation


@click.group()
def loop() -> None:
    """List the open loop breakers, and reset them."""


@loop.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List who gets no automatic mail because of a loop; '*strangers*' are all who were never seen before.

    Behind an address stands 'claimed' or 'refuted' where only answers to mails of that proof are held.
    """
    from models.outbox.breakers import list_breakers
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        breakers = list_breakers(session)
    if as_json:
        show_json(breakers)
        return
    rows = [(one.address, one.reason, f"{one.opened_at:%Y-%m-%d %H:%M}") for one in breakers]
    show_table(("address", "reason", "opened"), rows)


@loop.command()
@click.argument("address", help="A mail address, or '*strangers*'.")
@pass_installation
def reset(installation: Installation, address: str) -> None:
    """Let automatic mails of all kinds go to ADDRESS again; those that were held stay held.

    With the address '*strangers*' acknowledgements go again to addresses that were never seen before.
    """
    from desk.gate.caps import fold
    from models.outbox.breakers import STRANGERS, reset_breaker
    from worker.runtime.transaction import transaction

    name = STRANGERS if address == STRANGERS else fold(address)
    with installation.engine() as engine, transaction(engine) as session:
        was_open = reset_breaker(session, name)
    if not was_open:
        refuse(f"Nothing was changed: no loop breaker is open for {address}.")
    click.echo(f"Automatic mails go to {name} again, and are counted from now on.")
