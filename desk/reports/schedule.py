"""The timetable of a report: when it is due, and of which days it tells."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# A report that could not be made for longer than this is old news and is left out.
GRACE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Schedule:
    """At what wall-clock time a report is due, on which weekdays (0 is Monday) and in which time zone."""

    name: str
    at: time
    days: frozenset[int]
    timezone: str


@dataclass(frozen=True, slots=True)
class Period:
    """The stretch of time a report tells of, without its end (both aware), and the zone its days are counted in."""

    start: datetime
    end: datetime
    timezone: str

    def holds(self, moment: datetime | None) -> bool:
        """Say whether a moment lies in the period."""
        return moment is not None and self.start <= moment < self.end

    def day_of(self, moment: datetime) -> date:
        """Return the calendar day of a moment in the period's zone."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()


def last_due(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the latest due moment at or before `now` (aware) in UTC; None where no weekday is named.

    A wall-clock time that the clocks skip is due at the first instant after the gap, a doubled one the first time.
    """
    return next((due for due in _due_moments(schedule, now) if due <= now), None)


def is_due(schedule: Schedule, now: datetime, grace: timedelta = GRACE) -> bool:
    """Say whether the report of the latest due moment may still be made; of older ones only the latest counts."""
    due = last_due(schedule, now)
    return due is not None and now - due <= grace


def period(schedule: Schedule, due: datetime) -> Period | None:
    """Return what the report of a due moment tells of: the whole days since the day of the due moment before it.

    A daily report tells of yesterday, a report of each weekday tells on Monday of Friday to Sunday. `due` is a moment
    that `last_due` gave; None where no weekday is named.
    """
    before = last_due(schedule, due - timedelta(microseconds=1))
    if before is None:
        return None
    zone = ZoneInfo(schedule.timezone)
    start, end = (midnight(moment.astimezone(zone).date(), schedule.timezone) for moment in (before, due))
    return Period(start, end, schedule.timezone)


def day_label(period: Period) -> str:
    """Name the period: one whole day, whole days from one to another, or two moments with their times."""
    first, last = period.day_of(period.start), period.day_of(period.end - timedelta(microseconds=1))
    days = (midnight(first, period.timezone), midnight(last + timedelta(days=1), period.timezone))
    if days != (period.start, period.end):
        zone = ZoneInfo(period.timezone)
        return f"{_moment(period.start.astimezone(zone))} to {_moment(period.end.astimezone(zone))}"
    if first == last:
        return f"{first:%A}, {_date(first)}"
    return f"{_date(first)} to {_date(last)}"


def midnight(day: date, timezone: str) -> datetime:
    """Return the first instant of a calendar day in UTC, also where clocks skip or repeat midnight."""
    return _instant_of(day, time.min, ZoneInfo(timezone))


def _due_moments(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    """Yield the due moments around `now`, latest first."""
    zone = ZoneInfo(schedule.timezone)
    today = now.astimezone(zone).date()
    # Clocks that are put back over midnight show the old date again, so tomorrow's moment may have passed.
    for back in range(-1, 8):
        day = today - timedelta(days=back)
        if day.weekday() in schedule.days:
            yield _instant_of(day, schedule.at, zone)


def _instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    before = wall.replace(tzinfo=zone).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # PEP 495: the second reading of a time lies before the first only in a gap.
    return before if after >= before else _end_of_gap(after, before, wall, zone)


def _end_of_gap(early: datetime, late: datetime, wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the second between two instants at which the clocks jump over a wall-clock time."""

    def has_passed(second: int) -> bool:
        return (early + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) >= wall

    jump = bisect_left(range(int((late - early).total_seconds()) + 1), True, key=has_passed)
    return (early + timedelta(seconds=jump)).replace(microsecond=0)


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_date(moment)}, {moment:%H:%M}"
