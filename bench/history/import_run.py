"""Old mail imported in one go and with kills at random points, and the tables of both compared.

usage: python -m bench.history import [--mails 20000] [--kills 3] [--seed 1]

It makes up so many mails of a support mailbox as two mbox files, imports them in one go into one database, and into
another with so many kills (SIGKILL); it prints mails a second, the most memory of the process, and whether all tables
are equal. Nothing leaves this machine.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url, text

from bench.history.letters import STAFF, old_letters, write_mbox
from bench.history.tables import first_difference, tables_of
from desk.ticket import Role
from models.people.staff import add_staff
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.services import Services, open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = "from worker.cli.main import main; main()"
COUNT: Final = "SELECT count(*) FROM mail.ledger"
TOLD: Final = "SELECT (SELECT count(*) FROM mail.event) + (SELECT count(*) FROM mail.outbox)"


@dataclass(frozen=True, slots=True)
class Desk:
    """A database with its services, and the variables by which the program finds it."""

    services: Services
    environ: dict[str, str]

    def count(self, statement: str = COUNT) -> int:
        """A number that a statement gives."""
        with self.services.engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar_one())


def main() -> None:
    """Run what is asked for, and end with status 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench.history import", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=20_000, help="so many mails, some 2.5 in a thread")
    parser.add_argument("--kills", type=int, default=3, help="so many kills")
    parser.add_argument("--seed", type=int, default=1, help="of the mails and of the points of the kills")
    options = parser.parse_args()
    raise SystemExit(0 if run_import(options.mails, options.kills, options.seed) else 1)


def run_import(mails: int, kills: int, seed: int) -> bool:
    """Import in one go and with kills; False where tables differ or anybody would have been told."""
    with tempfile.TemporaryDirectory(prefix="supportdesk-history-") as folder:
        began = time.monotonic()
        letters = old_letters(mails, seed)
        paths = write_mbox(Path(folder), letters)
        print(f"{len(letters)} mails, {sum(len(one.raw) for one in letters)} bytes, made in {_since(began)}.")
        del letters
        with running_postgres(Path(folder) / "postgres", fsync=False, keep=False) as url:
            whole, killed = (_desk(url, name) for name in ("whole", "killed"))
            print(f"Trial: {_import(whole, paths, '--dry-run')}")
            print(f"One go: {_import(whole, paths)}")
            for turn in range(kills):
                _kill(killed, paths, mails * turn // kills, mails // kills, seed + turn)
            print(f"After {kills} kills: {_import(killed, paths)}")
            one, other = tables_of(whole.services), tables_of(killed.services)
            difference, told = first_difference(one, other), whole.count(TOLD) + killed.count(TOLD)
            print(", ".join(f"{len(rows)} {name}" for name, rows in one.items()))
            print(f"Equal: {difference or 'yes'}. Told: {told}.")
            for desk in (whole, killed):
                desk.services.engine.dispose()
    return not difference and not told


def _desk(url: str, name: str) -> Desk:
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    own = make_url(url).set(database=name).render_as_string(hide_password=False)
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": own,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_CONFIG": str(ROOT / "supportdesk.toml"),
        "SUPPORTDESK_DESK__SECRET_KEY": "a secret of this run, 32 bytes long",
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }
    services = open_services(load_settings(ROOT / "supportdesk.toml", environ), application_name="bench")
    upgrade(services.engine)
    with transaction(services.engine, quiet=True) as session:
        for email in STAFF:
            add_staff(session, email, Role.AGENT, name=email.partition("@")[0].title(), now=datetime.now(UTC))
    return Desk(services, environ)


def _command(paths: Sequence[Path], *words: str) -> list[str]:
    options = ["--mailbox", "support", "--staff-answers", *words]
    return [sys.executable, "-c", PROGRAM, "import", "mbox", *map(str, paths), *options]


def _import(desk: Desk, paths: Sequence[Path], *words: str) -> str:
    """What the program says, how long it took, and the most memory that it had."""
    began = time.monotonic()
    before = desk.count()
    with subprocess.Popen(_command(paths, *words), env=desk.environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took, rows = time.monotonic() - began, desk.count() - before
    speed = f"{rows / took:.0f} mails a second" if rows else "nothing stored"
    return (
        f"{' '.join(said.split())} [{took:.0f} s, {speed}, {used.ru_maxrss / 1024:.0f} MB, status {process.returncode}]"
    )


def _kill(desk: Desk, paths: Sequence[Path], after: int, within: int, seed: int) -> None:
    enough = after + random.Random(seed).randrange(1, max(within, 2))  # noqa: S311  not for secrets
    with subprocess.Popen(_command(paths), env=desk.environ, stdout=subprocess.DEVNULL) as process:
        while desk.count() < enough and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        print(f"Killed at {desk.count()} mails, status {process.wait()}.")


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.0f} s"
