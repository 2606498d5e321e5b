"""`supportdesk doctor`: looks the installation over and says what does not work."""

import json

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import Installation, pass_installation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object for each part: part, trouble, advice.")
@pass_installation
def doctor(installation: Installation, as_json: bool) -> None:
    """Check templates, database, broker, every mailbox, the outgoing server, processes and queues, and trust.

    Nothing is changed or sent. Advice is no error: the exit status is 1 where something is wrong, and 2 where nobody
    can tell, as without the database.
    """
    from worker.admin.doctor import look_over
    from worker.runtime.services import open_services
    from worker.runtime.terminal import printable

    services = open_services(installation.settings, application_name="supportdesk doctor")
    status = 0
    for finding in look_over(services):
        status = max(status, EXIT_STATUS if finding.blind else int(bool(finding.trouble)))
        if as_json:
            line = {"part": finding.part, "trouble": finding.trouble or None, "advice": finding.advice or None}
            click.echo(json.dumps(line))
        else:
            advice = f"{finding.part}: advice: {finding.advice}" if finding.advice else ""
            click.echo(printable(advice or finding.trouble or f"{finding.part}: fine"))
    services.engine.dispose()
    if status:
        raise Exit(status)
