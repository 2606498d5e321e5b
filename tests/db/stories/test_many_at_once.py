"""Of many mails that come at once, the first are answered while the last still wait."""

import pytest

from tests.support.database.services import AGENT, a_raw_mail, query, store_in_ledger
from worker.intake import run as intake
from worker.runtime.services import Services
from worker.tasks import desk

LEFT = "SELECT count(*) FILTER (WHERE fate IS NULL) AS undecided FROM mail.ledger"


def come(services: Services, mails: int) -> None:
    for number in range(mails):
        sender = f"ann{number}@customer.example"
        store_in_ledger(services, a_raw_mail("Hi.", **{"from": sender, "message_id": f"<{number}@customer.example>"}))


@pytest.mark.services(AGENT)
def test_the_first_mails_are_announced_before_the_last_is_decided(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(services, intake.BATCH * 2 + 1)
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(desk, "ring", lambda task: rung.append((task, query(services, LEFT)[0]["undecided"])))
    monkeypatch.setattr(desk, "current_services", lambda: services)
    # A turn ends with the batch after which its time is up.
    monkeypatch.setattr(desk, "TURN_SECONDS", 0.0)

    desk.receive()

    delivered = [undecided for task, undecided in rung if task == "deliver"]
    assert delivered == [intake.BATCH + 1, 1, 0]
    assert "receive" not in {task for task, _ in rung}
    # Each ring announces for as long as a run, in which nobody decides.
    assert [task for task, _ in rung].count("announce") <= 1
    assert query(services, "SELECT count(*) AS undone FROM mail.event WHERE fate IS NULL")[0]["undone"] == 0


@pytest.mark.services(AGENT)
def test_a_run_whose_time_is_up_rings_for_what_is_left(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    come(services, intake.BATCH + 1)
    rung: list[str] = []
    monkeypatch.setattr(desk, "ring", rung.append)
    monkeypatch.setattr(desk, "current_services", lambda: services)
    monkeypatch.setattr(desk, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(desk, "RUN_SECONDS", 0.001)

    desk.receive()

    assert rung.count("receive") == 1
