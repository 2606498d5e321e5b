"""Days that a text names, in the ways in which people and programs write them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

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
    for date in (date for form in _FORMS for date in form.finditer(text)):
        parts = date.groupdict()
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
