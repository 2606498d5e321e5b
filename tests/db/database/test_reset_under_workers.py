"""`prisma db push --force-reset` under running workers: the work stops, says why, and goes on after the repair."""

import logging

import pytest
from sqlalchemy import text

from models.schema.metadata import SUPPORTDESK, metadata
from models.schema.repair import repair
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, make_staff, query, store_in_ledger
from tests.support.values.replies import answer, last_mail, write_mail
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
# What somebody does to the database, and what is said of it.
DAMAGE = {
    "a schema without tables": (["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"], "db repair"),
    "no schema": (["DROP SCHEMA public CASCADE"], "db repair"),
    "no tickets": (['DROP TABLE "Ticket" CASCADE'], "db repair"),
    "no people": (['DROP TABLE "User" CASCADE'], "db repair"),
    "no comments": (['DROP TABLE "Comment" CASCADE'], "db repair"),
    "no activities": (['DROP TABLE "TicketActivity"'], "the table TicketActivity"),
    "no trigger": (['DROP TRIGGER supportdesk_ticket ON "Ticket"'], "db repair"),
    "a trigger switched off": (['ALTER TABLE "Comment" DISABLE TRIGGER supportdesk_comment'], "db repair"),
    "all triggers switched off": (['ALTER TABLE "User" DISABLE TRIGGER ALL'], "db repair"),
}
pytestmark = pytest.mark.services(ADMIN, AGENT)


def make_anew(services: Services) -> None:
    """What Prisma does: SupportDesk's tables, new and empty; `supportdesk db repair` comes after it."""
    with services.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        metadata.create_all(connection, tables=SUPPORTDESK)


def put_back(services: Services) -> None:
    with services.engine.begin() as connection:
        repair(connection)


def of_queue(services: Services, queue: str) -> list[dict[str, object]]:
    return query(services, f"SELECT fate, tries, claimed_by FROM {queue} ORDER BY id")


@pytest.mark.parametrize("kind", DAMAGE)
def test_intake_stops_and_says_so_and_goes_on_after_the_repair(
    services: Services, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    statements, words = DAMAGE[kind]
    for number in range(3):
        store_in_ledger(services, a_raw_mail(f"It is {number}.", message_id=f"<{number}@x>"))
    execute(services, *statements)
    with caplog.at_level(logging.WARNING):
        stopped = [receive_due(services) for _ in range(4)]
    waiting = of_queue(services, "mail.ledger")

    if "trigger" not in kind:
        make_anew(services)
    put_back(services)
    receive_due(services)

    assert [(run.done, run.more) for run in stopped] == [(0, False)] * 4
    assert waiting == [{"fate": None, "tries": 0, "claimed_by": None}] * 3
    assert words in caplog.text
    assert [(row["fate"], row["tries"]) for row in of_queue(services, "mail.ledger")] == [("applied", 0)] * 3
    assert query(services, "SELECT count(*) AS n FROM mail.event WHERE kind = 'ticket_opened'") == [{"n": 3}]


@pytest.mark.parametrize("kind", DAMAGE)
def test_an_answer_to_a_ticket_waits_as_well(services: Services, kind: str) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    assigned = last_mail(services, BOB)
    execute(services, *DAMAGE[kind][0])

    answered = answer_in_ledger(services, assigned)

    assert answered == {"fate": None, "tries": 0, "claimed_by": None}


def answer_in_ledger(services: Services, mail: dict[str, object]) -> dict[str, object]:
    headers = {"from": BOB, "to": str(mail["reply_to"]), "message_id": "<answer@desk.example>"}
    store_in_ledger(services, a_raw_mail("#resolve\nFixed.", **headers))
    receive_due(services)
    return of_queue(services, "mail.ledger")[-1]


def test_announcing_and_delivering_wait_for_the_tables(services: Services) -> None:
    store_in_ledger(services, a_raw_mail())
    receive_due(services)
    announce_due(services)
    store_in_ledger(services, a_raw_mail("Another.", message_id="<2@x>"))
    receive_due(services)
    execute(services, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    for _ in range(4):
        announce_due(services)
        deliver_due(services)

    queues = [*of_queue(services, "mail.event"), *of_queue(services, "mail.outbox")]
    assert {row["tries"] for row in queues} == {0}
    assert of_queue(services, "mail.event")[-1]["fate"] is None
    assert {row["fate"] for row in of_queue(services, "mail.outbox")} == {None}


def test_after_the_repair_the_desk_works_with_its_people_made_anew(services: Services) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    execute(services, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    store_in_ledger(services, a_raw_mail("Another.", message_id="<2@x>"))
    receive_due(services)
    make_anew(services)
    put_back(services)
    make_staff(services, BOB)

    receive_due(services)
    announce_due(services)
    word = answer(services, last_mail(services, BOB), "#resolve\nFixed.")

    assert word["fate"] == "applied"
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]


def test_an_error_in_a_whole_database_is_charged_as_before(services: Services) -> None:
    store_in_ledger(services, a_raw_mail())
    execute(services, "ALTER TABLE mail.participant RENAME TO participants")

    receive_due(services)

    assert of_queue(services, "mail.ledger")[0]["tries"] == 1
