"""Rows of a time, found by their numbers where nobody keeps an index of times."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

# Numbers rise with time but for transactions beside one another, none of which takes longer.
MARGIN: Final = timedelta(minutes=30)


def written_within(
    session: Session,
    key: InstrumentedAttribute[int],
    moment: InstrumentedAttribute[datetime],
    since: datetime,
    until: datetime | None,
) -> ColumnElement[bool]:
    """The condition on `key` that holds of all rows whose `moment`, when they were written, is between these two.

    It holds of some others, too. With `until` None it has no end.
    """
    first = key >= _first_since(session, key, moment, since - MARGIN)
    return first if until is None else and_(first, key < _first_since(session, key, moment, until + MARGIN))


def _first_since(
    session: Session, key: InstrumentedAttribute[int], moment: InstrumentedAttribute[datetime], since: datetime
) -> int:
    """The number from which on rows are of this time or later, by halving; one above all where there is none."""
    low, high = 0, (session.scalar(select(func.max(key))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = session.execute(select(key, moment).where(key >= middle).order_by(key).limit(1)).first()
        if found is None or found[1] >= since:
            high = middle
        else:
            low = found[0] + 1
    return low
