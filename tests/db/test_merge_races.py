"""Merges at the same moment as each other, and as mail for the tickets that they merge."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from mail.message import InboundMail
from mail.parse import parse
from tests.merges import FURTHER, POINTER, a_merging_office, assigned, first_mail, said, two_requests
from tests.offices import SUPPORT, a_raw_mail, an_office, deliver_to_ledger, rows
from worker import intake
from worker.intake import receive_due
from worker.office import Office


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    with a_merging_office(fresh_database) as office:
        yield office


@pytest.fixture
def offices(office: Office, fresh_database: str) -> Iterator[list[Office]]:
    """An office for each of two workers, as each has its own connections."""
    made = [an_office(fresh_database, **FURTHER) for _ in range(2)]
    yield made
    for one in made:
        one.engine.dispose()


def at_once(offices: list[Office], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each of two workers decide a mail, both read before either is decided; then whatever is left."""
    both = Barrier(2)

    def met(raw: bytes) -> InboundMail:
        both.wait(10)
        return parse(raw)

    with monkeypatch.context() as together, ThreadPoolExecutor(2) as workers:
        together.setattr(intake, "BATCH", 1)
        together.setattr(intake, "parse", met)
        list(workers.map(receive_due, offices))
    receive_due(offices[0])


def put(office: Office, mail: dict[str, Any], words: str) -> None:
    """An answer to a mail of ours that lies in the ledger."""
    given = {"from": str(mail["recipient"]), "to": str(mail["reply_to"] or SUPPORT), "subject": "Re",
             "message_id": f"<{abs(hash((mail['id'], words)))}@x>"}  # fmt: skip
    deliver_to_ledger(office, a_raw_mail(words, **given))


COMMANDS = "SELECT details FROM mail.event WHERE kind = 'command_answered'"


@pytest.mark.parametrize("turn", range(3))
def test_two_merges_that_cross_each_other_leave_one_and_refuse_the_other(
    office: Office, offices: list[Office], monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    two_requests(office)
    put(office, assigned(office, 1001), "#merge SD-1002")
    put(office, assigned(office, 1002), "#merge SD-1001")

    at_once(offices, monkeypatch)

    merged = rows(office, "SELECT number FROM mail.ticket WHERE merged_into IS NOT NULL")
    fates = rows(office, "SELECT fate, tries FROM mail.ledger ORDER BY id DESC LIMIT 2")
    answers = [row["details"]["outcomes"][0]["done"] for row in rows(office, COMMANDS)]
    assert (len(merged), sorted(answers)) == (1, [False, True])
    assert fates == [{"fate": "applied", "tries": 0}] * 2


@pytest.mark.parametrize("turn", range(3))
def test_mail_that_is_decided_beside_a_merge_is_written_on_no_merged_ticket(
    office: Office, offices: list[Office], monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    two_requests(office)
    put(office, assigned(office, 1001), "#merge SD-1002")
    put(office, first_mail(office), "More.")

    at_once(offices, monkeypatch)

    # Either the comment came before the merge, or it is at the end.
    told = [said(office, 1001), said(office, 1002)]
    assert told in ([["More.", POINTER], []], [[POINTER], ["More."]])


def test_a_merge_while_a_mail_waits_for_the_ticket_takes_that_mail_along(office: Office, offices: list[Office]) -> None:
    two_requests(office)
    put(office, first_mail(office), "More.")
    with offices[0].engine.begin() as merging:
        merging.execute(text("UPDATE mail.ticket SET merged_into = 1002 WHERE number = 1001"))
        merging.execute(text("UPDATE \"Ticket\" SET status = 'closed' WHERE title = 'Smoke'"))
        with ThreadPoolExecutor(1) as worker:
            run_ = worker.submit(receive_due, offices[1])
            await_waiting(office)
            merging.commit()
            run_.result(20)

    assert (said(office, 1001), said(office, 1002)) == ([], ["More."])


def await_waiting(office: Office) -> None:
    """Wait until somebody waits for a lock."""
    with office.engine.connect() as connection:
        for _ in range(200):
            if connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
            connection.execute(text("SELECT pg_sleep(0.05)"))
    raise AssertionError("nobody waited")
