"""An answer that waits, where its mail comes again after `#drop`, or its customer asks to be forgotten."""

from typing import Any

import pytest

from models.ledger.raw import raw_of
from tests.support.database.services import (
    ADMIN,
    AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
)
from tests.support.values.replies import answer, last_mail
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB, ADA = "ann@customer.example", "bob@desk.example", "ada@desk.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
ANSWER = "Hello Ann, please switch it off and on."
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx.desk.example", TRUST__STAFF="both")


@pytest.fixture
def waiting(services: Services) -> dict[str, Any]:
    """The ledger row of Bob's answer, which waits since Ada answered meanwhile; all else is told and sent."""
    write = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'web', 'We send somebody.', t.id, u.id, now() FROM "Ticket" t, "User" u WHERE u.email = :ada"""
    execute(services, write, ada=ADA)
    row = answer(services, last_mail(services, BOB, "ticket-assigned"), ANSWER, **PASS)
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL")
    assert row["waited_at"] is not None
    return dict(row)


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def pass_time(services: Services) -> None:
    execute(services, "UPDATE mail.ledger SET due_at = now() - interval '1 minute' WHERE fate IS NULL")
    receive_due(services)
    announce_due(services)


def test_a_copy_of_an_answer_that_was_dropped_goes_to_nobody(services: Services, waiting: dict[str, Any]) -> None:
    with transaction(services.engine) as session:
        raw = raw_of(session, waiting["id"])
    before = process(services, raw)
    answer(services, last_mail(services, BOB, "answer-waits"), "#drop", **PASS)
    after = process(services, b"Received: from a.example by b.example; Mon, 30 Nov 2026 05:00:00 +0000\n" + raw)

    pass_time(services)

    rows = query(services, "SELECT fate FROM mail.ledger WHERE id IN (:a, :b)", a=before["id"], b=after["id"])
    assert [row["fate"] for row in rows] == ["not_applied", "not_applied"]
    assert comments(services) == ["We send somebody."]


def test_nobody_is_forgotten_while_an_answer_to_them_waits(
    services: Services, waiting: dict[str, Any], supportdesk: Supportdesk
) -> None:
    refused = supportdesk("user", "forget", ANN, "--yes")

    assert refused.exit_code != 0
    assert "answers to them, that are undecided: 1" in " ".join(refused.output.split())
    pass_time(services)
    assert comments(services) == ["We send somebody.", ANSWER]


def test_what_an_author_wrote_is_given_back_and_then_its_customer_is_forgotten(
    services: Services, waiting: dict[str, Any], supportdesk: Supportdesk
) -> None:
    answer(services, last_mail(services, BOB, "answer-waits"), "#drop", **PASS)
    assert f"| {ANSWER}" in last_mail(services, BOB, "command-answer")["text"]
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL")

    assert supportdesk("user", "forget", ANN, "--yes").exit_code == 0
