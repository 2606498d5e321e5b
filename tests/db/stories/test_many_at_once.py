"""Of many mails that come at once, the first are answered while the last still wait."""

import pytest

from tests.support.database.services import AGENT, a_raw_mail, query, store_in_ledger
from worker.intake import run as intake
from worker.runtime.queue_run import Run
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


class Turns:
    """Stands for the queues: what each run of deciding says, or raises, and what is left to be told after each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, decided: list[Run | Exception], told: list[Run]) -> None:
        self.rung: list[str] = []
        self._decided, self._told = iter(decided), iter(told)
        monkeypatch.setattr(desk, "ring", self.rung.append)
        monkeypatch.setattr(desk, "current_services", lambda: None)
        monkeypatch.setattr(desk, "receive_due", self._decide)
        monkeypatch.setattr(desk, "announce_due", lambda *_: next(self._told))

    def _decide(self, *_: object) -> Run:
        run = next(self._decided)
        if isinstance(run, Exception):
            raise run
        return run


def test_a_run_that_breaks_off_rings_for_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(monkeypatch, [Run(1, more=True), ConnectionError("The database is away")], [Run(1, more=False)])

    with pytest.raises(ConnectionError):
        desk.receive()

    assert turns.rung == ["deliver", "receive"]


@pytest.mark.parametrize(("left", "rung"), [(True, ["deliver", "deliver", "announce"]), (False, ["deliver"] * 2)])
def test_news_that_a_turn_leaves_are_rung_for_once_at_the_end(
    left: bool, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = [Run(1, more=True), Run(1, more=False)]
    turns = Turns(monkeypatch, list(decided), [Run(1, more=True), Run(1, more=left)])

    desk.receive()

    assert turns.rung == rung


def test_where_nothing_is_decided_or_told_nobody_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without news nothing is asked: the list of what is told is empty.
    turns = Turns(monkeypatch, [Run(0, more=False)], [])
    desk.receive()
    idle = Turns(monkeypatch, [], [Run(0, more=False)])
    desk.announce()

    assert (turns.rung, idle.rung) == ([], [])
