"""`supportdesk loop`: with whom mails went back and forth too fast."""

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.paging import MOST, before, say_next


@click.group()
def loop() -> None:
    """List the open loop breakers, and reset them."""


@loop.command("list")
@before("address", metavar="ADDRESS", default="")
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, before: str, most: int, as_json: bool) -> None:
    """List who gets no automatic mail because of a loop; '*strangers*' are all who were never seen before.

    Behind an address stands 'claimed' or 'refuted' where only answers to mails of that proof are held.
    """
    from models.outbox.breakers import list_breakers
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        breakers = list_breakers(session, most, before)
    if as_json:
        show_json(breakers)
        return
    if before and not breakers:
        click.echo(f"There are no further lines, or {before} stands on the list no longer.")
        return
    rows = [(one.address, one.reason, f"{one.opened_at:%Y-%m-%d %H:%M}") for one in breakers]
    show_table(("address", "reason", "opened"), rows)
    if breakers:
        say_next(breakers, most, "--before", breakers[-1].address)


@loop.command()
@click.argument("address", help="A mail address, or '*strangers*'.")
@click.option("--without-held", is_flag=True, help="Leave held what was held, as after an attack.")
@pass_installation
def reset(installation: Installation, address: str, without_held: bool) -> None:
    """Let automatic mails of all kinds go to ADDRESS again, and send those of the last day that were held.

    With the address '*strangers*' acknowledgements go again to addresses that were never seen before. The send gate is
    asked again about each mail. What is older than a day stays held, as nobody waits for it any more.
    """
    from desk.gate.caps import DAY, fold
    from models.outbox.breakers import STRANGERS, reset_breaker
    from models.outbox.undelivered import State, list_stopped, send_again
    from worker.runtime.transaction import transaction

    name = STRANGERS if address == STRANGERS else fold(address)
    with installation.engine() as engine, transaction(engine) as session:
        was_open = reset_breaker(session, name)
        held = list_stopped(session, None if name == STRANGERS else name, DAY) if was_open and not without_held else ()
        sent = send_again(session, held, State.HELD) if held else []
    if not was_open:
        refuse(f"Nothing was changed: no loop breaker is open for {address}.")
    click.echo(f"Automatic mails go to {name} again, and are counted from now on.")
    click.echo(f"Held mails of the last day that go out with the next delivery: {len(sent)}.")
