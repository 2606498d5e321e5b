"""Real mails, many of them broken on purpose, through the whole path: APPEND, poll, intake, announce, deliver.

usage: python -m bench.robust CORPUS [--kill] [--most N]

CORPUS is a folder with `robust.txt`, a list of paths of whole mails. Every mail is appended to a real IMAP server, and
real workers take it in. Then each UID on the server is compared with the ledger: none lost, none twice, each with a
fate. `--kill` ends both workers with SIGKILL in the middle and starts them again. Nothing leaves this machine: the
only SMTP server known is the one started here.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.robust.findings import read_findings, show
from mail.failures import PermanentFailure
from mail.imap.mailbox import open_mailbox
from seed.stack.servers import Stack, running_stack
from worker.admin.migrate import upgrade
from worker.demo.processes import DeskProcess, running_beat, running_workers
from worker.runtime.services import Services, imap_server, open_services
from worker.settings.load import load_settings

SETTINGS = Path(__file__).parent / "robust.toml"
DEADLINE_SECONDS = 1200


def main() -> None:
    """Run, show the table, and end with status 1 where something was lost, doubled or left without a fate."""
    options = _read_options()
    console = Console(stderr=True)
    paths = _read_listing(options.corpus)[: options.most]
    with tempfile.TemporaryDirectory(prefix="supportdesk-robust-") as folder, ExitStack() as stack:
        servers = stack.enter_context(running_stack(Path(folder), keep=False))
        services = _open_services(Path(folder), servers)
        upgrade(services.engine)
        console.print(f"{_append_all(services, paths)} of {len(paths)} mails are on the IMAP server.")
        desk = stack.enter_context(ExitStack())
        desk.enter_context(running_beat(Path(folder)))
        processes = desk.enter_context(running_workers(Path(folder)))
        if options.kill:
            _await_decided(services, len(paths) // 2, processes, console)
            for one in processes:
                one.process.kill()
                one.process.wait()
            console.print("Both workers were ended with SIGKILL; starting them again.")
            processes = desk.enter_context(running_workers(Path(folder)))
        _await_decided(services, None, processes, console)
        desk.close()
        findings = read_findings(services)
    show(findings, Console())
    raise SystemExit(0 if findings.sound else 1)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.robust", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("corpus", type=Path, help="a folder with robust.txt")
    parser.add_argument("--kill", action="store_true", help="end both workers with SIGKILL in the middle")
    parser.add_argument("--most", type=int, default=None, help="take only the first so many mails")
    return parser.parse_args()


def _read_listing(corpus: Path) -> list[Path]:
    listing = corpus / "robust.txt"
    if not listing.is_file():
        sys.exit(f"{listing} is not there: name a folder that holds robust.txt, a list of paths of mails.")
    return [corpus / line for line in listing.read_text().splitlines() if line.strip()]


def _open_services(folder: Path, stack: Stack) -> Services:
    assert stack.mail, "the stack was asked for a mail server"
    environ = {
        "DATABASE_URL": stack.database_url,
        "REDIS_URL": stack.redis_url,
        "SUPPORTDESK_CONFIG": str(SETTINGS),
        "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": stack.mail.password,
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(stack.mail.imap_port),
        "SUPPORTDESK_SMTP__PORT": str(stack.mail.smtp_port),
    }
    # The workers are children of ours and read the same settings.
    os.environ.update(environ)
    return open_services(load_settings(None, os.environ), application_name="robust")


def _append_all(services: Services, paths: list[Path]) -> int:
    """Put the mails into the mailbox, and return how many the server took."""
    box, appended = services.settings.mailbox[0], 0
    with open_mailbox(imap_server(box, services.limits)) as mailbox, Progress(console=Console(stderr=True)) as progress:
        for path in progress.track(paths, description="APPEND"):
            try:
                mailbox.append("INBOX", path.read_bytes())
            except PermanentFailure as failure:
                print(f"{path.name}: the server did not take it: {failure}", file=sys.stderr)
            else:
                appended += 1
    return appended


def _await_decided(
    services: Services, decided: int | None, processes: tuple[DeskProcess, ...], console: Console
) -> None:
    """Wait until so many mails are decided; None: until nothing is left to do anywhere."""
    ends = time.monotonic() + DEADLINE_SECONDS
    with Progress(console=console) as progress:
        bar = progress.add_task("Deciding", total=None)
        while time.monotonic() < ends:
            seen = read_findings(services, compare=False)
            progress.update(bar, total=seen.on_server, completed=seen.decided)
            if seen.decided >= decided if decided is not None else seen.at_rest:
                return
            for reason in filter(None, (process.why_gone() for process in processes)):
                sys.exit(reason)
            time.sleep(1)
    seen = read_findings(services, compare=False)
    left = f"{seen.on_server - seen.decided} mails, {seen.open_events} events and {seen.open_outbox} outgoing mails"
    sys.exit(f"Not everything was decided within {DEADLINE_SECONDS} s: {left}.")


if __name__ == "__main__":
    main()
