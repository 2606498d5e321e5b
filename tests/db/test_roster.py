"""Whom routing gives tickets: the staff are read once for a claim of mails, and nobody is passed over or wronged."""

from collections.abc import Iterator

import pytest

from models.staff import remove_staff
from tests.answers import last_to
from tests.offices import a_raw_mail, an_office, deliver_to_ledger, hire, rows
from worker import intake
from worker.announce import announce_due
from worker.clock import now
from worker.intake import receive_due
from worker.office import Office
from worker.transaction import transaction

OWNERS = """
SELECT u.email, count(*) AS n FROM "Ticket" t JOIN "User" u ON u.id = t."assignedToId" GROUP BY 1 ORDER BY 1
"""


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    office = an_office(fresh_database)
    hire(office, "bob@desk.example")
    hire(office, "cat@desk.example")
    yield office
    office.engine.dispose()


def arrive(office: Office, mails: int) -> None:
    for number in range(mails):
        sender = f"ann{number}@customer.example"
        deliver_to_ledger(office, a_raw_mail(**{"from": sender, "message_id": f"<{number}@x>"}))


def test_the_tickets_of_one_claim_are_shared_out(office: Office) -> None:
    arrive(office, 6)

    receive_due(office)

    assert rows(office, OWNERS) == [{"email": "bob@desk.example", "n": 3}, {"email": "cat@desk.example", "n": 3}]


def test_who_is_staff_no_longer_gets_none_of_the_claims_other_mails(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(office, 4)
    taken: list[int] = []
    real = intake.take_in

    def dismissing(job: intake.Job, row: int) -> None:
        real(job, row)
        taken.append(row)
        if len(taken) == 1:
            with transaction(office.engine) as session:
                remove_staff(session, "bob@desk.example", now=now())
                remove_staff(session, "cat@desk.example", now=now())

    monkeypatch.setattr(intake, "take_in", dismissing)
    receive_due(office)

    assert rows(office, 'SELECT count(*) AS n FROM "Ticket" WHERE "assignedToId" IS NULL') == [{"n": 3}]


def test_who_ended_a_ticket_in_one_mail_of_a_claim_gets_the_ticket_of_the_next(office: Office) -> None:
    arrive(office, 2)
    receive_due(office)
    announce_due(office)
    notice = last_to(office, "cat@desk.example")
    cats = {"from": "cat@desk.example", "to": notice["reply_to"], "message_id": "<cat@x>"}
    deliver_to_ledger(office, a_raw_mail("#resolve\n", **cats))
    deliver_to_ledger(office, a_raw_mail(**{"from": "eve@customer.example", "message_id": "<next@x>"}))

    receive_due(office)

    assert rows(office, OWNERS) == [{"email": "bob@desk.example", "n": 1}, {"email": "cat@desk.example", "n": 2}]
