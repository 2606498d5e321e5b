"""Mails that name one another, decided at the same moment by several workers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from models.db.claims import Claimed, claim_fresh
from models.ledger.rows import LEDGER
from tests.support.database.services import AGENT, a_raw_mail, query, store_in_ledger
from worker.intake import run as intake
from worker.intake.carry_out import carry_out
from worker.intake.run import IntakeBatch, receive_due, take_in
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

WAIT_SECONDS = 10
# Long enough for the parent to come as far as it can without its reply.
HEAD_START_SECONDS = 0.5
pytestmark = pytest.mark.services(AGENT)


def claim(services: Services) -> Claimed:
    """Take both mails at once, as a worker does."""
    with transaction(services.engine) as session:
        return claim_fresh(session, LEDGER, timedelta(minutes=1), 10)


def test_a_parent_stored_after_its_reply_waits_while_another_worker_decides_the_reply(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = store_in_ledger(services, a_raw_mail("And one more.", message_id="<2@x>", in_reply_to="<1@x>"))
    parent = store_in_ledger(services, a_raw_mail("My printer is broken.", message_id="<1@x>"))
    job = IntakeBatch(services, claim(services))
    reading, may_write = threading.Event(), threading.Event()

    def slowly(desk: Any, decision: Any) -> Any:
        if desk.row == reply:
            reading.set()
            assert may_write.wait(WAIT_SECONDS)
        return carry_out(desk, decision)

    monkeypatch.setattr(intake, "carry_out", slowly)
    with ThreadPoolExecutor(2) as workers:
        first = workers.submit(take_in, job, reply or 0)
        assert reading.wait(WAIT_SECONDS)
        second = workers.submit(take_in, job, parent or 0)
        threading.Event().wait(HEAD_START_SECONDS)
        may_write.set()
        first.result(WAIT_SECONDS)
        second.result(WAIT_SECONDS)

    found = query(
        services, 'SELECT (SELECT count(*) FROM "Ticket") AS tickets, (SELECT count(*) FROM "Comment") AS comments'
    )
    assert found == [{"tickets": 1, "comments": 1}]


def test_mails_of_one_person_under_one_message_id_are_a_ticket_each(services: Services) -> None:
    """Some programs give all their mails the same Message-ID, which nobody has answered."""
    for words in ("My printer is broken.", "My invoice is wrong."):
        store_in_ledger(services, a_raw_mail(words, message_id="<constant@x>"))

    receive_due(services)

    found = query(services, "SELECT fate, evidence->>'rule' AS rule FROM mail.ledger")
    assert found == [{"fate": "applied", "rule": "new_ticket"}] * 2
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 2
