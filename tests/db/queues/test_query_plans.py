"""No statement on a mail's way, nor of a report, reads a large table from end to end: PostgreSQL's own plans say so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url, text

from bench.speed.mails import SHOPS
from bench.speed.sections.fill import fill
from bench.speed.stage.servers import AGENTS, libpq_url
from bench.staff import plant_staff
from desk.reports.schedule import Period
from mail.imap.mailbox import open_mailbox
from models.removal.export.mails import read_page
from models.removal.export.tickets import ExportFilter, read_tickets
from models.removal.retention import MOST, Kept, let_go, newest
from models.reports.fates import Counted, Mark, begin_reading, read_fates
from models.reports.figures import gather_figures
from seed.stack.mailhost.server import MailServer
from tests.support.database.query_plans import log_plans_to_sessions, nodes, recorded_plans, rows_read
from tests.support.database.scrapes import sight_of
from tests.support.database.services import a_raw_mail, execute, query, services_on
from tests.support.servers.real_processes import a_sink
from tests.support.values.postfix_bounces import a_postfix_bounce, mail_to
from worker.admin.digests.quarantine import send_digest
from worker.announce.reports import schedule_of, start_report
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.run import poll_to_the_end
from worker.runtime.services import Services, imap_server
from worker.runtime.transaction import snapshot, transaction

TICKETS = CUSTOMERS = 12_000
LARGE = 1_000
# So many of the newest mails of the outbox are looked at for what failed within an hour.
LATEST = 5_000
SIZES = """
SELECT relname, reltuples FROM pg_class
WHERE relkind = 'r' AND reltuples > :large AND relnamespace IN ('public'::regnamespace, 'mail'::regnamespace)
"""
RULES = "SELECT message_id, evidence->>'rule' AS rule FROM mail.ledger WHERE id > :old AND fate <> 'baseline'"
SENT = "SELECT template FROM mail.outbox WHERE id > :old AND fate = 'sent'"
PLANNED = "SELECT custom_plans FROM pg_prepared_statements WHERE statement LIKE '%floods.by_domain%'"
NEWEST = "SELECT * FROM mail.outbox WHERE template = :template ORDER BY id DESC LIMIT 1"
HELD = "UPDATE mail.ledger SET fate = 'quarantined' WHERE id = 5000"
BECAME = {
    "stranger@x": "new_ticket",
    "known@x": "new_ticket",
    "reply@x": "customer_on_ticket",
    "robot@x": "automatic_mail",
    "forged@x": "staff_without_power",
    "agent@x": "staff_on_ticket",
    "customer@x": "customer_on_ticket",
    "4B2C1@mx.customer.example": "bounced_mail",
}
WRITTEN = {
    *("ticket-opened", "ticket-assigned", "comment-to-agent", "comment-to-customer", "command-answer"),
    *("daily-report", "quarantine-digest"),
}
# The report's count of all tickets by status is exact, and read from the index alone: 0.1 s for a million.
COUNTED = 'SELECT "Ticket".status, count(*)'


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk: services that are listened to, and others for what the tests themselves ask."""

    working: Services
    looking: Services


@pytest.fixture(scope="module")
def desk(postgres_url: str, template_database: str, mail_server: MailServer) -> Iterator[Desk]:
    """A desk with a past of years: 12,000 tickets that came to its mailbox, and what belongs to them."""
    name = f"plans_{uuid4().hex}"
    with psycopg.connect(libpq_url(postgres_url), autocommit=True) as connection, a_sink() as (_, smtp_port):
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"'.encode())
        url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        imap = {"HOST": mail_server.host, "PORT": str(mail_server.imap_port), "USER": f"{name}@desk.example"}
        settings = imap | {"FROM_START": "true", "SMTP__PORT": str(smtp_port)}
        desk = Desk(services_on(url, **settings), services_on(url, **settings))
        plant_staff(desk.looking, AGENTS)
        fill(desk.looking.engine, TICKETS, CUSTOMERS)
        log_plans_to_sessions(connection, name)
        yield desk
        desk.looking.engine.dispose()
        desk.working.engine.dispose()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def large(desk: Desk) -> dict[str, float]:
    """The large tables with their sizes in rows."""
    with desk.looking.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(SIZES), {"large": LARGE})}


def customer_of(ticket: int) -> str:
    """Whose ticket a filled one is, by its place among the filled ones."""
    number = 2 * (ticket * 7919 % CUSTOMERS)
    return f"customer{number}@{SHOPS[number % len(SHOPS)]}.example"


def append(services: Services, *mails: bytes) -> None:
    with open_mailbox(imap_server(services.settings.mailbox[0], services.limits)) as mailbox:
        for mail in mails:
            mailbox.append("INBOX", mail)


def work(services: Services) -> None:
    """One round of everything that follows a mail."""
    poll_to_the_end(services, "support")
    receive_due(services)
    announce_due(services)
    deliver_due(services)


def first_mails(desk: Desk) -> None:
    """Mails of strangers, customers, robots and forgers."""
    known, reply = customer_of(7), customer_of(2000)
    append(
        desk.working,
        a_raw_mail(message_id="<stranger@x>", cc="Otto <other@customer.example>"),
        a_raw_mail(message_id="<known@x>", **{"from": known}),
        a_raw_mail(message_id="<reply@x>", in_reply_to="<2000@filled.example>", **{"from": reply}),
        a_raw_mail(message_id="<robot@x>", auto_submitted="auto-replied", **{"from": known}),
        a_raw_mail(message_id="<forged@x>", **{"from": "ada@desk.example"}),
    )
    work(desk.working)


def answers(desk: Desk) -> None:
    """An agent answers and commands, the customer answers that, and a notice comes back."""
    notice = query(desk.looking, NEWEST, template="ticket-assigned")[0]
    agent = {"from": notice["recipient"], "to": notice["reply_to"], "message_id": "<agent@x>"}
    append(desk.working, a_raw_mail("It is mended.\n\n#resolve\n", **agent))
    work(desk.working)
    told = query(desk.looking, NEWEST, template="ticket-opened")[0]
    customer = {"from": told["recipient"], "to": told["reply_to"], "message_id": "<customer@x>"}
    bounced = a_postfix_bounce(mail_to(desk.looking, told["recipient"])[1])
    append(desk.working, a_raw_mail("It is not.", **customer), bounced)
    work(desk.working)


def a_report(desk: Desk) -> None:
    """A week as a report sums it up, and the report that is due."""
    moment = datetime.now(UTC)
    with transaction(desk.working.engine) as session:
        gather_figures(session, Period(moment - timedelta(days=7), moment, "UTC"), moment)
    start_report(desk.working, schedule_of(desk.working.settings.report[0]), moment)
    work(desk.working)


def a_digest(desk: Desk) -> None:
    """What is in quarantine is told."""
    execute(desk.looking, HELD)
    send_digest(desk.working)
    work(desk.working)


@pytest.mark.parametrize("story", [first_mails, answers, a_report, a_digest])
def test_nothing_reads_a_large_table_from_end_to_end(
    desk: Desk, large: dict[str, float], story: Callable[[Desk], None]
) -> None:
    with recorded_plans(desk.working.engine) as plans:
        story(desk)

    assert plans.executed
    assert "\n".join(plans.offenders(large, spared=COUNTED)) == ""


def test_all_stories_were_told_to_their_end(desk: Desk) -> None:
    rules = query(desk.looking, RULES, old=TICKETS)
    sent = query(desk.looking, SENT, old=2 * TICKETS + 1)

    assert {row["message_id"]: row["rule"] for row in rules} == BECAME
    assert {row["template"] for row in sent} >= WRITTEN


def test_a_scrape_reads_no_large_table_from_end_to_end(desk: Desk, large: dict[str, float]) -> None:
    sight = sight_of(desk.working)
    with recorded_plans(desk.working.engine) as plans:
        seen = [sight.see(), sight.see()]
        for table in Counted:
            with transaction(desk.working.engine, quiet=True) as session:
                newest = begin_reading(session, table)
                read_fates(session, table, Mark(newest.after - 2000, dict.fromkeys(range(500), "") | newest.seen))

    steps = [(node, statement) for statement, plan in plans.executed for node in nodes(plan)]
    assert [one.trouble for one in seen] == ["", ""]
    assert [line for line in plans.offenders(large) if line.startswith("Seq Scan")] == []
    assert [words for node, words in steps if node.get("Relation Name") in large and rows_read(node) > LATEST] == []


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("kept", Kept)
def test_no_batch_of_what_is_let_go_reads_a_large_table(
    desk: Desk, large: dict[str, float], kept: Kept, dry: bool
) -> None:
    """At the beginning of a walk, in its midst, and where all is too young."""
    with recorded_plans(desk.working.engine) as plans, transaction(desk.working.engine, quiet=True) as session:
        middle = newest(session, kept) // 2
        batches = [let_go(session, kept, timedelta(days=30), after, dry=dry) for after in (0, middle)]
        batches.append(let_go(session, kept, timedelta(days=30_000), middle, dry=dry))

    assert [batch.looked_at for batch in batches] == [MOST] * 3
    assert "\n".join(plans.offenders(large)) == ""
    assert batches[2].is_last


def test_no_page_of_a_copy_of_the_desk_reads_a_large_table(desk: Desk, large: dict[str, float]) -> None:
    """At the end of each table as at its beginning."""
    everything, late = ExportFilter(), TICKETS - 1_000
    with recorded_plans(desk.working.engine) as plans, snapshot(desk.working.engine) as session:
        pages = [read_tickets(session, everything, after) for after in (0, late)]
        pages += [read_page(session, kind, everything, after, 50) for kind in ("mail", "sent") for after in (0, late)]

    assert [len(page) for page in pages] == [50] * 6
    assert "\n".join(plans.offenders(large)) == ""


def test_what_is_known_of_a_mail_is_planned_once_for_all(desk: Desk) -> None:
    append(desk.working, *(a_raw_mail(message_id=f"<many{number}@x>") for number in range(10)))
    work(desk.working)

    # Earlier answers are looked up over a connection of their own, so the pool has two, and either may come first.
    with transaction(desk.working.engine) as first, transaction(desk.working.engine) as second:
        planned = [plans for session in (first, second) for plans in session.execute(text(PLANNED)).scalars()]

    assert set(planned) == {0}
