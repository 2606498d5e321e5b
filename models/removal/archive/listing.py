"""What is in the archive, the highest number first, page by page; found by number, address and title."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from mail.mime.addresses import normalise
from models.supportdesk.archived import ArchivedTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArchived:
    """One archived ticket; times are UTC, `size` is the packed size in bytes."""

    number: int
    title: str
    status: str
    customer: str
    opened_at: datetime
    changed_at: datetime
    archived_at: datetime
    size: int


_COLUMNS = select(
    ArchivedTicket.number,
    ArchivedTicket.title,
    ArchivedTicket.status,
    ArchivedTicket.customer,
    ArchivedTicket.opened_at,
    ArchivedTicket.updated_at.label("changed_at"),
    ArchivedTicket.archived_at,
    ArchivedTicket.size,
)


def list_archived(
    session: Session, most: int, before: int | None = None, words: tuple[str, ...] = ()
) -> list[ListedArchived]:
    """So many archived tickets at most with numbers below `before` (None: from the highest on), in falling order.

    Each of the words must fit: the number, such as SD-12, a whole address of anybody who is named in the ticket, or a
    part of the title or of the customer's address.
    """
    statement = _COLUMNS.order_by(ArchivedTicket.number.desc()).limit(most)
    if before is not None:
        statement = statement.where(ArchivedTicket.number < before)
    return [ListedArchived(**row) for row in session.execute(statement.where(*map(_fits, words))).mappings()]


def _fits(word: str) -> ColumnElement[bool]:
    address = normalise(word) if "@" in word else None
    if address:
        return ArchivedTicket.addresses.contains([address])
    digits = word.strip("[]").lower().removeprefix("sd-").removeprefix("#")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 18
    # A tag is a number and nothing else, which spares reading all titles.
    if is_number and digits != word:
        return ArchivedTicket.number == int(digits)
    part = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    fits: list[ColumnElement[bool]] = [ArchivedTicket.title.ilike(part), ArchivedTicket.customer.ilike(part)]
    if is_number:
        fits.append(ArchivedTicket.number == int(digits))
    return or_(*fits)


def count_archived(session: Session) -> int:
    """How many tickets are in the archive."""
    return session.scalars(select(func.count()).select_from(ArchivedTicket)).one()
