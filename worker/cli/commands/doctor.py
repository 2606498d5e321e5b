"""`supportdesk doctor`: looks the installation over and says what does not work."""

from itertools import chain

import rich_click as click
from click.exceptions import Exit

from worker.cli.installation import Installation, pass_installation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object for each part: part, trouble, advice, found.")
@click.option("--round-trip", is_flag=True, help="Let each mailbox send itself two mails as well, and wait for them.")
@click.option("--within", type=click.IntRange(1, 3600), default=60, help="For how many seconds they are waited for.")
@pass_installation
def doctor(installation: Installation, as_json: bool, round_trip: bool, within: int) -> None:
    """Check templates, database, broker, every mailbox, the outgoing server, processes and queues, and trust.

    Nothing is changed or sent but for the mails of --round-trip, which show how long mail takes and what the servers
    make of it. Advice is no error: the exit status is 1 where something is wrong, and 2 where nobody can tell, as
    without the database.
    """
    from worker.admin.doctor.run import look_over
    from worker.cli.pages.finding import show_finding
    from worker.runtime.services import open_services

    services = open_services(installation.settings, application_name="supportdesk doctor")
    findings = look_over(services)
    if round_trip:
        from worker.cli.setup.round_trip import round_trips

        findings = chain(findings, round_trips(services, within))
    try:
        status = max((show_finding(finding, as_json=as_json) for finding in findings), default=0)
    finally:
        services.engine.dispose()
    if status:
        raise Exit(status)
