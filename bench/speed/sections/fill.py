"""A desk of several years: its people, tickets, mails and notices, made by SQL within minutes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from string import Template
from typing import Any, Final

from sqlalchemy import Engine, text

from bench.speed.mails import SHOPS
from bench.speed.stage.servers import AGENTS
from desk.intake.rule_names import RuleName
from seed.people import seed_id

# Tickets and mails need the people, and not one another.
PEOPLE: Final = "people"
SIDE_BY_SIDE: Final = ("tickets", "mails")
# Half of the customers who write in a benchmark are among these.
TICKETS_A_CUSTOMER: Final = 10
# Of a thousand tickets so many are not finished.
UNFINISHED: Final = 5

_CUSTOMER: Final = "(i::bigint * 7919 % :customers)"
_WHEN: Final = "now() - (:tickets - i) * (interval '1000 days' / :tickets) - interval '1 hour'"
# What the statements have in common, for ticket i.
WORDS: Final[Mapping[str, str]] = {
    "shops": f"ARRAY{list(SHOPS)}",
    "when": _WHEN,
    "utc": f"({_WHEN}) AT TIME ZONE 'UTC'",
    "ticket_id": "'cfilledticket' || lpad(i::text, 12, '0')",
    "customer_id": f"'cfilleduser00' || lpad({_CUSTOMER}::text, 12, '0')",
    "customer_email": (
        f"'customer' || 2 * {_CUSTOMER} || '@' || (ARRAY{list(SHOPS)})[2 * {_CUSTOMER} % 10 + 1] || '.example'"
    ),
    "agent_id": "(CAST(:agents AS text[]))[i % :agent_count + 1]",
    "opens": RuleName.NEW_TICKET,
    "words": "'Words of mail ' || i || ', as long as those of a short mail are. ' || repeat(md5(i::text) || ' ', 8)",
}
NEXT: Final = "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
SEQUENCES: Final = (("mail.ticket", "number"), ("mail.ledger", "id"), ("mail.event", "id"), ("mail.outbox", "id"))
SCHEMAS: Final = ("public", "mail")
TABLES: Final = """
SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
WHERE relkind = 'r' AND relnamespace = CAST(:schema AS regnamespace)
"""


def fill(engine: Engine, tickets: int, customers: int | None = None) -> None:
    """Fill a migrated desk that has its staff, and nothing else, with so many tickets and what belongs to them.

    Without `customers`, there is one customer for ten tickets.
    """
    if not tickets:
        return
    values = {
        "tickets": tickets,
        "customers": customers or max(tickets // TICKETS_A_CUSTOMER, 1),
        "unfinished": UNFINISHED,
        "agents": [seed_id(name) for name in AGENTS],
        "agent_count": len(AGENTS),
    }
    _run(engine, values, PEOPLE)
    with ThreadPoolExecutor() as sides:
        list(sides.map(partial(_run, engine, values), SIDE_BY_SIDE))
        _advance_sequences(engine)
        list(sides.map(partial(_vacuum, engine), SCHEMAS))


def _run(engine: Engine, values: Mapping[str, Any], name: str) -> None:
    statements = Template(Path(__file__).with_name(f"fill_{name}.sql").read_text("utf-8")).substitute(WORDS)
    with engine.begin() as connection:
        # Neither triggers nor foreign keys look at rows that are right by the way they are made.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in filter(str.strip, statements.split(";\n")):
            needed = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), needed)


def _advance_sequences(engine: Engine) -> None:
    """Set each sequence to the largest number in use."""
    with engine.begin() as connection:
        for table, column in SEQUENCES:
            connection.execute(text(NEXT.format(table=table, column=column)))


def _vacuum(engine: Engine, schema: str) -> None:
    """Give the planner the statistics that autovacuum would have collected."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        tables = connection.scalar(text(TABLES), {"schema": schema})
        connection.execute(text(f"VACUUM ANALYZE {tables}"))
