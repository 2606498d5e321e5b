"""What pages of the lists by mail cost on 1,000,000 tickets: `python -m bench.hands readings`.

They are those of `python -m bench.hands lists`. It prints the median of five reads each in milliseconds, of the first
page, of one in the middle and of the last, for an admin, an agent and customers.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from bench.hands.lists import AGENTS, TICKETS, fill, milliseconds
from desk.commands.reading.ask import ROWS, Ask, Scope, View
from desk.commands.reading.found import ReadAnswer
from desk.ticket import Person, Role
from models.db.engine import make_engine
from models.reports.reading import find
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.transaction import transaction

ADMIN = Person(1, "a0", "agent0@desk.example", "Agent 0", Role.ADMIN, Role.ADMIN)
AGENT = Person(2, "a3", "agent3@desk.example", "Agent 3", Role.AGENT, Role.AGENT)
OLD = Person(3, f"a{AGENTS}", f"agent{AGENTS}@desk.example", "Agent old", Role.AGENT, Role.AGENT)
FEW = Person(4, "u7", "customer7@shop.example", "Customer 7", Role.CUSTOMER)
MANY = Person(5, "u8", "customer8@shop.example", "Customer 8", Role.CUSTOMER)
ASKED: dict[str, tuple[Person, Ask]] = {
    "`#list open` of an admin, 5,000": (ADMIN, Ask(View.LIST, Scope.OPEN)),
    "`#list waiting` of an admin, none": (ADMIN, Ask(View.LIST, Scope.WAITING)),
    "`#list unassigned`, none": (ADMIN, Ask(View.LIST, Scope.UNASSIGNED)),
    "`#list` of an agent, 250": (AGENT, Ask(View.LIST, Scope.MINE)),
    "`#list open` of an agent": (AGENT, Ask(View.LIST, Scope.OPEN)),
    "`#list` of an agent with old tickets": (OLD, Ask(View.LIST, Scope.MINE)),
    "`#list` of a customer, 10": (FEW, Ask(View.LIST, Scope.ALL)),
    "`#list` of a customer, 50,000": (MANY, Ask(View.LIST, Scope.ALL)),
    "`#show`": (ADMIN, Ask(View.SHOW, ticket=1_500)),
    "`#show` of another's, by an agent": (AGENT, Ask(View.SHOW, ticket=1_500)),
}
# One customer is a program that writes all day.
GIVE = """UPDATE "Ticket" SET "createdById" = 'u8' WHERE substr(id, 2)::bigint % :every = 1"""


def read(engine: Engine, person: Person, ask: Ask) -> ReadAnswer:
    """One answer, as it is read when its mail is written."""
    with transaction(engine) as session:
        return find(session, person, ask, lambda *_: None)


def lines(engine: Engine, tickets: int) -> Iterator[str]:
    """A line of a table for each question: its first page, the one from the middle ticket on, and the last."""
    for name, (person, ask) in ASKED.items():
        is_list = ask.view is View.LIST
        afters = ("", str(1000 + tickets // 2), str(1000 + ROWS)) if is_list else ("",)
        taken = [milliseconds(partial(read, engine, person, replace(ask, after=after))) for after in afters]
        yield f"| {name} | {' | '.join(f'{one:.1f}' for one in taken)} |"


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands readings", description="The lists by mail.")
    parser.add_argument("--tickets", type=int, default=TICKETS)
    tickets = parser.parse_args().tickets
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder), fsync=False, keep=False) as url:
        engine = make_engine(url, application_name="bench readings")
        upgrade(engine)
        fill(engine, tickets)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(GIVE), {"every": ROWS})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text('VACUUM ANALYZE "Ticket"'))
        for line in lines(engine, tickets):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        engine.dispose()
