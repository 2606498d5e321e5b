"""A clock that is put back changes nothing: no effect twice, no mail lost, no report made again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from desk.ticket import Role
from tests.offices import a_raw_mail, an_office, deliver_to_ledger, hire, rows, take_in
from worker.announce import announce_due
from worker.intake import receive_due
from worker.office import Office
from worker.reports import start_due_reports

# A Wednesday, after the report of the day was due.
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
BACK = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=400)]


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, "bob@desk.example")
    yield office
    office.engine.dispose()


def count(office: Office, what: str) -> int:
    return int(rows(office, f"SELECT count(*) AS n FROM {what}")[0]["n"])


@pytest.mark.parametrize("back", BACK)
def test_mails_before_and_after_the_clock_goes_back_have_their_effect_once(office: Office, back: timedelta) -> None:
    deliver_to_ledger(office, a_raw_mail("one"))
    with time_machine.travel(datetime.now(UTC), tick=False):
        receive_due(office)
        take_in(office, a_raw_mail("two", message_id="<2@customer>", in_reply_to="<1@customer>"))

    with time_machine.travel(datetime.now(UTC) - back, tick=False):
        receive_due(office)
        take_in(office, a_raw_mail("three", message_id="<3@customer>", in_reply_to="<1@customer>"))
        announce_due(office)

    assert (count(office, '"Ticket"'), count(office, '"Comment"')) == (1, 2)
    assert count(office, "mail.event WHERE fate = 'announced'") == count(office, "mail.event") == 3
    assert count(office, "mail.outbox WHERE template = 'comment-to-agent'") == 2
    assert count(office, "mail.ledger WHERE fate = 'applied' AND tries = 0") == 3


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=4), timedelta(hours=5, minutes=1)])
def test_a_report_is_not_made_again_when_its_time_comes_a_second_time(office: Office, back: timedelta) -> None:
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        start_due_reports(office)
    with time_machine.travel(NOON, tick=False):
        start_due_reports(office)

    with time_machine.travel(NOON - back, tick=False) as clock:
        start_due_reports(office)
        clock.move_to(NOON + timedelta(minutes=1))
        start_due_reports(office)

    assert count(office, "mail.report_run") == count(office, "mail.event WHERE kind = 'report_due'") == 2
