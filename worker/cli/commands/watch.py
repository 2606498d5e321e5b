"""`supportdesk watch`: hears of new mail and of changes at once, and rings for the work."""

import os
import signal

import rich_click as click

from worker.cli.installation import Installation, pass_installation


@click.command()
@pass_installation
def watch(installation: Installation) -> None:
    """Watch every mailbox (IMAP IDLE) and the database (LISTEN) until SIGTERM or Ctrl-C.

    It only rings for work that the beat's sweeps would find a little later, so it may be missing, and two do no harm.
    """
    settings = installation.settings
    if installation.config:
        os.environ["SUPPORTDESK_CONFIG"] = str(installation.config)
    from desk.reports.health.facts import ProcessKind
    from worker.app import app
    from worker.poll.watch import Stop, end_watching, start_watching
    from worker.runtime.health.pulse import start_pulse
    from worker.runtime.logs import configure_logs
    from worker.runtime.services import open_services

    configure_logs()
    # Celery's current application is a thread's own; the bell is rung in many.
    app.set_default()
    ends, stop = {signal.SIGTERM, signal.SIGINT}, Stop()
    # Threads inherit the mask, so that the signals are left to the wait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    services = open_services(settings, application_name="supportdesk watch")
    threads = start_watching(services, stop)
    start_pulse(settings, ProcessKind.WATCH)
    signal.sigwait(ends)
    end_watching(stop, threads)
    click.echo("The watch has ended, as SIGTERM or Ctrl-C asked.", err=True)
