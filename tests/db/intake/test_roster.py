"""Whom routing gives tickets: the staff are read once for a claim of mails, and nobody is passed over or wronged."""

import pytest

from models.people.staff import remove_staff
from tests.support.database.services import AGENT, SECOND_AGENT, a_raw_mail, query, store_in_ledger
from tests.support.values.replies import last_mail
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

OWNERS = """
SELECT u.email, count(*) AS n FROM "Ticket" t JOIN "User" u ON u.id = t."assignedToId" GROUP BY 1 ORDER BY 1
"""
pytestmark = pytest.mark.services(AGENT, SECOND_AGENT)


def arrive(services: Services, mails: int) -> None:
    for number in range(mails):
        sender = f"ann{number}@customer.example"
        store_in_ledger(services, a_raw_mail(**{"from": sender, "message_id": f"<{number}@x>"}))


def test_the_tickets_of_one_claim_are_shared_out(services: Services) -> None:
    arrive(services, 6)

    receive_due(services)

    assert query(services, OWNERS) == [{"email": "bob@desk.example", "n": 3}, {"email": "cat@desk.example", "n": 3}]


def test_who_is_staff_no_longer_gets_none_of_the_claims_other_mails(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(services, 4)
    taken: list[int] = []
    real = intake.take_in

    def dismissing(job: intake.IntakeBatch, row: int) -> None:
        real(job, row)
        taken.append(row)
        if len(taken) == 1:
            with transaction(services.engine) as session:
                remove_staff(session, "bob@desk.example", now=now())
                remove_staff(session, "cat@desk.example", now=now())

    monkeypatch.setattr(intake, "take_in", dismissing)
    receive_due(services)

    assert query(services, 'SELECT count(*) AS n FROM "Ticket" WHERE "assignedToId" IS NULL') == [{"n": 3}]


def test_who_ended_a_ticket_in_one_mail_of_a_claim_gets_the_ticket_of_the_next(services: Services) -> None:
    arrive(services, 2)
    receive_due(services)
    announce_due(services)
    notice = last_mail(services, "cat@desk.example")
    cats = {"from": "cat@desk.example", "to": notice["reply_to"], "message_id": "<cat@x>"}
    store_in_ledger(services, a_raw_mail("#resolve\n", **cats))
    store_in_ledger(services, a_raw_mail(**{"from": "eve@customer.example", "message_id": "<next@x>"}))

    receive_due(services)

    assert query(services, OWNERS) == [{"email": "bob@desk.example", "n": 1}, {"email": "cat@desk.example", "n": 2}]
