"""Rows of a time are found by their numbers, also where numbers are missing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.events.rows import EventRow
from models.reports.studio.moments import MARGIN, written_within

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROWS = """INSERT INTO mail.event (id, kind, happened_at) OVERRIDING SYSTEM VALUE
    SELECT 10 * n, 'alert', CAST(:began AS timestamptz) + n * interval '1 hour' FROM generate_series(1, 50) n
    WHERE n NOT BETWEEN 20 AND 29"""


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        (3, 5, {3, 4, 5}),
        (1, 1, {1}),
        (-9, 2, {1, 2}),
        (48, None, {48, 49, 50}),
        (19, 31, {19, 30, 31}),
        (22, 27, set()),
        (60, None, set()),
        (-9, None, set(range(1, 51)) - set(range(20, 30))),
    ],
)
def test_rows_of_a_time_are_found(session: Session, since: int, until: int | None, hours: set[int]) -> None:
    session.execute(text(ROWS), {"began": BEGAN})
    end = None if until is None else BEGAN + until * HOUR

    within = written_within(session, EventRow.id, EventRow.happened_at, BEGAN + since * HOUR, end)

    assert set(session.scalars(select(EventRow.id).where(within))) == {10 * hour for hour in hours}
    assert MARGIN < HOUR


def test_of_no_rows_none_is_found(session: Session) -> None:
    within = written_within(session, EventRow.id, EventRow.happened_at, BEGAN, None)

    assert list(session.scalars(select(EventRow.id).where(within))) == []
