"""Pages of a long table: the newest first, below a number, and with an end to how far one page looks."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

# A page looks at so many numbers: what is rarer is found some pages on, and no page reads a whole table.
SPAN: Final = 100_000


@dataclass(frozen=True, slots=True)
class RowPage:
    """The rows of one page, and below which number the next one goes on; None where there is none.

    `looked` is at how many numbers the page looked where that is why it ends; 0 where it has all that was asked for.
    """

    rows: list[Row[Any]] = field(default_factory=list)
    below: int | None = None
    looked: int = 0


def read_page(
    session: Session,
    statement: Select[Any],
    key: InstrumentedAttribute[int],
    most: int,
    before: int | None,
    span: int | None = SPAN,
) -> RowPage:
    """So many rows of the statement at most, with keys below `before` (None: from the newest on), in falling order.

    With `span` None the page looks as far as it must, which a condition with an index of its own allows.
    """
    top = before if before is not None else (session.scalar(select(func.max(key))) or 0) + 1
    within = statement.where(key < top).order_by(key.desc())
    if span is not None:
        within = within.where(key >= top - span)
    rows = list(session.execute(within.add_columns(key.label("page_key")).limit(most + 1)))
    if len(rows) > most:
        return RowPage(rows[:most], rows[most - 1].page_key)
    if span is not None and session.scalar(select(exists().where(key < top - span))):
        return RowPage(rows, top - span, span)
    return RowPage(rows)
