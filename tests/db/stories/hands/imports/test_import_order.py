"""The order of old mails: by their own time within bounds, and none before what it answers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from worker.history.imports.plan import FIRST, STEP, FileKind, Plan, make_plan

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD = datetime(2019, 3, 4, 8, 30, tzinfo=UTC)
LINE = b"From ann@x.example Mon Mar  4 08:30:00 2019\n"


def planned(folder: Path, *mails: tuple[str, str, str]) -> tuple[list[str], Plan]:
    """The Message-IDs of mails in their order, each given as its id, its Date and the one that it answers."""
    fields = [
        LINE + f"Message-ID: <{own}@x>\nDate: {date}\n".encode() + (f"In-Reply-To: <{to}@x>\n" if to else "").encode()
        for own, date, to in mails
    ]
    (folder / "mbox").write_bytes(b"\nx\n\n".join(fields) + b"\nx\n")
    plan = make_plan(FileKind.MBOX, [str(folder / "mbox")], NOW, lambda _: None)
    starts = {one.place.start: at for at, one in enumerate(sorted(plan.mails, key=lambda one: one.place.start))}
    return [mails[starts[one.place.start]][0] for one in plan.mails], plan


def day(days: int) -> str:
    return format_datetime(OLD + timedelta(days=days))


def test_the_older_comes_first_whatever_the_file_says(tmp_path: Path) -> None:
    assert planned(tmp_path, ("c", day(3), ""), ("a", day(1), ""), ("b", day(2), ""))[0] == ["a", "b", "c"]


def test_no_answer_comes_before_what_it_answers(tmp_path: Path) -> None:
    order, plan = planned(tmp_path, ("third", day(1), "second"), ("second", day(2), "first"), ("first", day(9), ""))

    assert order == ["first", "second", "third"]
    assert [one.at for one in plan.mails] == [OLD + timedelta(days=9) + STEP * step for step in range(3)]


def test_mails_that_answer_one_another_in_a_circle_have_an_order(tmp_path: Path) -> None:
    order, _ = planned(tmp_path, ("a", day(1), "b"), ("b", day(2), "c"), ("c", day(3), "a"), ("d", day(1), "d"))

    assert sorted(order) == ["a", "b", "c", "d"]


def test_a_long_thread_is_no_burden(tmp_path: Path) -> None:
    mails = [(str(number), day(0), str(number - 1) if number else "") for number in range(3000)]

    assert planned(tmp_path, *reversed(mails))[0] == [own for own, *_ in mails]


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 +0000", "Wed, 03 Jun 2026 12:00:01 +0000", "yesterday", "", "1 Jan 2035"]
)
def test_a_date_that_cannot_be_gives_way_to_that_of_the_file(date: str, tmp_path: Path) -> None:
    _, plan = planned(tmp_path, ("a", date, ""))

    assert ([one.at for one in plan.mails], plan.undated) == ([OLD], 1)


def test_without_any_date_a_mail_stands_behind_the_one_before_it(tmp_path: Path) -> None:
    dateless = b"From ann@x.example Thu Jan  1 00:00:00 1970\nSubject: x\n\nx\n\n"
    first = LINE + b"Date: " + day(5).encode() + b"\n\nx\n\n"
    (tmp_path / "mbox").write_bytes(dateless + first + dateless)

    plan = make_plan(FileKind.MBOX, [str(tmp_path / "mbox")], NOW, lambda _: None)

    assert [one.at for one in plan.mails] == [FIRST, OLD + timedelta(days=5), OLD + timedelta(days=5)]
    assert plan.undated == 2
