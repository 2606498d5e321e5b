"""When reports are due, as tables of moments around the days on which clocks change."""

from datetime import UTC, datetime, time, timedelta

import pytest

from desk.reports.schedule import Period, Schedule, day_label, is_due, last_due, midnight, period, period_until
from tests.support.values.words import ENGLISH

DAILY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
NIGHT = time(2, 30)
MORNING = time(8, 0)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(at: time, days: frozenset[int] = DAILY) -> Schedule:
    return Schedule("daily", at, days, "Europe/Berlin")


DUE = [
    pytest.param(berlin(MORNING), "2026-11-22 12:00", "2026-11-22 07:00", id="later the same day"),
    pytest.param(berlin(MORNING), "2026-11-22 07:00", "2026-11-22 07:00", id="at the moment itself"),
    pytest.param(berlin(MORNING), "2026-11-22 06:59", "2026-11-21 07:00", id="a minute before it"),
    pytest.param(berlin(MORNING), "2026-07-01 06:00", "2026-07-01 06:00", id="in summer"),
    pytest.param(berlin(MORNING, WEEKDAYS), "2026-11-22 12:00", "2026-11-20 07:00", id="on Sunday Friday's"),
    pytest.param(berlin(MORNING, frozenset({6})), "2026-11-22 06:00", "2026-11-15 07:00", id="a week before"),
    pytest.param(berlin(NIGHT), "2026-03-29 00:59", "2026-03-28 01:30", id="before the gap"),
    pytest.param(berlin(NIGHT), "2026-03-29 01:00", "2026-03-29 01:00", id="skipped, at the end of the gap"),
    pytest.param(berlin(NIGHT), "2026-03-29 02:00", "2026-03-29 01:00", id="skipped, after the gap"),
    pytest.param(berlin(NIGHT), "2026-10-25 00:29", "2026-10-24 00:30", id="doubled, before the first"),
    pytest.param(berlin(NIGHT), "2026-10-25 00:30", "2026-10-25 00:30", id="doubled, the first"),
    pytest.param(berlin(NIGHT), "2026-10-25 01:30", "2026-10-25 00:30", id="doubled, the second"),
    pytest.param(
        Schedule("daily", time(2, 15), DAILY, "Australia/Lord_Howe"),
        "2026-10-03 16:00",
        "2026-10-03 15:30",
        id="skipped by half an hour",
    ),
    pytest.param(
        Schedule("daily", time(0, 0), DAILY, "America/St_Johns"),
        "2010-11-07 03:00",
        "2010-11-07 02:30",
        id="clocks put back over midnight",
    ),
    pytest.param(
        Schedule("daily", MORNING, frozenset({4}), "Pacific/Apia"),
        "2011-12-30 12:00",
        "2011-12-30 10:00",
        id="a day that a zone left out",
    ),
]


@pytest.mark.parametrize(("schedule", "now", "expected"), DUE)
def test_the_latest_due_moment_is_found(schedule: Schedule, now: str, expected: str) -> None:
    due = last_due(schedule, utc(now))

    assert due == utc(expected)


def test_a_due_moment_is_given_in_utc() -> None:
    due = last_due(berlin(MORNING), utc("2026-11-22 12:00"))

    assert due is not None
    assert due.tzinfo is UTC


def test_the_zone_of_now_does_not_matter() -> None:
    now = datetime.fromisoformat("2026-11-22T23:30:00+14:00")

    due = last_due(berlin(MORNING), now)

    assert due == utc("2026-11-22 07:00")


@pytest.mark.parametrize("at", [NIGHT, MORNING, time(0, 0)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "America/Havana"])
def test_a_year_has_one_due_moment_a_day(at: time, zone: str) -> None:
    schedule = Schedule("daily", at, DAILY, zone)
    hours = (utc("2018-01-01 12:00") + timedelta(hours=hour) for hour in range(365 * 24 + 1))

    dues = {last_due(schedule, now) for now in hours}

    # Those of 365 days, and the one that was the latest when the year began.
    assert len(dues) == 366


def test_due_moments_never_go_back() -> None:
    schedule = Schedule("daily", time(0, 0), DAILY, "America/St_Johns")
    minutes = [utc("2010-11-06 12:00") + timedelta(minutes=step) for step in range(36 * 60)]

    dues = [due for now in minutes if (due := last_due(schedule, now))]

    assert dues == sorted(dues)


def test_without_a_weekday_nothing_is_ever_due() -> None:
    schedule = berlin(MORNING, frozenset())

    due = last_due(schedule, utc("2026-11-22 12:00"))

    assert due is None


GRACE_CASES = [
    ("2026-11-22 07:00", WEEKDAYS | {6}, True),
    ("2026-11-22 19:00", WEEKDAYS | {6}, True),
    ("2026-11-22 19:01", WEEKDAYS | {6}, False),
    ("2026-11-21 12:00", WEEKDAYS, False),
    ("2026-11-22 12:00", frozenset(), False),
]


@pytest.mark.parametrize(("now", "days", "expected"), GRACE_CASES)
def test_a_report_is_made_late_but_not_after_the_grace(now: str, days: frozenset[int], expected: bool) -> None:
    due = is_due(berlin(MORNING, days), utc(now), timedelta(hours=12))

    assert due is expected


def test_after_a_week_of_silence_one_report_is_due() -> None:
    awake = [utc("2026-11-22 07:10") + timedelta(minutes=step) for step in range(60)]

    moments = {last_due(berlin(MORNING), now) for now in awake if is_due(berlin(MORNING), now)}

    assert moments == {utc("2026-11-22 07:00")}


PERIODS = [
    pytest.param(DAILY, "2026-11-22 07:00", "2026-11-20 23:00", "2026-11-21 23:00", id="yesterday"),
    pytest.param(WEEKDAYS, "2026-11-23 07:00", "2026-11-19 23:00", "2026-11-22 23:00", id="Friday to Sunday"),
    pytest.param(DAILY, "2026-10-26 07:00", "2026-10-24 22:00", "2026-10-25 23:00", id="a day of 25 hours"),
    pytest.param(frozenset({0}), "2026-11-23 07:00", "2026-11-15 23:00", "2026-11-22 23:00", id="a week"),
]


@pytest.mark.parametrize(("days", "due", "start", "end"), PERIODS)
def test_a_report_tells_of_the_whole_days_since_the_one_before(
    days: frozenset[int], due: str, start: str, end: str
) -> None:
    told = period(berlin(MORNING, days), utc(due))

    assert told == Period(utc(start), utc(end), "Europe/Berlin")


def test_what_is_never_due_tells_of_nothing() -> None:
    told = period(berlin(MORNING, frozenset()), utc("2026-11-22 07:00"))

    assert told is None


def test_the_end_is_not_in_the_period() -> None:
    day = Period(utc("2026-11-21 00:00"), utc("2026-11-22 00:00"), "UTC")

    held = [day.holds(moment) for moment in (day.start, day.end, None)]

    assert held == [True, False, False]


LABELS = [
    ("2026-11-20 23:00", "2026-11-21 23:00", "Saturday, 21 November 2026"),
    ("2026-11-19 23:00", "2026-11-22 23:00", "20 November 2026 to 22 November 2026"),
    ("2026-10-24 22:00", "2026-10-25 23:00", "Sunday, 25 October 2026"),
    ("2026-11-21 07:00", "2026-11-22 07:30", "21 November 2026, 08:00 to 22 November 2026, 08:30"),
]


@pytest.mark.parametrize(("start", "end", "expected"), LABELS)
def test_a_period_is_named_by_its_days_or_by_its_moments(start: str, end: str, expected: str) -> None:
    label = day_label(Period(utc(start), utc(end), "Europe/Berlin"), ENGLISH)

    assert label == expected


def test_a_day_without_midnight_begins_after_the_gap() -> None:
    first = midnight(datetime(2018, 11, 4).date(), "America/Sao_Paulo")

    assert first == utc("2018-11-04 03:00")


UNTIL = [
    pytest.param(berlin(MORNING), "2026-11-22 12:00", "2026-11-21 23:00", id="since the midnight before the last one"),
    pytest.param(berlin(MORNING), "2026-11-22 06:59", "2026-11-20 23:00", id="before today's, since yesterday's"),
    pytest.param(berlin(MORNING, WEEKDAYS), "2026-11-22 12:00", "2026-11-19 23:00", id="on Sunday since Friday's"),
    pytest.param(berlin(MORNING), "2026-10-25 12:00", "2026-10-24 22:00", id="on the day of the doubled hour"),
]


@pytest.mark.parametrize(("schedule", "now", "start"), UNTIL)
def test_a_report_of_now_is_about_what_no_report_is_about_yet(schedule: Schedule, now: str, start: str) -> None:
    found = period_until(schedule, utc(now))
    latest = period(schedule, last_due(schedule, utc(now)) or utc(now))

    assert found == Period(utc(start), utc(now), "Europe/Berlin")
    assert latest is not None
    assert latest.end == found.start


def test_without_a_weekday_no_report_of_now_has_a_period() -> None:
    assert period_until(berlin(MORNING, frozenset()), utc("2026-11-22 12:00")) is None
