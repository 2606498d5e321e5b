"""What becomes of a mail is one line of the log a fate, each with the number of its ticket, and none names anybody."""

import json
import logging
from collections.abc import Iterator

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    a_raw_mail,
    execute,
    query,
    store_in_ledger,
)
from tests.support.servers.real_processes import a_sink
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.logs import JsonLines
from worker.runtime.services import Services

SUPPRESSED = "INSERT INTO mail.suppression (address, reason) VALUES ('bob@desk.example', 'asked us')"
NOT_OURS = ("mail.log", "asyncio")


@pytest.fixture
def services(make_services: MakeServices) -> Iterator[Services]:
    """A desk whose outgoing server takes everything."""
    with a_sink() as (_, port):
        yield make_services(ADMIN, AGENT, SMTP__PORT=str(port))


def fates(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the log about rows of the three queues."""
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    return [line for line in said if line.startswith(("Ledger row", "Events", "Outbox row"))]


def work(services: Services, *mails: bytes) -> None:
    for mail in mails:
        store_in_ledger(services, mail)
    receive_due(services)
    announce_due(services)


def test_a_mail_its_news_and_our_mails_are_a_line_each_with_the_ticket(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    work(services, a_raw_mail())
    deliver_due(services)

    (ticket,) = [row["number"] for row in query(services, "SELECT number FROM mail.ticket")]
    (mail,) = [row["id"] for row in query(services, "SELECT id FROM mail.ledger")]
    events = ", ".join(str(row["id"]) for row in query(services, "SELECT id FROM mail.event ORDER BY id"))
    sent = [row["id"] for row in query(services, "SELECT id FROM mail.outbox ORDER BY id")]
    assert sorted(fates(caplog)) == sorted(
        [
            f"Ledger row {mail}: applied by new_ticket, SD-{ticket}",
            f"Events {events}: announced, SD-{ticket}",
            *(f"Outbox row {row}: sent, SD-{ticket}" for row in sent),
        ]
    )


def test_several_at_once_are_a_line_each(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    mails = [a_raw_mail(message_id=f"<{n}@x>", **{"from": f"c{n}@shop{n}.example"}) for n in range(3)]
    work(services, *mails)
    # All three have an owner by now, so their news are announced together.
    execute(services, """UPDATE "Ticket" SET priority = 'high'""")
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    caplog.clear()
    announce_due(services)

    tickets = sorted(row["number"] for row in query(services, "SELECT number FROM mail.ticket"))
    lines = [line for line in fates(caplog) if line.startswith("Events")]
    assert sorted(line.rpartition("announced, ")[2] for line in lines) == [f"SD-{number}" for number in tickets]


def test_a_mail_that_is_on_no_ticket_names_none(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    work(services, a_raw_mail(auto_submitted="auto-replied"))

    (mail,) = [row["id"] for row in query(services, "SELECT id FROM mail.ledger")]
    assert fates(caplog) == [f"Ledger row {mail}: not_applied by automatic_mail"]


def test_a_mail_that_is_held_when_it_is_to_go_is_a_line_too(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    work(services, a_raw_mail())
    execute(services, SUPPRESSED)
    caplog.set_level(logging.INFO)
    deliver_due(services)

    (held,) = query(services, "SELECT id, ticket_number FROM mail.outbox WHERE fate = 'held'")
    assert f"Outbox row {held['id']}: held, SD-{held['ticket_number']}" in fates(caplog)


def test_a_machine_reads_the_ticket_and_the_row_as_fields(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    work(services, a_raw_mail())

    (record,) = [record for record in caplog.records if record.getMessage().startswith("Ledger row")]
    line = json.loads(JsonLines().format(record))
    (row,) = query(services, "SELECT id, ticket_number FROM mail.ledger")
    assert (line["ledger_id"], line["ticket"]) == (row["id"], row["ticket_number"])


def test_no_line_names_the_writer(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    work(services, a_raw_mail("SecretBody", subject="SecretSubject"))
    deliver_due(services)

    ours = [record for record in caplog.records if not record.name.startswith(NOT_OURS)]
    lines = [JsonLines().format(record) for record in ours]
    assert [line for line in lines if any(word in line for word in ("ann@", "bob@", "Secret"))] == []
