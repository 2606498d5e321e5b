"""Merges at the same moment as each other, and as mail for the tickets that they merge."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from tests.support.database.merged_tickets import (
    MERGE_SETTINGS,
    POINTER,
    acknowledgement,
    assignment_mail,
    comments_of,
    two_requests,
)
from tests.support.database.services import ADMIN, AGENT, SUPPORT, MakeServices, a_raw_mail, query, store_in_ledger
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)


@pytest.fixture
def worker_services(services: Services, make_services: MakeServices) -> list[Services]:
    """Services for each of two workers, as each has its own connections."""
    return [make_services(**MERGE_SETTINGS) for _ in range(2)]


def at_once(worker_services: list[Services], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each of two workers decide a mail, both read before either is decided; then whatever is left."""
    both = Barrier(2)

    def met(raw: bytes) -> InboundMail:
        both.wait(10)
        return parse(raw)

    with monkeypatch.context() as together, ThreadPoolExecutor(2) as workers:
        together.setattr(intake, "BATCH", 1)
        together.setattr(intake, "parse", met)
        list(workers.map(receive_due, worker_services))
    receive_due(worker_services[0])


def put(services: Services, mail: dict[str, Any], words: str) -> None:
    """An answer to a mail of ours that lies in the ledger."""
    given = {"from": str(mail["recipient"]), "to": str(mail["reply_to"] or SUPPORT), "subject": "Re",
             "message_id": f"<{abs(hash((mail['id'], words)))}@x>"}  # fmt: skip
    store_in_ledger(services, a_raw_mail(words, **given))


COMMANDS = "SELECT details FROM mail.event WHERE kind = 'command_answered'"


@pytest.mark.parametrize("turn", range(3))
def test_two_merges_that_cross_each_other_leave_one_and_refuse_the_other(
    services: Services, worker_services: list[Services], monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    two_requests(services)
    put(services, assignment_mail(services, 1001), "#merge SD-1002")
    put(services, assignment_mail(services, 1002), "#merge SD-1001")

    at_once(worker_services, monkeypatch)

    merged = query(services, "SELECT number FROM mail.ticket WHERE merged_into IS NOT NULL")
    fates = query(services, "SELECT fate, tries FROM mail.ledger ORDER BY id DESC LIMIT 2")
    answers = [row["details"]["outcomes"][0]["done"] for row in query(services, COMMANDS)]
    assert (len(merged), sorted(answers)) == (1, [False, True])
    assert fates == [{"fate": "applied", "tries": 0}] * 2


@pytest.mark.parametrize("turn", range(3))
def test_mail_that_is_decided_beside_a_merge_is_written_on_no_merged_ticket(
    services: Services, worker_services: list[Services], monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    two_requests(services)
    put(services, assignment_mail(services, 1001), "#merge SD-1002")
    put(services, acknowledgement(services), "More.")

    at_once(worker_services, monkeypatch)

    # Either the comment came before the merge, or it is at the end.
    told = [comments_of(services, 1001), comments_of(services, 1002)]
    assert told in ([["More.", POINTER], []], [[POINTER], ["More."]])


def test_a_merge_while_a_mail_waits_for_the_ticket_takes_that_mail_along(
    services: Services, worker_services: list[Services]
) -> None:
    two_requests(services)
    put(services, acknowledgement(services), "More.")
    with worker_services[0].engine.begin() as merging:
        merging.execute(text("UPDATE mail.ticket SET merged_into = 1002 WHERE number = 1001"))
        merging.execute(text("UPDATE \"Ticket\" SET status = 'closed' WHERE title = 'Smoke'"))
        with ThreadPoolExecutor(1) as worker:
            run_ = worker.submit(receive_due, worker_services[1])
            await_waiting(services)
            merging.commit()
            run_.result(20)

    assert (comments_of(services, 1001), comments_of(services, 1002)) == ([], ["More."])


def await_waiting(services: Services) -> None:
    """Wait until somebody waits for a lock."""
    with services.engine.connect() as connection:
        for _ in range(200):
            if connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
            connection.execute(text("SELECT pg_sleep(0.05)"))
    raise AssertionError("nobody waited")
