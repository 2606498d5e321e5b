"""The ages that `archive run --older-than` takes, and how far a run is said to be."""

import click
import pytest

from worker.admin.archive import ArchiveProgress, ArchiveRun
from worker.cli.commands.archive import Age
from worker.cli.pages.archive import Meter, sentence_of
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


def test_the_rest_is_estimated_by_what_was_done() -> None:
    assert ArchiveProgress(0, 100, 3.0).left is None
    assert ArchiveProgress(25, 100, 3.0).left == 9.0
    assert ArchiveProgress(120, 100, 3.0).left == 0.0


def test_in_a_log_a_line_is_shown_once_a_minute(capsys: pytest.CaptureFixture[str], monkeypatch: object) -> None:
    clock = iter((0.0, 30.0, 61.0, 90.0))
    monkeypatch.setattr("worker.cli.pages.archive.time.monotonic", lambda: next(clock))  # type: ignore[attr-defined]
    meter = Meter()

    for archived in (100, 2_000, 3_000):
        meter.show(ArchiveProgress(archived, 100_000, archived / 100))
    meter.end()

    assert capsys.readouterr().err == "2,000 of about 100,000 tickets, about 16 min left\n"
    assert meter.so_far == "3,000 tickets were archived till then."


def test_what_a_run_did_is_one_sentence() -> None:
    assert sentence_of(ArchiveRun(1, 0, now(), dry=False)) == "1 ticket was archived."
    assert sentence_of(ArchiveRun(1, 0, now(), dry=True)) == "1 ticket would be archived; nothing was changed."
    assert sentence_of(ArchiveRun(1200, 0, now(), dry=True)).startswith("1,200 tickets would be archived;")
