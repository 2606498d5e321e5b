"""Days and moments as an operator types them, in UTC."""

from datetime import datetime
from typing import Any, Final

import click

DAY: Final = "%Y-%m-%d"
_FORMS: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


class Moment(click.DateTime):
    """A day such as 2026-01-31, and with `clock` a time of it as well; without a zone, for all times are UTC."""

    def __init__(self, *, clock: bool = True) -> None:
        super().__init__([DAY, *(_FORMS if clock else ())])
        self._example = "2026-01-31 or 2026-01-31 08:00" if clock else "2026-01-31"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  click's own form
        """The word that stands for it on pages."""
        return "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; click.BadParameter says how one is written."""
        try:
            moment: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value} is no date. Write it as {self._example}.", param, ctx)
        return moment
