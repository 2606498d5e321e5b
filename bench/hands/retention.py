"""How long it takes to let old bytes, texts and events go: `python -m bench.hands retention --tickets 40000`.

A desk with so many tickets, each with a mail, two mails of ours and what was told; half of them are old and over. It
prints how long a dry run and a run take, the slowest batch of each, and how long the turn of the next hour takes.
"""

import argparse
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

from sqlalchemy import Engine, text

from bench.speed.sections.fill import fill
from bench.speed.stage.servers import AGENTS, SERVER
from bench.staff import plant_staff
from models.db.engine import make_engine
from models.removal.retention import Kept, let_go
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.admin.retention import LetGo, let_go_all
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

DAYS = dict.fromkeys(Kept, 400)
# The older half of the tickets is over for two years, and so is all that belongs to them.
OLD = (
    "SET LOCAL session_replication_role = replica",
    """UPDATE public."Ticket" t SET status = 'closed', "updatedAt" = now() - interval '2 years'
    FROM mail.ticket a WHERE a.ticket_id = t.id AND a.number <= 1000 + :half""",
    """UPDATE mail.ledger SET stored_at = now() - interval '2 years', decided_at = now() - interval '2 years'
    WHERE ticket_number <= 1000 + :half""",
    """UPDATE mail.outbox SET written_at = now() - interval '2 years', decided_at = now() - interval '2 years',
        sent_at = now() - interval '2 years', token_expires_at = now() - interval '1 year'
    WHERE ticket_number <= 1000 + :half""",
    """UPDATE mail.event SET happened_at = now() - interval '2 years', decided_at = now() - interval '2 years',
        announced_at = now() - interval '2 years' WHERE ticket_number <= 1000 + :half""",
    "DELETE FROM mail.note",
    # News of which no mail of ours came, as the desk has them of priorities and categories.
    """INSERT INTO mail.event (kind, field, ticket_number, fate, happened_at, decided_at, details)
    SELECT 'ticket_changed', 'priority', number, 'announced', now() - interval '2 years', now() - interval '2 years',
        '{"much": "of it"}' FROM mail.ticket WHERE number <= 1000 + :half""",
)


def main() -> None:
    """Make the desk, let go, and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands retention", description="What is let go.")
    parser.add_argument("--tickets", type=int, default=500_000)
    tickets = parser.parse_args().tickets
    with TemporaryDirectory() as folder, running_postgres(Path(folder) / "pg", keep=False, settings=SERVER) as url:
        engine = make_engine(url, application_name="bench")
        upgrade(engine)
        plant_staff(cast("Services", SimpleNamespace(engine=engine)), AGENTS)
        fill(engine, tickets)
        grow_old(engine, tickets // 2)
        for name, dry in (("dry run", True), ("run", False), ("run again", False)):
            print_walk(name, engine, dry=dry)
        print_next_hour(engine)
        engine.dispose()


def grow_old(engine: Engine, half: int) -> None:
    """Make the first half of the tickets old, with all that belongs to them."""
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), {"half": half} if ":half" in statement else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def print_walk(name: str, engine: Engine, *, dry: bool) -> None:
    """Walk all tables, and print what went and how long the slowest batch took."""
    begun = last = time.monotonic()
    slowest = 0.0

    def each(*_: object) -> None:
        nonlocal last, slowest
        slowest, last = max(slowest, time.monotonic() - last), time.monotonic()

    found: list[LetGo] = let_go_all(engine, DAYS, dry=dry, each=each)
    words = ", ".join(f"{one.what} {one.gone} ({one.size / 1024**2:.0f} MB)" for one in found)
    print(f"{name}: {words} in {time.monotonic() - begun:.1f} s; slowest batch {slowest * 1000:.0f} ms")


def print_next_hour(engine: Engine) -> None:
    """Print how long a batch takes that begins where all is too young."""
    for kept in Kept:
        begun = time.monotonic()
        with transaction(engine, quiet=True) as session:
            batch = let_go(session, kept, timedelta(days=400), 10**9 if kept is Kept.RAW else 0)
        print(f"{kept}: a batch of {batch.looked_at} in {(time.monotonic() - begun) * 1000:.1f} ms")
