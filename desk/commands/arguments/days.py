"""Days that a text names, in the ways in which people and programs write them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

ONE_DAY = timedelta(days=1)
READ_CHARACTERS = 10_000

# The first letters of the months in English, German, Dutch, French, Spanish, Italian and Portuguese.
MONTHS: tuple[tuple[str, ...], ...] = (
    ("jan", "jän", "ene", "gen"),
    ("feb", "fév", "fev"),
    ("mar", "mär", "maa", "mrz"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mei", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "out", "ott"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_YEAR = r"(?:,?\s+(?:de )?(?P<year>20\d\d))?(?!\w)"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>20\d\d)?(?!\d)",
        rf"(?<!\d){_NTH}\s+(?:de |of )?{_MONTH}{_YEAR}",
        rf"(?<!\w){_MONTH}\s+{_NTH}{_YEAR}",
    )
)


def read_absence_end(text: str, now: datetime, most: int) -> datetime | None:
    """The end, in UTC, of the latest day that a text names within the next `most` days; None where it names none.

    Numeric dates with slashes are not read, because day and month stand in different order in different countries.
    """
    ends = (day + ONE_DAY for day in _days_in(text[:READ_CHARACTERS], now))
    coming = [end for end in ends if now < end <= now + timedelta(days=most)]
    return max(coming, default=None)


def _days_in(text: str, now: datetime) -> Iterator[datetime]:
    """Every day that a text names, at 00:00 UTC; a day without a year is yielded for this year and for the next."""
    for found in (found for form in _FORMS for found in form.finditer(text)):
        parts = found.groupdict()
        month = int(parts["month"]) if parts.get("month") else _month_number(parts["name"])
        years = (int(parts["year"]),) if parts.get("year") else (now.year, now.year + 1)
        for year in years:
            # There may be no such day, such as the 31st of April or a day of month 0.
            with suppress(ValueError):
                yield datetime(year, month, int(parts["day"]), tzinfo=UTC)


def _month_number(name: str) -> int:
    """The number of a month by the first letters of its name in one of the languages of MONTHS; 0 for other words."""
    lowered = name.lower()
    return next((number for number, starts in enumerate(MONTHS, 1) if lowered.startswith(starts)), 0)


class Misread(StrEnum):
    """Why a text names no moment to wait for."""

    UNKNOWN = "unknown"
    PAST = "past"
    TOO_FAR = "too far"


# A day without a time begins at this hour, and nobody waits for longer than so many days.
MORNING = 9
MOST_DAYS = 366
# The names of the days in English and German, from Monday on, and of other days by how far they are away.
WEEKDAYS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "mon monday mo montag",
        "tue tues tuesday di dienstag",
        "wed weds wednesday mi mittwoch",
        "thu thur thurs thursday do donnerstag",
        "fri friday fr freitag",
        "sat saturday sa samstag sonnabend",
        "sun sunday so sonntag",
    )
)
NEAR_DAYS = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "übermorgen": 2, "uebermorgen": 2}
_UNITS = {
    timedelta(minutes=1): frozenset("m min mins minute minutes minuten".split()),
    timedelta(hours=1): frozenset("h hour hours std stunde stunden".split()),
    ONE_DAY: frozenset("d day days t tag tage tagen".split()),
    timedelta(weeks=1): frozenset("w week weeks woche wochen".split()),
}
_SPAN = re.compile(r"(?:in )?(\d{1,4}) ?([a-z]{1,7})")
_TIME = re.compile(r"(?:^|[ ,])(?:at |um )?(\d{1,2})(?::(\d\d)(?::00)?)? ?(am|pm|uhr)?$")
# RFC 3339 has a T between day and time.
_TIME_MARK = re.compile(r"(?<=\d)t(?=\d)")
_BEFORE = ("until ", "till ", "bis ", "zum ", "on ", "am ")


def read_moment(text: str, now: datetime, zone: tzinfo) -> datetime | Misread:
    """The moment, in UTC, that a text names as people write one; `now` is in UTC, and the text in the given zone.

    `fri`, `3d`, `2h`, `tomorrow`, `2026-12-24 09:00`. A day alone is its morning; a name of a day is the next one.
    """
    wanted = _TIME_MARK.sub(" ", " ".join(text[:100].casefold().split())).rstrip("!")
    for word in _BEFORE:
        wanted = wanted.removeprefix(word)
    moment = _span(wanted, now, zone) or _day_and_time(wanted, now, zone)
    if moment is None:
        return Misread.UNKNOWN
    if moment <= now:
        return Misread.PAST
    return moment if moment <= now + timedelta(days=MOST_DAYS) else Misread.TOO_FAR


def _span(wanted: str, now: datetime, zone: tzinfo) -> datetime | None:
    span = _SPAN.fullmatch(wanted)
    unit = next((unit for unit, names in _UNITS.items() if span and span[2] in names), None)
    if span is None or unit is None:
        return None
    if unit < ONE_DAY:
        return now + int(span[1]) * unit
    return _at((now.astimezone(zone) + int(span[1]) * unit).date(), time(MORNING), zone)


def _day_and_time(wanted: str, now: datetime, zone: tzinfo) -> datetime | None:
    """A day by its name or date, with a time behind it or at MORNING; a time alone is the next one on the clock."""
    found = _TIME.search(wanted)
    clock = _clock(found) if found else None
    rest = wanted[: found.start()].strip(" ,") if found and clock else wanted
    today = now.astimezone(zone).date()
    if not rest and clock:
        moment = _at(today, clock, zone)
        return moment if moment > now else _at(today + ONE_DAY, clock, zone)
    day = _day(rest, today)
    return _at(day, clock or time(MORNING), zone) if day else None


def _clock(found: re.Match[str]) -> time | None:
    """A time of day such as 9:00, 9 am or 9 Uhr; a bare number is none."""
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if found[2] is None and half is None:
        return None
    if half in {"am", "pm"}:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(wanted: str, today: date) -> date | None:
    wanted = wanted if wanted[-2:-1].isdigit() else wanted.rstrip(".")
    if wanted in NEAR_DAYS:
        return today + timedelta(days=NEAR_DAYS[wanted])
    weekday = next((number for number, names in enumerate(WEEKDAYS) if wanted in names), None)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if not any(form.fullmatch(wanted) for form in _FORMS):
        return None
    days = [day.date() for day in _days_in(wanted, datetime(today.year, 1, 1, tzinfo=UTC))]
    return next((day for day in sorted(days) if day >= today), max(days, default=None))


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
