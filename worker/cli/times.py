"""Times as the options of commands take them: a moment in UTC, and an age back from now."""

import re
from datetime import UTC, datetime
from typing import Final

import rich_click as click

MOST_DAYS: Final = 36_500
_AGE: Final = re.compile(r"([0-9]{1,5})([dmy])")
_DAYS: Final = {"d": 1, "m": 30, "y": 365}
_MOMENT: Final = click.DateTime(
    ["%Y-%m-%d", *(f"%Y-%m-%d{between}%H:%M{seconds}" for between in (" ", "T") for seconds in ("", ":%S"))]
)


class Moment(click.ParamType[datetime]):
    """A moment in UTC, written as 2026-12-24 or 2026-12-24 08:00; a day is its beginning."""

    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; says how one is written where the text is none."""
        try:
            return _MOMENT.convert(value, param, ctx).replace(tzinfo=UTC)
        except click.BadParameter:
            self.fail(f"{value} is no time. Write it as 2026-12-24 or '2026-12-24 08:00', in UTC.", param, ctx)


class Age(click.ParamType[int]):
    """A time back from now, written as 2y, 18m or 90d; a year has 365 days and a month 30."""

    name = "age"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of days; says how an age is written where the text is none."""
        found = _AGE.fullmatch(str(value).strip().lower())
        days = int(found[1]) * _DAYS[found[2]] if found else 0
        if not 1 <= days <= MOST_DAYS:
            self.fail(
                f"{value} is no age. Write it as 2y, 18m or 90d: a day at least, a hundred years at most.", param, ctx
            )
        return days
