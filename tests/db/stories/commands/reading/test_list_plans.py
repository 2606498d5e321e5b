"""A list by mail reads what its reader may see and no more, the last page what the first one does: by the plans."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from desk.commands.reading.ask import Ask, Scope, View
from desk.ticket import Person, Role
from models.reports.reading import list_statement
from tests.support.database.query_plans import nodes, rows_read
from tests.support.database.services import ADMIN, AGENT
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

TICKETS, UNFINISHED = 20_000, 100
FILL = (
    """INSERT INTO "User" (id, name, email, role, "updatedAt")
    SELECT 'u' || n, 'U' || n, 'u' || n || '@x.example', 'customer', now() FROM generate_series(0, 399) n""",
    """INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "assignedToId", "updatedAt")
    SELECT 't' || i, 'T', 'D', CASE WHEN i % 200 = 0 THEN 'open' ELSE 'closed' END::"TicketStatus", 'billing',
        'u' || i % 400, CASE WHEN i % 400 <> 0 THEN 'u' || i % 20 END, now()
    FROM generate_series(1, 20000) i""",
)
ADA = Person(1, "u0", "u0@x.example", "Ada", Role.ADMIN, Role.ADMIN)
BOB = Person(2, "u0", "u0@x.example", "Bob", Role.AGENT, Role.AGENT)
ANN = Person(3, "u7", "u7@x.example", "Ann", Role.CUSTOMER)
LISTS = {
    "open of an admin": (ADA, Scope.OPEN, UNFINISHED),
    "waiting of an admin": (ADA, Scope.WAITING, UNFINISHED),
    "mine": (BOB, Scope.MINE, UNFINISHED),
    "unassigned": (BOB, Scope.UNASSIGNED, UNFINISHED),
    "open of an agent": (BOB, Scope.OPEN, UNFINISHED),
    "all of a customer": (ANN, Scope.ALL, TICKETS // 400),
}
pytestmark = pytest.mark.services(ADMIN, AGENT)


@pytest.fixture
def filled(services: Services) -> Services:
    """Twenty thousand tickets, of which one in two hundred is not over."""
    with services.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in FILL:
            connection.execute(text(statement))
        connection.execute(
            text("""INSERT INTO mail.ticket (number, ticket_id) OVERRIDING SYSTEM VALUE
            SELECT 1000 + i, 't' || i FROM generate_series(1, 20000) i""")
        )
    with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('VACUUM ANALYZE "User", "Ticket", "Comment", mail.ticket'))
    return services


def tickets_read(services: Services, person: Person, ask: Ask) -> float:
    """How many rows of tickets PostgreSQL looks at for one page."""
    with transaction(services.engine) as session:
        connection = session.connection()
        statement = list_statement(session, person, ask)
        sql = str(statement.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}").scalar_one()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return sum(rows_read(node) for node in nodes(plan) if node.get("Relation Name") == "Ticket")


def test_a_list_reads_what_its_reader_may_see_and_its_last_page_no_more_than_its_first(filled: Services) -> None:
    for name, (person, scope, most) in LISTS.items():
        first, last = (tickets_read(filled, person, Ask(View.LIST, scope, after=after)) for after in ("", "1500"))

        # Once to find them, once more for what stands in a row.
        assert first <= 2 * most + 2, (name, first)
        assert last <= first, (name, first, last)
