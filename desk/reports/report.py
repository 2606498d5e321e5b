"""The report: rows of tickets become figures, and figures become the values of a template."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from desk.notices.values.template_values import (
    AgentView,
    CountView,
    FirstResponseView,
    LatestView,
    ReportView,
    TotalsView,
)
from desk.reports.schedule import Period, day_label, midnight
from desk.ticket import Category, Priority, Status
from mail.outbound.catalogue import Catalogue, said
from mail.outbound.report.day_count import DayCount

SERIES_DAYS: Final = 14
OPEN: Final = (Status.OPEN, Status.IN_PROGRESS)

# A label, and up to how many calendar days after a ticket was opened it applies.
AGES: Final = (
    ("today", 0),
    ("days", 3),
    ("week", 7),
    ("weeks", 30),
    ("months", timedelta.max.days),
)


@dataclass(frozen=True, slots=True)
class ReportTicket:
    """A ticket as a report counts it, with aware times; `first_answer_at` may be None where it is not in the period."""

    number: int
    title: str
    status: Status
    priority: Priority
    category: Category
    assignee: str | None
    created_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    first_answer_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """A ticket of the recent activity; `unproven` is the address of its opener where that was refuted, else empty."""

    number: int
    title: str
    status: Status
    unproven: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The number of all tickets: `open` counts open and in progress, `closed` resolved and closed."""

    total: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows for a report: `tickets` are those that are open or were changed since `series_start`."""

    tickets: tuple[ReportTicket, ...]
    totals: Totals
    latest: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of open tickets of one age, priority or category, by its key."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class AgentCount:
    """How many tickets of an agent are open now, and how many were resolved in the period; None has those of nobody."""

    name: str | None
    open: int
    resolved: int


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """How long customers waited for the first answers of the period."""

    count: int
    median: timedelta
    slowest: timedelta


@dataclass(frozen=True, slots=True)
class DayFigures:
    """How many tickets were opened and resolved on one day."""

    day: date
    opened: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one period, and of the moment at which the report is made."""

    period: Period
    opened: int
    resolved: int
    closed: int
    open_now: int
    by_age: tuple[Count, ...]
    by_priority: tuple[Count, ...]
    by_category: tuple[Count, ...]
    by_agent: tuple[AgentCount, ...]
    first_response: FirstResponse | None
    totals: Totals
    series: tuple[DayFigures, ...]
    latest: tuple[Activity, ...]


def series_start(period: Period, now: datetime) -> datetime:
    """Since when changed tickets are needed: the first midnight of the series or the period's start, if earlier."""
    return min(period.start, midnight(_series_days(period, now)[0], period.timezone))


def figures(rows: Rows, period: Period, now: datetime) -> Report:
    """Sum up the period, and what is open at `now` (aware).

    Ages are calendar days in the period's zone; a resolved ticket counts for whom it is assigned to now.
    """
    tickets = rows.tickets
    still_open = tuple(row for row in tickets if row.status in OPEN)
    return Report(
        period=period,
        opened=sum(period.holds(row.created_at) for row in tickets),
        resolved=sum(period.holds(row.resolved_at) for row in tickets),
        closed=sum(period.holds(row.closed_at) for row in tickets),
        open_now=len(still_open),
        by_age=_counts((age for age, _ in AGES), still_open, lambda row: _age(row, period, now)),
        by_priority=_counts(reversed(Priority), still_open, lambda row: row.priority),
        by_category=_counts(Category, still_open, lambda row: row.category),
        by_agent=_by_agent(tickets, period),
        first_response=_first_response(tickets, period),
        totals=rows.totals,
        series=_series(tickets, period, now),
        latest=rows.latest,
    )


def view(report: Report, words: Catalogue) -> ReportView:
    """The figures as the values of the template, in the words of its reader."""
    waits = report.first_response
    return ReportView(
        day_label=day_label(report.period, words),
        opened=report.opened,
        resolved=report.resolved,
        closed=report.closed,
        open_now=report.open_now,
        by_age=_count_views("reports.age", report.by_age, words),
        by_priority=_count_views("labels.priority", report.by_priority, words),
        by_category=_count_views("labels.category", report.by_category, words),
        by_agent=tuple(AgentView(_name(one, words), one.open, one.resolved) for one in report.by_agent),
        first_response=_first_response_view(waits, words) if waits else None,
        latest=tuple(LatestView(f"SD-{row.number}", row.title, _state(row, words)) for row in report.latest),
        totals=TotalsView(report.totals.total, report.totals.open, report.totals.closed),
    )


def open_by_agent(report: Report, words: Catalogue) -> tuple[tuple[str, int], ...]:
    """The agents of the chart: those with open tickets, as (name, number of these)."""
    return tuple((_name(agent, words), agent.open) for agent in report.by_agent if agent.open)


def days_of(report: Report, words: Catalogue) -> tuple[DayCount, ...]:
    """The days of the chart, with their labels in the words of its reader."""
    return tuple(DayCount(words.day(one.day, "short_day"), one.opened, one.resolved) for one in report.series)


def _name(agent: AgentCount, words: Catalogue) -> str:
    return agent.name if agent.name is not None else words.say(said("reports.nobody"))


def _first_response_view(waits: FirstResponse, words: Catalogue) -> FirstResponseView:
    return FirstResponseView(waits.count, words.span(waits.median), words.span(waits.slowest))


def _counts(
    keys: Iterable[str], tickets: Iterable[ReportTicket], key_of: Callable[[ReportTicket], str]
) -> tuple[Count, ...]:
    """Count for every key, also where it has no ticket, so that reports can be compared line by line."""
    counts = Counter(key_of(row) for row in tickets)
    return tuple(Count(str(key), counts[key]) for key in keys)


def _age(row: ReportTicket, period: Period, now: datetime) -> str:
    days = (period.day_of(now) - period.day_of(row.created_at)).days
    return next(age for age, most in AGES if days <= most)


def _by_agent(tickets: Iterable[ReportTicket], period: Period) -> tuple[AgentCount, ...]:
    """Agents with open or resolved tickets, the most open ones first; unassigned tickets come last."""
    still_open: Counter[str | None] = Counter()
    resolved: Counter[str | None] = Counter()
    for row in tickets:
        still_open[row.assignee] += row.status in OPEN
        resolved[row.assignee] += period.holds(row.resolved_at)
    busy = [name for name in still_open if still_open[name] or resolved[name]]
    busy.sort(key=lambda name: (name is None, -still_open[name], name or ""))
    return tuple(AgentCount(name, still_open[name], resolved[name]) for name in busy)


def _first_response(tickets: Iterable[ReportTicket], period: Period) -> FirstResponse | None:
    """The waits; an answer that is dated before its ticket (by an import, or two clocks) counts as no wait."""
    answered = ((row.first_answer_at, row.created_at) for row in tickets if period.holds(row.first_answer_at))
    waits = [max(0.0, (answer - created).total_seconds()) for answer, created in answered if answer is not None]
    if not waits:
        return None
    return FirstResponse(len(waits), timedelta(seconds=median(waits)), timedelta(seconds=max(waits)))


def _series(tickets: Iterable[ReportTicket], period: Period, now: datetime) -> tuple[DayFigures, ...]:
    opened: Counter[date] = Counter()
    resolved: Counter[date] = Counter()
    for row in tickets:
        opened[period.day_of(row.created_at)] += 1
        if row.resolved_at is not None:
            resolved[period.day_of(row.resolved_at)] += 1
    return tuple(DayFigures(day, opened[day], resolved[day]) for day in _series_days(period, now))


def _series_days(period: Period, now: datetime) -> tuple[date, ...]:
    """The days up to the period's last one, so that a late report shows the same as one on time."""
    last = period.day_of(min(period.end - timedelta(microseconds=1), now))
    return tuple(last - timedelta(days=back) for back in reversed(range(SERIES_DAYS)))


def _count_views(labels: str, counts: Iterable[Count], words: Catalogue) -> tuple[CountView, ...]:
    return tuple(CountView(words.say(said(f"{labels}_{one.key}")), one.count) for one in counts)


def _state(ticket: Activity, words: Catalogue) -> str:
    status = said(f"labels.status_{ticket.status}")
    return words.say(said("reports.unproven", status=status) if ticket.unproven else status)
