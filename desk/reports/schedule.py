"""The schedule of a report: when it is due, and which days it is about."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from mail.outbound.catalogue import Catalogue, said

# A report that could not be made for longer than this is left out.
GRACE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a report is due: the wall-clock time, the weekdays (0 is Monday) and the name of the time zone."""

    name: str
    at: time
    days: frozenset[int]
    timezone: str


@dataclass(frozen=True, slots=True)
class Period:
    """The time from `start` to before `end` (both aware) that a report is about, and the time zone of its days."""

    start: datetime
    end: datetime
    timezone: str

    def holds(self, moment: datetime | None) -> bool:
        """True where a moment lies in the period; False for None."""
        return moment is not None and self.start <= moment < self.end

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment in the period's time zone."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()


def last_due(schedule: Schedule, now: datetime) -> datetime | None:
    """The latest due moment at or before `now` (aware), in UTC; None where the schedule has no weekday.

    A wall-clock time that the clocks skip is due at the first instant after the gap, a doubled one the first time.
    """
    return next((due for due in _due_moments(schedule, now) if due <= now), None)


def is_due(schedule: Schedule, now: datetime, grace: timedelta = GRACE) -> bool:
    """True where the report of the latest due moment may still be made; older ones are left out."""
    due = last_due(schedule, now)
    return due is not None and now - due <= grace


def period(schedule: Schedule, due: datetime) -> Period | None:
    """The period of the report of a due moment: the whole days since the day of the due moment before it.

    A daily report is about yesterday; one of each weekday is about Friday to Sunday on Monday. `due` is a moment that
    `last_due` gave; None where the schedule has no weekday.
    """
    previous = last_due(schedule, due - timedelta(microseconds=1))
    if previous is None:
        return None
    zone = ZoneInfo(schedule.timezone)
    start, end = (midnight(moment.astimezone(zone).date(), schedule.timezone) for moment in (previous, due))
    return Period(start, end, schedule.timezone)


def period_until(schedule: Schedule, now: datetime) -> Period | None:
    """What no report of the schedule is about yet: from the end of the days of the latest one until `now` (aware)."""
    due = last_due(schedule, now)
    if due is None:
        return None
    return Period(
        midnight(due.astimezone(ZoneInfo(schedule.timezone)).date(), schedule.timezone), now, schedule.timezone
    )


def day_label(period: Period, words: Catalogue) -> str:
    """The period in words: one whole day, the first and the last of whole days, or two moments with their times."""
    first, last = period.day_of(period.start), period.day_of(period.end - timedelta(microseconds=1))
    days = (midnight(first, period.timezone), midnight(last + timedelta(days=1), period.timezone))
    if days != (period.start, period.end):
        zone = ZoneInfo(period.timezone)
        start, end = (words.local_time(moment.astimezone(zone)) for moment in (period.start, period.end))
    elif first == last:
        return words.day(first)
    else:
        start, end = words.day(first, "date"), words.day(last, "date")
    return words.say(said("formats.from_to", start=start, end=end))


def midnight(day: date, timezone: str) -> datetime:
    """The first instant of a calendar day in UTC, also where clocks skip or repeat midnight."""
    return _instant_of(day, time.min, ZoneInfo(timezone))


def _due_moments(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    """The due moments from the day after `now` back to a week before, latest first, in UTC."""
    zone = ZoneInfo(schedule.timezone)
    today = now.astimezone(zone).date()
    # Clocks that are set back over midnight show the old date again, so tomorrow's moment may be in the past.
    for back in range(-1, 8):
        day = today - timedelta(days=back)
        if day.weekday() in schedule.days:
            yield _instant_of(day, schedule.at, zone)


def _instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # PEP 495: the second reading of a time lies before the first only in a gap.
    return first if second >= first else _end_of_gap(second, first, wall, zone)


def _end_of_gap(early: datetime, late: datetime, wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two others, to the second, at which the clocks jump over a wall-clock time."""

    def has_passed(second: int) -> bool:
        return (early + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) >= wall

    jump = bisect_left(range(int((late - early).total_seconds()) + 1), True, key=has_passed)
    return (early + timedelta(seconds=jump)).replace(microsecond=0)
