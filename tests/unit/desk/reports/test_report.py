"""The sums of a report, from rows to figures and from figures to words."""

import ast
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from desk.notices.values.template_values import (
    AgentView,
    CountView,
    FirstResponseView,
    LatestView,
    ReportView,
    TotalsView,
)
from desk.reports.report import (
    Activity,
    AgentCount,
    Count,
    DayFigures,
    FirstResponse,
    Report,
    ReportTicket,
    Rows,
    Totals,
    figures,
    open_by_agent,
    series_start,
    view,
)
from desk.reports.schedule import Period
from desk.ticket import Category, Priority, Status
from tests.support.values.words import ENGLISH


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Saturday in Berlin, told of on Sunday at eight.
DAY = Period(utc("2026-11-20 23:00"), utc("2026-11-21 23:00"), "Europe/Berlin")
NOW = utc("2026-11-22 07:00")
BEFORE, START, NOON = DAY.start - timedelta(seconds=1), DAY.start, utc("2026-11-21 11:00")
LAST, END = DAY.end - timedelta(milliseconds=1), DAY.end

TICKET = ReportTicket(
    number=1001,
    title="It does not work",
    status=Status.OPEN,
    priority=Priority.MEDIUM,
    category=Category.BILLING,
    assignee=None,
    created_at=NOON,
    resolved_at=None,
    closed_at=None,
    first_answer_at=None,
)
TOTALS = Totals(total=9, open=4, closed=5)


def report(*tickets: ReportTicket, period: Period = DAY, now: datetime = NOW) -> Report:
    return figures(Rows(tickets, TOTALS, (Activity(1001, "It does not work", Status.IN_PROGRESS),)), period, now)


EDGES = [(BEFORE, 0), (START, 1), (NOON, 1), (LAST, 1), (END, 0), (NOW, 0)]


@pytest.mark.parametrize(("moment", "expected"), EDGES)
def test_what_is_opened_in_the_period_counts(moment: datetime, expected: int) -> None:
    made = report(replace(TICKET, created_at=moment))

    assert made.opened == expected


@pytest.mark.parametrize(("moment", "expected"), EDGES)
def test_what_is_resolved_in_the_period_counts(moment: datetime, expected: int) -> None:
    made = report(replace(TICKET, status=Status.RESOLVED, resolved_at=moment))

    assert made.resolved == expected


@pytest.mark.parametrize(("moment", "expected"), EDGES)
def test_what_is_closed_in_the_period_counts(moment: datetime, expected: int) -> None:
    made = report(replace(TICKET, status=Status.CLOSED, closed_at=moment))

    assert made.closed == expected


@pytest.mark.parametrize(
    ("status", "expected"), [(Status.OPEN, 1), (Status.IN_PROGRESS, 1), (Status.RESOLVED, 0), (Status.CLOSED, 0)]
)
def test_open_and_in_progress_are_open_now(status: Status, expected: int) -> None:
    made = report(replace(TICKET, status=status))

    assert made.open_now == expected


AGES = [
    ("2026-11-22 06:59", "today"),
    ("2026-11-21 23:00", "today"),
    ("2026-11-21 22:59", "days"),
    ("2026-11-18 23:00", "days"),
    ("2026-11-18 22:59", "week"),
    ("2026-11-14 23:00", "week"),
    ("2026-11-14 22:59", "weeks"),
    ("2026-10-23 12:00", "weeks"),
    ("2026-10-22 12:00", "months"),
    ("2016-01-01 12:00", "months"),
    ("2026-11-22 07:30", "today"),
]


@pytest.mark.parametrize(("created", "expected"), AGES)
def test_an_open_ticket_is_as_old_as_its_calendar_days(created: str, expected: str) -> None:
    made = report(replace(TICKET, created_at=utc(created)))

    assert [row.key for row in made.by_age if row.count] == [expected]


def test_priorities_are_counted_from_the_highest_with_the_empty_ones() -> None:
    made = report(TICKET, replace(TICKET, priority=Priority.LOW), replace(TICKET, priority=Priority.LOW))

    assert made.by_priority == (Count("high", 0), Count("medium", 1), Count("low", 2))


def test_categories_are_counted_of_open_tickets_only() -> None:
    made = report(TICKET, replace(TICKET, status=Status.CLOSED))

    assert [row for row in made.by_category if row.count] == [Count("billing", 1)]


def test_agents_are_listed_from_the_fullest_desk_with_nobody_last() -> None:
    ann, bob = replace(TICKET, assignee="Ann"), replace(TICKET, assignee="Bob")
    done = replace(bob, status=Status.RESOLVED, resolved_at=NOON)

    made = report(TICKET, TICKET, TICKET, ann, bob, bob, done)

    assert made.by_agent == (AgentCount("Bob", 2, 1), AgentCount("Ann", 1, 0), AgentCount(None, 3, 0))


def test_an_agent_called_nobody_is_not_the_unassigned() -> None:
    made = report(TICKET, replace(TICKET, assignee="nobody"))

    assert made.by_agent == (AgentCount("nobody", 1, 0), AgentCount(None, 1, 0))


def test_an_agent_with_nothing_open_and_nothing_resolved_in_the_period_is_left_out() -> None:
    made = report(replace(TICKET, assignee="Ann", status=Status.RESOLVED, resolved_at=BEFORE))

    assert made.by_agent == ()


def test_first_answers_of_the_period_are_measured_from_the_opening() -> None:
    waits = [timedelta(hours=1), timedelta(hours=2), timedelta(hours=10), timedelta(days=3)]

    made = report(*(replace(TICKET, created_at=NOON - wait, first_answer_at=NOON) for wait in waits))

    assert made.first_response == FirstResponse(4, timedelta(hours=6), timedelta(days=3))


@pytest.mark.parametrize("moment", [None, BEFORE, END])
def test_without_a_first_answer_in_the_period_there_is_no_wait(moment: datetime | None) -> None:
    made = report(replace(TICKET, first_answer_at=moment))

    assert made.first_response is None


def test_an_answer_dated_before_its_ticket_is_no_wait() -> None:
    made = report(replace(TICKET, created_at=NOON, first_answer_at=NOON - timedelta(hours=1)))

    assert made.first_response == FirstResponse(1, timedelta(0), timedelta(0))


def test_the_series_ends_with_the_last_day_of_the_period() -> None:
    made = report()

    assert (made.series[0], made.series[-1], len(made.series)) == (
        DayFigures(date(2026, 11, 8), 0, 0),
        DayFigures(date(2026, 11, 21), 0, 0),
        14,
    )


def test_the_series_counts_by_local_days() -> None:
    late = replace(TICKET, created_at=utc("2026-11-19 22:59"), resolved_at=utc("2026-11-19 23:00"))

    made = report(late)

    assert made.series[-3:] == (
        DayFigures(date(2026, 11, 19), 1, 0),
        DayFigures(date(2026, 11, 20), 0, 1),
        DayFigures(date(2026, 11, 21), 0, 0),
    )


def test_a_period_that_is_not_over_yet_ends_its_series_today() -> None:
    week = Period(utc("2026-11-15 23:00"), utc("2026-11-29 23:00"), "Europe/Berlin")

    made = report(period=week)

    assert made.series[-1].day == date(2026, 11, 22)


def test_rows_are_needed_since_the_first_day_of_the_series() -> None:
    since = series_start(DAY, NOW)

    assert since == utc("2026-11-07 23:00")


def test_rows_are_needed_since_the_start_of_a_long_period() -> None:
    month = replace(DAY, start=utc("2026-10-21 22:00"))

    since = series_start(month, NOW)

    assert since == month.start


SPANS = [
    (timedelta(seconds=-5), "less than a minute"),
    (timedelta(seconds=59), "less than a minute"),
    (timedelta(minutes=1), "1 min"),
    (timedelta(minutes=59, seconds=59), "59 min"),
    (timedelta(hours=1), "1 h"),
    (timedelta(hours=1, minutes=20), "1 h 20 min"),
    (timedelta(hours=23, minutes=59), "23 h 59 min"),
    (timedelta(days=1), "1 day"),
    (timedelta(days=1, minutes=59), "1 day"),
    (timedelta(days=1, hours=3, minutes=4), "1 day 3 h"),
    (timedelta(days=3), "3 days"),
    (timedelta(days=400, hours=1), "400 days 1 h"),
]


@pytest.mark.parametrize(("span", "expected"), SPANS)
def test_a_span_is_said_in_its_two_greatest_units(span: timedelta, expected: str) -> None:
    said = ENGLISH.span(span)

    assert said == expected


def test_the_view_names_the_day() -> None:
    shown = view(report(), ENGLISH)

    assert shown.day_label == "Saturday, 21 November 2026"


def test_the_view_carries_the_numbers() -> None:
    done = replace(TICKET, status=Status.CLOSED, resolved_at=NOON, closed_at=NOON)
    gone = replace(done, closed_at=BEFORE)

    shown = view(report(TICKET, TICKET, done, gone, replace(done, created_at=BEFORE)), ENGLISH)

    assert (shown.opened, shown.resolved, shown.closed, shown.open_now) == (4, 3, 2, 2)


def test_the_view_shows_labels_as_words() -> None:
    shown = view(report(replace(TICKET, category=Category.TECHNICAL_ISSUE)), ENGLISH)

    assert shown.by_category[0] == CountView("Technical issue", 1)


def test_the_view_keeps_age_and_priority_apart() -> None:
    shown = view(report(TICKET), ENGLISH)

    assert (shown.by_age[1], shown.by_priority[1]) == (CountView("1 to 3 days", 1), CountView("Medium", 1))


def test_the_view_says_waits_in_words() -> None:
    answered = replace(TICKET, created_at=NOON - timedelta(minutes=80), first_answer_at=NOON)

    shown = view(report(answered, replace(answered, created_at=NOON - timedelta(days=3)), answered), ENGLISH)

    assert shown.first_response == FirstResponseView(3, "1 h 20 min", "3 days")


def test_the_view_says_that_nobody_was_answered() -> None:
    shown = view(report(), ENGLISH)

    assert shown.first_response is None


def test_the_view_marks_the_tickets_whose_sender_was_not_proven() -> None:
    latest = (Activity(1001, "Pay", Status.OPEN, "pat@stone.example"), Activity(1002, "Ask", Status.OPEN))

    shown = view(figures(Rows((), TOTALS, latest), DAY, NOW), ENGLISH)

    assert [ticket.status for ticket in shown.latest] == ["Open, sender not proven", "Open"]


def test_the_view_shows_agents_latest_tickets_and_totals() -> None:
    shown = view(report(replace(TICKET, assignee="Ann")), ENGLISH)

    assert (shown.by_agent, shown.latest, shown.totals) == (
        (AgentView("Ann", 1, 0),),
        (LatestView("SD-1001", "It does not work", "In progress"),),
        TotalsView(9, 4, 5),
    )


def test_the_chart_leaves_out_agents_without_open_tickets() -> None:
    done = replace(TICKET, assignee="Ann", status=Status.RESOLVED, resolved_at=NOON)

    bars = open_by_agent(report(done, TICKET), ENGLISH)

    assert bars == (("nobody", 1),)


def test_every_figure_of_a_report_is_put_into_words() -> None:
    # The series is drawn and not told; the period is told by its name.
    figured = {field.name for field in fields(Report)} - {"series", "period"} | {"day_label"}

    assert {field.name for field in fields(ReportView)} == figured


def test_every_figure_of_a_report_is_looked_at_by_a_test_above() -> None:
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))

    looked_at = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {field.name for field in fields(Report)} - looked_at == {"period"}
