"""Loop breakers: correspondents who get no automatic mail, as mails went back and forth too fast, until a reset."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Text, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Now, String

# A breaker that was reset stays as the mark from which mails are counted anew.
WAS_RESET: Final = "reset"
# The breaker of acknowledgements to addresses never seen before; nobody's address has this form.
STRANGERS: Final = "*strangers*"


class BreakerRow(Base):
    """An open breaker: no automatic mail goes to this folded address while the row is there.

    With the reason `WAS_RESET` it is closed, and `opened_at` is when it was reset.
    """

    __tablename__ = "breaker"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[String]
    opened_at: Mapped[Now]


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """A breaker as an admin sees it."""

    address: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class BreakerState:
    """One correspondent's breaker: the reason for which it is open, and from when on mails are counted, if either."""

    reason: str | None
    counted_since: datetime | None


def read_breaker(session: Session, address: str) -> BreakerState:
    """The breaker of a folded address."""
    row = session.get(BreakerRow, address, populate_existing=True)
    if row is None:
        return BreakerState(None, None)
    return BreakerState(None, row.opened_at) if row.reason == WAS_RESET else BreakerState(row.reason, None)


def open_breaker(session: Session, address: str, reason: str) -> bool:
    """Open the breaker of a folded address; False where it is open already, also by a worker beside this one."""
    opened = insert(BreakerRow).values(address=address, reason=reason)
    again = opened.on_conflict_do_update(
        index_elements=[BreakerRow.address],
        set_={"reason": reason, "opened_at": func.now()},
        where=BreakerRow.reason == WAS_RESET,
    )
    return session.scalar(again.returning(BreakerRow.address)) is not None


def list_breakers(session: Session) -> tuple[OpenBreaker, ...]:
    """All open breakers, the latest first."""
    statement = select(BreakerRow).where(BreakerRow.reason != WAS_RESET).order_by(BreakerRow.opened_at.desc())
    return tuple(OpenBreaker(row.address, row.reason, row.opened_at) for row in session.scalars(statement))


def reset_breaker(session: Session, address: str) -> bool:
    """Close the breaker of a folded address and count anew from here; False where it is not open."""
    row = update(BreakerRow).where(BreakerRow.address == address, BreakerRow.reason != WAS_RESET)
    closed = row.values(reason=WAS_RESET, opened_at=func.now()).returning(BreakerRow.address)
    return session.scalar(closed) is not None
