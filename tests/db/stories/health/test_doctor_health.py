"""The doctor finds what status shows and the watchman tells of, says since when, and stops when it is mended."""

import pytest

from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.services import execute, query
from worker.admin.doctor.run import health
from worker.runtime.health.look import look_once
from worker.runtime.health.watchman import watch_over
from worker.runtime.services import Services


@pytest.mark.parametrize("fault", FAULTS)
def test_doctor_status_and_watchman_agree_on_each_fault(fault: str, services: Services) -> None:
    kind, begin, end = FAULTS[fault]
    all_is_well(services)
    execute(services, begin)

    shown, told, (found,) = look_once(services), watch_over(services), list(health(services))

    (dated,) = query(services, "SELECT to_char(since, 'YYYY-MM-DD HH24:MI') AS since FROM mail.alarm")
    assert [one.kind for one in shown.problems] == [one.kind for one in told.began] == [kind]
    assert found.part.split()[1] == kind
    assert f"since {dated['since']} UTC" in found.trouble

    execute(services, end)
    assert [one.trouble for one in health(services)] == [""]


def test_with_all_processes_stopped_nothing_is_called_fine(services: Services) -> None:
    found = list(health(services))

    assert [one.part for one in found] == ["health: no_worker wire", "health: no_worker desk", "health: no_beat"]
    assert "`supportdesk worker -Q wire`" in found[0].trouble
