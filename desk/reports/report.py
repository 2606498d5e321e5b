"""The report: rows of tickets become figures, and figures become the values of a template."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from desk.notices.template_values import AgentView, CountView, FirstResponseView, LatestView, ReportView, TotalsView
from desk.reports.schedule import Period, day_label, midnight
from desk.ticket import Category, Priority, Status
from mail.outbound.day_count import DayCount

SERIES_DAYS: Final = 14
NOBODY: Final = "nobody"
OPEN: Final = (Status.OPEN, Status.IN_PROGRESS)

# A label, and up to how many calendar days after a ticket was opened it applies.
AGES: Final = (
    ("today", 0),
    ("1 to 3 days", 3),
    ("4 to 7 days", 7),
    ("over a week", 30),
    ("over a month", timedelta.max.days),
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
    """The number of open tickets with a label."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class AgentCount:
    """How many tickets of an agent are open now, and how many were resolved in the period."""

    name: str
    open: int
    resolved: int


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """How long customers waited for the first answers of the period."""

    count: int
    median: timedelta
    slowest: timedelta


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
    series: tuple[DayCount, ...]
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
        by_age=_counts((label for label, _ in AGES), still_open, lambda row: _age_label(row, period, now)),
        by_priority=_counts(reversed(Priority), still_open, lambda row: row.priority),
        by_category=_counts(Category, still_open, lambda row: row.category),
        by_agent=_by_agent(tickets, period),
        first_response=_first_response(tickets, period),
        totals=rows.totals,
        series=_series(tickets, period, now),
        latest=rows.latest,
    )


def view(report: Report) -> ReportView:
    """The figures as the values of the template."""
    waits = report.first_response
    return ReportView(
        day_label=day_label(report.period),
        opened=report.opened,
        resolved=report.resolved,
        closed=report.closed,
        open_now=report.open_now,
        by_age=_count_views(report.by_age),
        by_priority=_count_views(report.by_priority),
        by_category=_count_views(report.by_category),
        by_agent=tuple(AgentView(agent.name, agent.open, agent.resolved) for agent in report.by_agent),
        first_response=FirstResponseView(waits.count, human(waits.median), human(waits.slowest)) if waits else None,
        latest=tuple(LatestView(f"SD-{row.number}", row.title, _state(row)) for row in report.latest),
        totals=TotalsView(report.totals.total, report.totals.open, report.totals.closed),
    )


def open_by_agent(report: Report) -> tuple[tuple[str, int], ...]:
    """The agents of the chart: those with open tickets, as (name, number of these)."""
    return tuple((agent.name, agent.open) for agent in report.by_agent if agent.open)


def human(span: timedelta) -> str:
    """A span in its two greatest units, cut and not rounded: "1 h 20 min", "3 days"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return ("1 day" if days == 1 else f"{days} days") + (f" {hours} h" if hours else "")
    return " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number)


def _counts(
    labels: Iterable[str], tickets: Iterable[ReportTicket], label_of: Callable[[ReportTicket], str]
) -> tuple[Count, ...]:
    """Count for every label, also where it has no ticket, so that reports can be compared line by line."""
    counts = Counter(label_of(row) for row in tickets)
    return tuple(Count(str(label), counts[label]) for label in labels)


def _age_label(row: ReportTicket, period: Period, now: datetime) -> str:
    days = (period.day_of(now) - period.day_of(row.created_at)).days
    return next(label for label, most in AGES if days <= most)


def _by_agent(tickets: Iterable[ReportTicket], period: Period) -> tuple[AgentCount, ...]:
    """Agents with open or resolved tickets, the most open ones first; unassigned tickets come last."""
    still_open: Counter[str | None] = Counter()
    resolved: Counter[str | None] = Counter()
    for row in tickets:
        still_open[row.assignee] += row.status in OPEN
        resolved[row.assignee] += period.holds(row.resolved_at)
    busy = [name for name in still_open if still_open[name] or resolved[name]]
    busy.sort(key=lambda name: (name is None, -still_open[name], name or ""))
    return tuple(AgentCount(NOBODY if name is None else name, still_open[name], resolved[name]) for name in busy)


def _first_response(tickets: Iterable[ReportTicket], period: Period) -> FirstResponse | None:
    """The waits; an answer that is dated before its ticket (by an import, or two clocks) counts as no wait."""
    answered = ((row.first_answer_at, row.created_at) for row in tickets if period.holds(row.first_answer_at))
    waits = [max(0.0, (answer - created).total_seconds()) for answer, created in answered if answer is not None]
    if not waits:
        return None
    return FirstResponse(len(waits), timedelta(seconds=median(waits)), timedelta(seconds=max(waits)))


def _series(tickets: Iterable[ReportTicket], period: Period, now: datetime) -> tuple[DayCount, ...]:
    opened: Counter[date] = Counter()
    resolved: Counter[date] = Counter()
    for row in tickets:
        opened[period.day_of(row.created_at)] += 1
        if row.resolved_at is not None:
            resolved[period.day_of(row.resolved_at)] += 1
    return tuple(DayCount(f"{day.day} {day:%b}", opened[day], resolved[day]) for day in _series_days(period, now))


def _series_days(period: Period, now: datetime) -> tuple[date, ...]:
    """The days up to the period's last one, so that a late report shows the same as one on time."""
    last = period.day_of(min(period.end - timedelta(microseconds=1), now))
    return tuple(last - timedelta(days=back) for back in reversed(range(SERIES_DAYS)))


def _count_views(counts: Iterable[Count]) -> tuple[CountView, ...]:
    return tuple(CountView(_spaced(row.label), row.count) for row in counts)


def _spaced(label: str) -> str:
    return label.replace("_", " ").capitalize()


def _state(ticket: Activity) -> str:
    return _spaced(ticket.status) + (", sender not proven" if ticket.unproven else "")
