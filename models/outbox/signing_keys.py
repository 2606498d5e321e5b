"""The keys that sign our mails, by their fingerprints: every process must have those in use, and sign with one of them.

Each claim of fresh rows reads them along (`models/db/claims.py`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Now

_ONE_AT_A_TIME = text("LOCK TABLE mail.signing_key IN SHARE ROW EXCLUSIVE MODE")


class SigningKey(Base):
    """A key by `desk.tokens.fingerprint`; once it is retired, its signatures prove nothing any more."""

    __tablename__ = "signing_key"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[Now]
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A signing key as an admin sees it."""

    fingerprint: str
    since: datetime
    retired_at: datetime | None


def keys_in_use(session: Session) -> tuple[str, ...]:
    """The fingerprints of the keys in use; empty before the first process began."""
    in_use = select(SigningKey.fingerprint).where(SigningKey.retired_at.is_(None))
    return tuple(session.scalars(in_use.order_by(SigningKey.fingerprint)))


def accept_key(session: Session, fingerprint: str) -> None:
    """Put a key into use, also one that was retired."""
    new = insert(SigningKey).values(fingerprint=fingerprint)
    session.execute(new.on_conflict_do_update(index_elements=[SigningKey.fingerprint], set_={"retired_at": None}))


def accept_first_key(session: Session, fingerprint: str) -> None:
    """Put a key into use where none ever was; of two processes that begin at once with different keys, one does."""
    session.execute(_ONE_AT_A_TIME)
    if session.scalar(select(SigningKey.fingerprint).limit(1)) is None:
        accept_key(session, fingerprint)


def retire_key(session: Session, fingerprint: str) -> bool:
    """Take a key out of use; False where no such key is in use, or no other."""
    session.execute(_ONE_AT_A_TIME)
    if keys_in_use(session) == (fingerprint,):
        return False
    retired = update(SigningKey).where(SigningKey.fingerprint == fingerprint, SigningKey.retired_at.is_(None))
    return session.scalar(retired.values(retired_at=func.now()).returning(SigningKey.fingerprint)) is not None


def list_keys(session: Session) -> tuple[KeyEntry, ...]:
    """All keys, the latest first."""
    rows = session.scalars(select(SigningKey).order_by(SigningKey.since.desc(), SigningKey.fingerprint))
    return tuple(KeyEntry(row.fingerprint, row.since, row.retired_at) for row in rows)
