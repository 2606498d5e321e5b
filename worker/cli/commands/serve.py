"""`supportdesk serve`: metrics and probes by HTTP."""

import signal
from threading import Thread

import rich_click as click

from worker.cli.installation import Installation, pass_installation

# No port of the list that exporters of Prometheus share out among themselves, which ends below 11000.
DEFAULT_PORT = 12525


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen at; with 0 a free one is chosen, and said.",
)
@pass_installation
def serve(installation: Installation, host: str, port: int) -> None:
    """Answer /live, /ready and /metrics by HTTP, from the database alone, until SIGTERM or Ctrl-C.

    /live says that this process answers, /ready that the desk does its work, else why not, a sentence a line (status
    503), and /metrics is for Prometheus. Whoever reaches the port reads the names of mailboxes and hosts, so let it be
    reached by Prometheus alone.
    """
    from worker.cli.errors import refuse
    from worker.runtime.health.probes.counters import Counters
    from worker.runtime.health.probes.server import ProbeServer
    from worker.runtime.health.probes.sight import Sight, needed_revision
    from worker.runtime.logs import configure_logs
    from worker.runtime.services import open_services

    services = open_services(installation.settings, application_name="supportdesk serve")
    try:
        server = ProbeServer(host, port, Sight(services, needed_revision(), Counters()))
    except OSError as error:
        refuse(f"The desk cannot listen at {host}, port {port}: {error.strerror}. Choose others by --host and --port.")
    configure_logs()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Threads inherit the mask, so that the signals are left to the wait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    Thread(target=server.serve_forever, name="probes", daemon=True).start()
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"/live, /ready and /metrics are answered at http://{shown}:{server.server_port}", err=True)
    signal.sigwait(ends)
    server.shutdown()
    server.server_close()
    services.engine.dispose()
