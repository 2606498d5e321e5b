"""Addresses that get no mail from us, each with the reason and when that ends."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, Text, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Now, String


class SuppressedAddress(Base):
    """One address that is not written to until `expires_at` (NULL: for good)."""

    __tablename__ = "suppression"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[String]
    since: Mapped[Now]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class SuppressionEntry:
    """An entry of the list as an admin sees it; without `expires_at` it stands for good."""

    address: str
    reason: str
    since: datetime
    expires_at: datetime | None


def suppress(session: Session, address: str, reason: str, expires_at: datetime | None) -> None:
    """Put an address on the list, or give its entry this reason and end."""
    entry = insert(SuppressedAddress).values(address=address, reason=reason, expires_at=expires_at)
    session.execute(
        entry.on_conflict_do_update(
            index_elements=[SuppressedAddress.address],
            set_={"reason": reason, "expires_at": expires_at, "since": func.now()},
        )
    )


def suppress_if_free(session: Session, address: str, reason: str, expires_at: datetime) -> bool:
    """Put an address on the list, unless an entry is in force, which a person may have made; True where it was put."""
    entry = insert(SuppressedAddress).values(address=address, reason=reason, expires_at=expires_at)
    added = entry.on_conflict_do_update(
        index_elements=[SuppressedAddress.address],
        set_={"reason": reason, "expires_at": expires_at, "since": func.now()},
        where=SuppressedAddress.expires_at <= func.now(),
    )
    return session.scalar(added.returning(SuppressedAddress.address)) is not None


def list_suppressed(session: Session, most: int | None = None, before: str = "") -> tuple[SuppressionEntry, ...]:
    """The entries in force, the latest first: so many at most (None: all), those that stand below that of `before`."""
    in_force = or_(SuppressedAddress.expires_at.is_(None), SuppressedAddress.expires_at > func.now())
    place = tuple_(SuppressedAddress.since, SuppressedAddress.address)
    statement = select(SuppressedAddress).where(in_force).order_by(*(one.desc() for one in place.clauses)).limit(most)
    if before:
        named = select(SuppressedAddress.since, SuppressedAddress.address).where(SuppressedAddress.address == before)
        statement = statement.where(place < named.scalar_subquery())
    return tuple(
        SuppressionEntry(row.address, row.reason, row.since, row.expires_at) for row in session.scalars(statement)
    )


def lift_suppression(session: Session, address: str) -> bool:
    """Take an address off the list; False where it does not stand there."""
    gone = delete(SuppressedAddress).where(SuppressedAddress.address == address).returning(SuppressedAddress.address)
    return session.scalar(gone) is not None
