"""Loop breakers: correspondents who get no automatic mail, as mails went back and forth too fast, until a reset.

Each class of proof has its own, so that forged mails hold no answer to proven ones.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Text, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.trust.judge import Proof
from models.db.base import SCHEMA, Base, Now, String

# The key of the breaker of a mail, of which SQL gives the correspondent and the proof class.
KEY_OF: Final = "CASE {proof} WHEN '" + Proof.PROVEN + "' THEN {address} ELSE {address} || ' ' || {proof} END"
# The address in the key of a breaker.
ADDRESS_OF_KEY: Final = f"regexp_replace(address, ' ({Proof.CLAIMED}|{Proof.REFUTED})$', '')"
# A breaker that was reset stays as the mark from which mails are counted anew.
WAS_RESET: Final = "reset"
# The breaker of acknowledgements to addresses never seen before; nobody's address has this form.
STRANGERS: Final = "*strangers*"


class BreakerRow(Base):
    """An open breaker: no automatic mail goes to this address while the row is there.

    The key is the folded address and, unless the mails are proven, their class after a space, which no domain holds.
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


def breaker_key(address: str, proof: Proof) -> str:
    """The key of the breaker of a folded address for mails that follow from those of a class."""
    return address if proof is Proof.PROVEN else f"{address} {proof}"


def read_breaker(session: Session, address: str) -> BreakerState:
    """The breaker with this key."""
    row = session.get(BreakerRow, address, populate_existing=True)
    if row is None:
        return BreakerState(None, None)
    return BreakerState(None, row.opened_at) if row.reason == WAS_RESET else BreakerState(row.reason, None)


def open_breaker(session: Session, address: str, reason: str) -> bool:
    """Open the breaker with this key; False where it is open already, also by a worker beside this one."""
    opened = insert(BreakerRow).values(address=address, reason=reason)
    again = opened.on_conflict_do_update(
        index_elements=[BreakerRow.address],
        set_={"reason": reason, "opened_at": func.now()},
        where=BreakerRow.reason == WAS_RESET,
    )
    return session.scalar(again.returning(BreakerRow.address)) is not None


def list_breakers(session: Session, most: int | None = None, before: str = "") -> tuple[OpenBreaker, ...]:
    """The open breakers, the latest first: so many at most (None: all), those that stand below that of `before`."""
    place = tuple_(BreakerRow.opened_at, BreakerRow.address)
    is_open = BreakerRow.reason != WAS_RESET
    statement = select(BreakerRow).where(is_open).order_by(*(one.desc() for one in place.clauses)).limit(most)
    if before:
        named = select(BreakerRow.opened_at, BreakerRow.address).where(BreakerRow.address == before)
        statement = statement.where(place < named.scalar_subquery())
    return tuple(OpenBreaker(row.address, row.reason, row.opened_at) for row in session.scalars(statement))


def reset_breaker(session: Session, address: str) -> bool:
    """Close the breakers of a folded address, or the one with this key, and count anew from here.

    False where none is open.
    """
    keys = [breaker_key(address, proof) for proof in Proof]
    rows = update(BreakerRow).where(BreakerRow.address.in_(keys), BreakerRow.reason != WAS_RESET)
    closed = rows.values(reason=WAS_RESET, opened_at=func.now()).returning(BreakerRow.address)
    return bool(session.scalars(closed).all())
