"""The tokens by which mailboxes are opened, encrypted; every age is told by the database's clock.

Many processes share a token. Who renews it claims that first; what was given is written before it is used, and only
over the version that it was asked with, so that no refresh token is lost to a process that was slow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Text, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base

# A token that lives for minutes only is renewed when this share of its life is left.
_LAST_SHARE: Final = 1 / 3
# A token that a server refuses is renewed once it is so many seconds old, or this share of its life if that is less.
_FRESH_SECONDS: Final = 20.0
_FRESH_SHARE: Final = 1 / 5


class MailboxToken(Base):
    """The token of one mailbox, by its name in the settings.

    `sealed` is None before the first was given; it holds the access token, which ends at `expires_at`, and the refresh
    token, which ends at `ends_at` if ever. `version` counts what was written. `trouble` is why it could not be renewed,
    after so many `failures` in a row; `refused` says that the provider did not want to, and `retry_at` when it is asked
    again.
    """

    __tablename__ = "mailbox_token"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    mailbox: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    renewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claimed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    trouble: Mapped[str | None] = mapped_column(Text)
    refused: Mapped[bool] = mapped_column(server_default=text("false"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    retry_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token as it stands now: whether it has ended, is due to be renewed, and was renewed a moment ago.

    `is_waiting`: the provider is not asked at present. `now` is in seconds since 1970.
    """

    version: int
    sealed: str | None
    is_over: bool
    is_due: bool
    is_fresh: bool
    is_waiting: bool
    trouble: str | None
    refused: bool
    now: int


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """What a provider gave, encrypted, with its times in seconds from now; None where it told none."""

    sealed: str
    scope: str
    seconds: int
    refresh_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """The token of a mailbox as an operator sees it."""

    mailbox: str
    renewed_at: datetime | None
    expires_at: datetime | None
    ends_at: datetime | None
    trouble: str | None
    refused: bool


def read_token(session: Session, mailbox: str, early: timedelta) -> TokenState | None:
    """The token of a mailbox, due to be renewed so long before its end; None where there never was one."""
    life = func.extract("epoch", MailboxToken.expires_at - MailboxToken.renewed_at)
    left = func.extract("epoch", MailboxToken.expires_at - func.now())
    age = func.extract("epoch", func.now() - MailboxToken.renewed_at)
    row = session.execute(
        select(
            MailboxToken.version,
            MailboxToken.sealed,
            (left <= 0).label("is_over"),
            (left <= func.least(early.total_seconds(), life * _LAST_SHARE)).label("is_due"),
            (age < func.least(_FRESH_SECONDS, life * _FRESH_SHARE)).label("is_fresh"),
            func.coalesce(MailboxToken.retry_at > func.now(), False).label("is_waiting"),
            MailboxToken.trouble,
            MailboxToken.refused,
            func.extract("epoch", func.now()).label("now"),
        ).where(MailboxToken.mailbox == mailbox)
    ).one_or_none()
    if row is None:
        return None
    # Without a token its times are unknown, and it is as good as over.
    over, due, fresh = row.is_over is not False, row.is_due is not False, row.is_fresh is True
    return TokenState(row.version, row.sealed, over, due, fresh, row.is_waiting, row.trouble, row.refused, int(row.now))


def ensure_token(session: Session, mailbox: str) -> None:
    """Make the row of a mailbox whose token is asked for without anybody's consent."""
    session.execute(insert(MailboxToken).values(mailbox=mailbox).on_conflict_do_nothing())


def claim_renewal(session: Session, mailbox: str, version: int, lease: timedelta) -> bool:
    """Claim to renew a token as it was read; False where another process does, or did."""
    free = or_(MailboxToken.claimed_until.is_(None), MailboxToken.claimed_until < func.now())
    row = update(MailboxToken).where(MailboxToken.mailbox == mailbox, MailboxToken.version == version, free)
    claimed = row.values(claimed_until=func.now() + lease)
    return session.scalar(claimed.returning(MailboxToken.mailbox)) is not None


def store_renewed(session: Session, mailbox: str, version: int, given: SealedTokens) -> bool:
    """Write renewed tokens over the version that they were asked with; False where that is another one by now."""
    row = update(MailboxToken).where(MailboxToken.mailbox == mailbox, MailboxToken.version == version)
    columns = _columns(given)
    if given.refresh_seconds is None:
        # A provider that gives the same refresh token again need not say again when that ends.
        del columns["ends_at"]
    stored = row.values({**columns, "version": version + 1})
    return session.scalar(stored.returning(MailboxToken.mailbox)) is not None


def put_tokens(session: Session, mailbox: str, given: SealedTokens) -> None:
    """Write the tokens of a consent, whatever was there."""
    row = insert(MailboxToken).values(mailbox=mailbox, version=1, **_columns(given))
    again = {**_columns(given), "version": MailboxToken.version + 1}
    session.execute(row.on_conflict_do_update(index_elements=[MailboxToken.mailbox], set_=again))


def note_trouble(
    session: Session, mailbox: str, version: int, trouble: str, *, refused: bool, pauses: tuple[float, ...]
) -> None:
    """Write why a token could not be renewed, and ask no sooner than the pause in seconds after so many failures."""
    row = session.execute(
        select(MailboxToken.failures).where(MailboxToken.mailbox == mailbox, MailboxToken.version == version)
    ).one_or_none()
    if row is None:
        return
    pause = timedelta(seconds=pauses[min(row.failures, len(pauses) - 1)])
    noted = update(MailboxToken).where(MailboxToken.mailbox == mailbox, MailboxToken.version == version)
    session.execute(
        noted.values(
            trouble=trouble,
            refused=refused,
            failures=MailboxToken.failures + 1,
            retry_at=func.now() + pause,
            claimed_until=None,
        )
    )


def list_tokens(session: Session) -> tuple[TokenEntry, ...]:
    """All tokens by the name of their mailbox."""
    rows = session.scalars(select(MailboxToken).order_by(MailboxToken.mailbox))
    return tuple(
        TokenEntry(row.mailbox, row.renewed_at, row.expires_at, row.ends_at, row.trouble, row.refused) for row in rows
    )


def _columns(given: SealedTokens) -> dict[str, Any]:
    ends = None if given.refresh_seconds is None else func.now() + timedelta(seconds=given.refresh_seconds)
    return {
        "sealed": given.sealed,
        "scope": given.scope,
        "renewed_at": func.now(),
        "expires_at": func.now() + timedelta(seconds=given.seconds),
        "ends_at": ends,
        "claimed_until": None,
        "trouble": None,
        "refused": False,
        "failures": 0,
        "retry_at": None,
    }
