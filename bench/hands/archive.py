"""`python -m bench.hands archive`: so many old tickets archived, the process killed so many times, and all restored.

Prints tickets a second, the size of the database before and after, what a search costs, and whether every row is as it
was. It starts a PostgreSQL of its own, with fsync on.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from bench.hands.old_tickets import add_old_tickets, fingerprints
from models.db.engine import make_engine
from models.removal.archive.listing import list_archived
from models.removal.archive.restore import restore
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.clock import now
from worker.runtime.transaction import transaction

RUN = (sys.executable, "-P", "-c", "from worker.cli.main import main; main()", "archive", "run", "--older-than", "2y")
ARCHIVED = "SELECT count(*) FROM mail.archive"
TORN = """
SELECT count(*) FROM mail.ticket n
WHERE (n.ticket_id IS NULL) <> EXISTS (SELECT FROM mail.archive a WHERE a.number = n.number)
"""
SEARCHES = {"a title": ("question 77",), "an address": ("c7@many.example",), "a number": ("SD-2000",)}
LOOK_EVERY = 0.05


def main() -> None:
    """Run it with the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands archive")
    parser.add_argument("--tickets", type=int, default=100_000, help="how many old tickets")
    parser.add_argument("--kills", type=int, default=3, help="how many times the run is killed")
    parser.add_argument("--restore", type=int, default=0, help="how many are restored; 0 for all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, running_postgres(Path(folder)) as url:
        engine = make_engine(url, application_name="bench")
        upgrade(engine)
        _play(engine, url, options)
        engine.dispose()


def _play(engine: Engine, url: str, options: argparse.Namespace) -> None:
    seconds = _timed(lambda: add_old_tickets(engine, options.tickets))
    _vacuum(engine, full=False)
    _say(f"{options.tickets:,} tickets planted in {seconds:.0f} s")
    before, size = fingerprints(engine), _size(engine)
    seconds = _archive(engine, url, options.tickets, options.kills)
    _say(f"archived {_number(engine, ARCHIVED):,} in {seconds:.0f} s: {options.tickets / seconds:.0f} a second")
    _vacuum(engine, full=True)
    _say(f"size {size / 1e6:,.0f} MB before, {_size(engine) / 1e6:,.0f} MB after VACUUM FULL")
    _say(f"  of it mail.archive with its parts {_size_of_archive(engine) / 1e6:,.0f} MB")
    for what, words in SEARCHES.items():
        _say(f"search of {what}: {_timed(partial(_search, engine, words)) * 1000:.0f} ms")
    _restore(engine, options.restore or options.tickets)
    if not options.restore:
        _say("equal in every table" if fingerprints(engine) == before else f"DIFFERENT: {_differing(engine, before)}")


def _archive(engine: Engine, url: str, tickets: int, kills: int) -> float:
    """Archive everything, the process being killed on its way; the seconds in which processes ran."""
    environ, seconds = os.environ | {"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""}, 0.0
    chance = random.Random(17)  # noqa: S311  kills need no secret
    for end in [*sorted(chance.randrange(tickets) for _ in range(kills)), None]:
        started = time.monotonic()
        process = subprocess.Popen(RUN, env=environ, cwd="/")
        while process.poll() is None:
            if end is not None and _number(engine, ARCHIVED) > end:
                time.sleep(chance.random() * LOOK_EVERY)
                process.kill()
                process.wait()
            time.sleep(LOOK_EVERY)
        seconds += time.monotonic() - started
        there, torn = _number(engine, ARCHIVED), _number(engine, TORN)
        _say(f"ended with {process.returncode} at {there:,}; in both places or in none: {torn}")
    return seconds


def _restore(engine: Engine, most: int) -> None:
    with engine.connect() as connection:
        numbers = connection.scalars(
            text("SELECT number FROM mail.archive ORDER BY number LIMIT :most"), {"most": most}
        ).all()
    seconds = _timed(partial(_bring_back, engine, numbers))
    _say(f"restored {len(numbers):,} in {seconds:.0f} s: {len(numbers) / seconds:.0f} a second")


def _bring_back(engine: Engine, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), 50):
        with transaction(engine) as session:
            for number in numbers[start : start + 50]:
                restore(session, number, now())


def _search(engine: Engine, words: Sequence[str]) -> None:
    with transaction(engine) as session:
        list_archived(session, 25, None, tuple(words))


def _differing(engine: Engine, before: dict[str, str]) -> list[str]:
    after = fingerprints(engine)
    return [name for name in before if before[name] != after[name]]


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _size(engine: Engine) -> int:
    return _number(engine, "SELECT pg_database_size(current_database())")


def _size_of_archive(engine: Engine) -> int:
    return _number(
        engine, "SELECT pg_total_relation_size('mail.archive') + pg_total_relation_size('mail.archive_part')"
    )


def _number(engine: Engine, statement: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(statement)).scalar_one())


def _vacuum(engine: Engine, *, full: bool) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM (FULL, ANALYZE)" if full else "VACUUM (ANALYZE)"))


def _say(line: str) -> None:
    print(line, flush=True)
