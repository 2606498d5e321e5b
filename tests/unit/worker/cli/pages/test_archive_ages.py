"""The ages and moments that options take, and what a run is said to have done."""

from datetime import UTC, datetime

import click
import pytest

from worker.admin.archive import ArchiveRun
from worker.cli.pages.archive import sentence_of, so_far
from worker.cli.times import Age, Moment
from worker.runtime.clock import now


@pytest.mark.parametrize(
    ("age", "days"), [("2y", 730), ("18m", 540), ("90d", 90), ("1D", 1), (" 3Y ", 1095), ("100y", 36_500)]
)
def test_an_age_is_taken(age: str, days: int) -> None:
    assert Age().convert(age, None, None) == days


@pytest.mark.parametrize(
    "age", ["", "2", "y", "0d", "-1y", "2 years", "2w", "1.5y", "101y", "99999y", "২y", "2y; DROP TABLE", "1e3d"]
)
def test_an_age_that_is_none_is_refused(age: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no age\. Write it as 2y, 18m or 90d"):
        Age().convert(age, None, None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-24", datetime(2026, 12, 24, tzinfo=UTC)),
        ("2026-12-24 08:30", datetime(2026, 12, 24, 8, 30, tzinfo=UTC)),
        ("2026-12-24T08:30", datetime(2026, 12, 24, 8, 30, tzinfo=UTC)),
        ("2026-12-24 08:30:59", datetime(2026, 12, 24, 8, 30, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_utc(text: str, moment: datetime) -> None:
    assert Moment().convert(text, None, None) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "24.12.2026", "2026-13-01", "2026-12-24 25:00", "2026-12-24+01:00"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no time\. Write it as 2026-12-24 or '2026-12-24 08:00', in UTC"):
        Moment().convert(text, None, None)


def test_what_a_run_did_is_one_sentence() -> None:
    assert sentence_of(ArchiveRun(1, 0, now(), dry=False)) == "1 ticket was archived."
    assert sentence_of(ArchiveRun(1, 0, now(), dry=True)) == "1 ticket would be archived; nothing was changed."
    assert sentence_of(ArchiveRun(1200, 0, now(), dry=True)).startswith("1,200 tickets would be archived;")


def test_what_was_done_before_the_end_is_one_sentence() -> None:
    assert so_far(0) == "0 tickets were archived till then."
    assert so_far(1) == "1 ticket was archived till then."
