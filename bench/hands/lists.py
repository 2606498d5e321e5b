"""What pages of `ticket list` and `ticket search` cost: `python -m bench.hands lists`, on 1,000,000 tickets.

They are made by SQL, in a PostgreSQL of its own in a temporary folder. It prints the median of five statements each, in
milliseconds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from desk.reports.search.terms import read_words
from desk.ticket import Category, Priority, Status
from models.db.engine import make_engine
from models.reports.search.find import SearchFor
from models.tickets.listing import TicketFilter, list_tickets
from seed.stack.postgres import running_postgres
from worker.admin.find_tickets import find_tickets
from worker.admin.migrate import upgrade
from worker.runtime.transaction import transaction

TICKETS, CUSTOMERS, AGENTS, PAGE, RUNS = 1_000_000, 100_000, 20, 25, 5
SECONDS = 600
# Of a thousand tickets five are open, and one is nobody's; the last agent has none but the oldest of all.
FILL = """
INSERT INTO "User" (id, name, email, role, "updatedAt")
SELECT 'u' || n, 'Customer ' || n, 'customer' || n || '@shop.example', 'customer', now()
FROM generate_series(0, {customers} - 1) n;
INSERT INTO "User" (id, name, email, role, "updatedAt")
SELECT 'a' || n, 'Agent ' || n, 'agent' || n || '@desk.example', 'agent', now() FROM generate_series(0, {agents}) n;
INSERT INTO "Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId", "createdAt",
    "updatedAt")
SELECT 't' || i, 'Filled ticket ' || i, 'Words of mail ' || i || repeat(' ' || md5(i::text), 8),
    CASE WHEN i % 1000 < 5 THEN 'open' ELSE 'closed' END::"TicketStatus",
    (ARRAY['low', 'medium', 'high'])[i % 3 + 1]::"TicketPriority",
    (ARRAY['technical_issue', 'billing', 'general_inquiry'])[i % 3 + 1]::"TicketCategory",
    'u' || i::bigint * 7919 % {customers}, CASE WHEN i % 1000 = 7 THEN NULL
    WHEN i <= {tickets} / 50 THEN 'a' || {agents} ELSE 'a' || i % {agents} END, now(), now()
FROM generate_series(1, {tickets}) i;
INSERT INTO mail.ticket (number, ticket_id) OVERRIDING SYSTEM VALUE
SELECT 1000 + i, 't' || i FROM generate_series(1, {tickets}) i;
INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
SELECT 'c' || i, 'Answer ' || i || repeat(' ' || md5(i::text), 8), 't' || i, 'a0', now()
FROM generate_series(1, {tickets}) i;
INSERT INTO mail.note (ticket_number, text, reason)
SELECT 1000 + i, 'Note ' || i || repeat(' ' || md5(i::text), 8), 'staff_on_ticket'
FROM generate_series(1, {tickets}, 10) i
"""
FILTERS = {
    "all": TicketFilter(),
    "--status open, 0.5 %": TicketFilter(statuses=(Status.OPEN,)),
    "--status closed": TicketFilter(statuses=(Status.CLOSED,)),
    "--status resolved, none": TicketFilter(statuses=(Status.RESOLVED,)),
    "--priority high": TicketFilter(priority=Priority.HIGH),
    "--category billing": TicketFilter(category=Category.BILLING),
    "--category feature_request, none": TicketFilter(category=Category.FEATURE_REQUEST),
    "--customer, 10": TicketFilter(customer="customer7@shop.example"),
    "--customer of no ticket": TicketFilter(customer="agent0@desk.example"),
    "--owner, 5 %": TicketFilter(owner="agent3@desk.example"),
    "--owner of the oldest 2 %": TicketFilter(owner=f"agent{AGENTS}@desk.example"),
    "--owner none, 0.1 %": TicketFilter(unassigned=True),
    "--priority high --status open": TicketFilter(priority=Priority.HIGH, statuses=(Status.OPEN,)),
}
SEARCHES = {
    "a word of each ticket": ["filled"],
    "a word of one new ticket": [f"{TICKETS - 1}"],
    "a word of one old ticket": ["mail 77 "],
    "a word of no ticket": ["kerosene"],
    "a common word and one of no ticket": ["filled", "kerosene"],
    "three words of no ticket": ["kerosene", "gasoline", "diesel"],
}


def fill(engine: Engine, tickets: int) -> None:
    """Fill a migrated database, without its triggers."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in FILL.format(tickets=tickets, customers=CUSTOMERS, agents=AGENTS).split(";\n"):
            connection.execute(text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('VACUUM ANALYZE "User", "Ticket", "Comment", mail.ticket, mail.note'))


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """How long a piece of work takes, the median of some runs after a first one."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def page(engine: Engine, wanted: TicketFilter, before: int | None) -> None:
    """Read one page of a list."""
    with transaction(engine) as session:
        list_tickets(session, wanted, PAGE, before)


def _search(words: list[str]) -> SearchFor:
    return SearchFor(wanted=read_words(words), notes=True, most=PAGE)


def lines(engine: Engine, tickets: int) -> Iterator[str]:
    """A line of a table for each list and each search."""
    for name, wanted in FILTERS.items():
        first, middle, last = (
            milliseconds(partial(page, engine, wanted, before)) for before in (None, 1000 + tickets // 2, 1000 + PAGE)
        )
        yield f"| `{name}` | {first:.1f} | {middle:.1f} | {last:.1f} |"
    for name, words in SEARCHES.items():
        yield f"| {name} | {milliseconds(partial(find_tickets, engine, _search(words), SECONDS), 1):.0f} |"


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands lists", description="The lists on many tickets.")
    parser.add_argument("--tickets", type=int, default=TICKETS)
    tickets = parser.parse_args().tickets
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder), fsync=False, keep=False) as url:
        engine = make_engine(url, application_name="bench lists")
        upgrade(engine)
        fill(engine, tickets)
        for line in lines(engine, tickets):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        engine.dispose()
