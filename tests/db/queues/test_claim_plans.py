"""A claim reads about as many rows as it takes, however many wait and however little the planner knows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url, text

from bench.speed.stage.servers import libpq_url
from models.db.claims import Queue, claim_fresh
from models.events.quarantine import read_quarantined_events
from models.events.rows import EVENTS, claim_events
from models.ledger.rows import LEDGER
from models.outbox.rows import OUTBOX
from tests.support.database.query_plans import Plans, log_plans_to_sessions, nodes, recorded_plans, rows_read
from tests.support.database.services import MakeServices, execute
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

WAITING, MOST = 10_000, 10
# What is claimed is read twice, and where rows are sorted as they come there are 32 of them at least.
READ = 50
BOX = "INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example')"
BACKLOG: Mapping[Queue, str] = {
    LEDGER: """
        INSERT INTO mail.ledger
            (mailbox_id, folder, uidvalidity, uid, size, fingerprint, message_id_hash, refers_hashes)
        SELECT 1, 'INBOX', 7, n, 1, '', decode(md5(n::text), 'hex'), ARRAY[decode(md5('old' || n), 'hex')]
        FROM generate_series(1, :waiting) n
    """,
    EVENTS: "INSERT INTO mail.event (kind) SELECT 'alert' FROM generate_series(1, :waiting) n",
    OUTBOX: """
        INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name,
            subject, text, html, message_id, dated, token_expires_at, due_at)
        SELECT 'alert', 'none', 'support', 'agent', 'bob@desk.example', '', 'support@desk.example', '', '', '', '',
            gen_random_uuid(), now(), now(), now() - n * interval '1 second'
        FROM generate_series(1, :waiting) n
    """,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What PostgreSQL says of a claim: which steps read the queue's table, and how many rows of it."""

    steps: tuple[str, ...]
    rows: float


@pytest.fixture
def services(postgres_url: str, fresh_database: str, make_services: MakeServices) -> Services:
    with psycopg.connect(libpq_url(postgres_url), autocommit=True) as connection:
        log_plans_to_sessions(connection, str(make_url(fresh_database).database))
    services = make_services()
    execute(services, BOX)
    return services


def look(services: Services) -> None:
    """Let the planner look at the tables as they are now, and not again."""
    with services.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE mail.ledger, mail.event, mail.outbox"))


def told(plans: Plans, queue: Queue) -> Told:
    """The one claim among the statements that were overheard."""
    (plan,) = [
        plan for statement, plan in plans.executed if statement.startswith(f"UPDATE {queue.table} SET claimed_by")
    ]
    readers = [
        node
        for node in nodes(plan)
        if f"mail.{node.get('Relation Name')}" == queue.table and "Scan" in node["Node Type"]
    ]
    return Told(tuple(node["Node Type"] for node in readers), sum(map(rows_read, readers)))


@pytest.mark.parametrize("queue", BACKLOG, ids=lambda queue: queue.table)
@pytest.mark.parametrize("was_looked_at", [True, False])
def test_a_claim_of_ten_reads_a_handful_of_a_backlog(services: Services, queue: Queue, was_looked_at: bool) -> None:
    if was_looked_at:
        look(services)
    execute(services, BACKLOG[queue], waiting=WAITING)

    with recorded_plans(services.engine) as plans, transaction(services.engine) as session:
        claimed = claim_fresh(session, queue, timedelta(minutes=1), MOST)

    claim = told(plans, queue)
    assert len(claimed.ids) == MOST
    assert set(claim.steps) == {"Index Scan"}
    assert claim.rows <= READ


@pytest.mark.parametrize("was_looked_at", [True, False])
def test_the_other_events_of_a_transaction_are_found_without_walking_all_that_wait(
    services: Services, was_looked_at: bool
) -> None:
    if was_looked_at:
        look(services)
    execute(
        services, "INSERT INTO mail.event (kind, transaction) SELECT 'alert', n / 2 FROM generate_series(2, 10001) n"
    )

    with recorded_plans(services.engine) as plans, transaction(services.engine) as session:
        claims = claim_events(session, timedelta(minutes=1), MOST - 1)

    (rest,) = [plan for statement, plan in plans.executed if statement.lstrip().startswith("UPDATE mail.event e")]
    assert [len(group) for group in claims.groups] == [2] * (MOST // 2)
    assert sum(map(rows_read, (node for node in nodes(rest) if "Scan" in node["Node Type"]))) <= READ


# What waits of how many tickets. Each ticket's first event is read twice: in search of the tickets, and to be claimed.
OF_TICKETS = ["CASE WHEN n = 1 THEN 1 ELSE 2 END", "1 + n % 7", "n", "n / 3 + 1"]


@pytest.mark.parametrize("ticket", OF_TICKETS)
@pytest.mark.parametrize("was_looked_at", [True, False])
@pytest.mark.parametrize("latest", [0, 5, 5_000])
def test_a_claim_in_turn_reads_a_handful_however_many_tickets_there_are(
    services: Services, ticket: str, was_looked_at: bool, latest: int
) -> None:
    if was_looked_at:
        look(services)
    execute(
        services,
        "INSERT INTO mail.ticket (number) OVERRIDING SYSTEM VALUE SELECT generate_series(1, :waiting)",
        f"""INSERT INTO mail.event (kind, ticket_number, transaction)
        SELECT 'ticket_changed', {ticket}, n FROM generate_series(1, :waiting) n""",
        f"SELECT setval('mail.event_turn', {latest})",
        waiting=WAITING,
    )

    with recorded_plans(services.engine) as plans, transaction(services.engine) as session:
        claimed = claim_fresh(session, EVENTS, timedelta(minutes=1), MOST)

    claim = told(plans, EVENTS)
    assert 0 < len(claimed.ids) <= MOST
    assert set(claim.steps) == {"Index Scan"}
    assert claim.rows <= READ


@pytest.mark.parametrize("was_looked_at", [True, False])
def test_the_events_in_quarantine_are_found_by_their_index(services: Services, was_looked_at: bool) -> None:
    execute(
        services,
        """INSERT INTO mail.event (kind, fate)
        SELECT 'ticket_changed', CASE WHEN n % 50000 = 0 THEN 'quarantined' ELSE 'announced' END
        FROM generate_series(1, 200000) n""",
    )
    if was_looked_at:
        look(services)

    with recorded_plans(services.engine) as plans, transaction(services.engine) as session:
        found = read_quarantined_events(session)

    (plan,) = [plan for statement, plan in plans.executed if "mail.event" in statement]
    assert len(found) == 4
    assert sum(map(rows_read, (node for node in nodes(plan) if "Scan" in node["Node Type"]))) <= READ
