"""`supportdesk doctor`: looks the installation over and says what does not work."""

import json

import click

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import Installation, pass_installation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object for each part.")
@pass_installation
def doctor(installation: Installation, as_json: bool) -> None:
    """Check templates, database, broker, every mailbox and the outgoing server; nothing is changed or sent."""
    from worker.doctor import look_over
    from worker.office import open_office

    office = open_office(installation.settings, application_name="supportdesk doctor")
    troubled = False
    for finding in look_over(office):
        troubled = troubled or bool(finding.trouble)
        line = {"part": finding.part, "trouble": finding.trouble or None}
        click.echo(json.dumps(line) if as_json else finding.trouble or f"{finding.part}: fine")
    office.engine.dispose()
    if troubled:
        raise click.exceptions.Exit(EXIT_STATUS)
