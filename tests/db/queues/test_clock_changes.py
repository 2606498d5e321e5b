"""A clock that is put back changes nothing: no effect twice, no mail lost, no report made again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.support.database.services import a_raw_mail, process, query, store_in_ledger
from worker.announce import reports
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

# A Wednesday, after the report of the day was due.
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
BACK = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=400)]


def count(services: Services, what: str) -> int:
    return int(query(services, f"SELECT count(*) AS n FROM {what}")[0]["n"])


@pytest.mark.parametrize("back", BACK)
def test_mails_before_and_after_the_clock_goes_back_have_their_effect_once(services: Services, back: timedelta) -> None:
    store_in_ledger(services, a_raw_mail("one"))
    with time_machine.travel(datetime.now(UTC), tick=False):
        receive_due(services)
        process(services, a_raw_mail("two", message_id="<2@customer>", in_reply_to="<1@customer>"))

    with time_machine.travel(datetime.now(UTC) - back, tick=False):
        receive_due(services)
        process(services, a_raw_mail("three", message_id="<3@customer>", in_reply_to="<1@customer>"))
        announce_due(services)

    assert (count(services, '"Ticket"'), count(services, '"Comment"')) == (1, 2)
    assert count(services, "mail.event WHERE fate = 'announced'") == count(services, "mail.event") == 3
    assert count(services, "mail.outbox WHERE template = 'comment-to-agent'") == 2
    assert count(services, "mail.ledger WHERE fate = 'applied' AND tries = 0") == 3


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=4), timedelta(hours=5, minutes=1)])
def test_a_report_is_not_made_again_when_its_time_comes_a_second_time(
    services: Services, back: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock of the database's machine, by which reports are due.
    shown = iter((NOON - timedelta(days=1), NOON, NOON - back, NOON + timedelta(minutes=1)))
    monkeypatch.setattr(reports, "read_now", lambda session: next(shown))

    for _ in range(4):
        start_due_reports(services)

    assert count(services, "mail.report_run") == count(services, "mail.event WHERE kind = 'report_due'") == 2
