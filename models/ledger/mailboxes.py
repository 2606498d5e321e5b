"""The mailboxes that are polled, each with the lease of the poller that works it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, Text, and_, func, literal_column, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Key, String

LONGEST_PAUSE_MINUTES: Final = 15
MINUTE: Final = timedelta(minutes=1)


class MailboxRow(Base):
    """One configured mailbox; the lease is held by at most one poller at a time.

    With `lease_until` and no token nobody has the lease: until then the server is left alone, as it asked or because
    it refused `refused_times` logins in a row with what `opened_with` is the mark of.
    An operator has it paused since `paused_at`, till `resumes_at` if that is set; then nobody gets the lease.
    `stuck_uid` is the mail at whose fetch the connection broke, `stuck_times` how often in a row it did so alone.
    """

    __tablename__ = "mailbox"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, unique=True)
    address: Mapped[String]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    polled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    trouble: Mapped[str | None] = mapped_column(Text)
    stuck_uid: Mapped[int | None] = mapped_column(BigInteger)
    stuck_times: Mapped[int] = mapped_column(server_default=text("0"))
    refused_times: Mapped[int] = mapped_column(server_default=text("0"))
    opened_with: Mapped[str | None] = mapped_column(Text)
    certificate_ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resumes_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Opening:
    """What a server that let us in showed: when its certificate ends, None for a connection without TLS."""

    certificate_ends_at: datetime | None


# An operator's pause, never NULL. It stays in its row when it is over.
IS_PAUSED: Final = and_(
    MailboxRow.paused_at.is_not(None), or_(MailboxRow.resumes_at.is_(None), MailboxRow.resumes_at > func.now())
)


class PauseCause(StrEnum):
    """Why a mailbox is left alone: its server asked for that, or refused us, or an operator paused it."""

    SERVER_ASKED = "server_asked"
    SERVER_REFUSED = "server_refused"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when a mailbox is left alone, and why: as its server asked, which said `trouble`, or as another `cause`.

    `until` is None where an operator paused it without an end.
    """

    until: datetime | None
    cause: PauseCause
    trouble: str = ""


def ensure_mailbox(session: Session, name: str, address: str) -> int:
    """The id of a configured mailbox, whose row is inserted or else updated.

    Each call changes the row's version (`version_of`), by which the poller that has the mailbox sees who asks for it.
    """
    row = insert(MailboxRow).values(name=name, address=address)
    row = row.on_conflict_do_update(index_elements=[MailboxRow.name], set_={"address": address})
    return session.scalars(row.returning(MailboxRow.id)).one()


def list_names(session: Session) -> frozenset[str]:
    """The names of the mailboxes that the database knows."""
    return frozenset(session.scalars(select(MailboxRow.name)))


def read_mailbox_id(session: Session, name: str) -> int | None:
    """The id of a mailbox that the database knows."""
    return session.scalar(select(MailboxRow.id).where(MailboxRow.name == name))


def take_lease(
    session: Session, mailbox_id: int, lease: timedelta, opened_with: str | None = None, *, at_once: bool = False
) -> UUID | None:
    """Lease a mailbox to one poller; the lease's token, None where another poller has it, or it is left alone.

    `opened_with` is a mark of what its server is given: another one than was refused is tried. With `at_once` so is the
    same. One that an operator paused is leased to nobody.
    """
    token = uuid4()
    changed = true() if at_once else MailboxRow.opened_with.is_distinct_from(opened_with)
    refused = and_(MailboxRow.lease_token.is_(None), MailboxRow.refused_times > 0, changed)
    free = or_(MailboxRow.lease_until.is_(None), MailboxRow.lease_until < func.now(), refused)
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, free, ~IS_PAUSED)
    taken = row.values(lease_token=token, lease_until=func.now() + lease, opened_with=opened_with)
    return token if session.scalars(taken.returning(MailboxRow.id)).one_or_none() else None


def renew_lease(session: Session, mailbox_id: int, token: UUID, lease: timedelta) -> bool:
    """Prolong a lease from now on; False where another poller has the mailbox by now."""
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, MailboxRow.lease_token == token)
    kept = row.values(lease_until=func.now() + lease)
    return session.scalars(kept.returning(MailboxRow.id)).one_or_none() is not None


def version_of(session: Session, mailbox_id: int) -> int:
    """The version of a mailbox's row, which is another one after each write, be it by its poller or by who asked."""
    # The system column names the transaction that wrote the row last (PostgreSQL, 5.6).
    return session.scalars(
        select(literal_column("xmin::text::bigint", BigInteger)).where(MailboxRow.id == mailbox_id)
    ).one()


def end_lease(
    session: Session,
    mailbox_id: int,
    token: UUID,
    trouble: str | None,
    version: int | None = None,
    opened: Opening | None = None,
) -> bool:
    """Give a mailbox back, with the trouble that the server made, if it did; `opened` where it let us in.

    True where the row is not as it was at `version`: while the poller had it, another one asked for it in vain.
    """
    # The lock keeps who asks now waiting until the mailbox is free.
    session.execute(select(MailboxRow.id).where(MailboxRow.id == mailbox_id).with_for_update())
    asked = version is not None and version_of(session, mailbox_id) != version
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, MailboxRow.lease_token == token)
    polled: dict[str, Any] = {"polled_at": func.now()} if trouble is None else {}
    if opened is not None:
        polled |= {"refused_times": 0, "certificate_ends_at": opened.certificate_ends_at}
    session.execute(row.values(lease_token=None, lease_until=None, trouble=trouble, **polled))
    return asked


def end_refused(session: Session, mailbox_id: int, token: UUID, trouble: str) -> None:
    """Give a mailbox back whose server refused us, and leave it alone for 1, 2, 4, 8 and then 15 minutes.

    Servers lock an account at which many logins fail.
    """
    minutes = func.least(LONGEST_PAUSE_MINUTES, func.power(2, func.least(MailboxRow.refused_times, 8)))
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, MailboxRow.lease_token == token)
    values = {"lease_until": func.now() + minutes * MINUTE, "refused_times": MailboxRow.refused_times + 1}
    session.execute(row.values(lease_token=None, trouble=trouble, **values))


def pause_mailbox(session: Session, mailbox_id: int, token: UUID, pause: timedelta, trouble: str | None) -> None:
    """Give a mailbox back that nobody shall poll for a while, as its server asked, with what it said."""
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, MailboxRow.lease_token == token)
    session.execute(row.values(lease_token=None, lease_until=func.now() + pause, trouble=trouble))


def read_pause(session: Session, mailbox_id: int) -> Pause | None:
    """Until when, and why, a mailbox is left alone; None where another poller has it."""
    columns = (MailboxRow.lease_until, MailboxRow.refused_times, MailboxRow.trouble, MailboxRow.resumes_at)
    is_left = and_(MailboxRow.lease_token.is_(None), MailboxRow.lease_until > func.now())
    row = select(*columns, IS_PAUSED.label("is_paused")).where(MailboxRow.id == mailbox_id, or_(is_left, IS_PAUSED))
    found = session.execute(row).one_or_none()
    if found is None:
        return None
    if found.is_paused:
        return Pause(found.resumes_at, PauseCause.OPERATOR)
    cause = PauseCause.SERVER_REFUSED if found.refused_times else PauseCause.SERVER_ASKED
    return Pause(found.lease_until, cause, found.trouble or "")


def read_stuck(session: Session, mailbox_id: int) -> tuple[int, int] | None:
    """The mail at whose fetch the connection broke, as UID and how often in a row it did so alone; None: none did."""
    columns = (MailboxRow.stuck_uid, MailboxRow.stuck_times)
    row = session.execute(select(*columns).where(MailboxRow.id == mailbox_id)).one()
    return None if row.stuck_uid is None else (row.stuck_uid, row.stuck_times)


def set_stuck(session: Session, mailbox_id: int, token: UUID, uid: int | None, times: int = 0) -> None:
    """Remember the mail at whose fetch the connection broke, or with None that none does."""
    row = update(MailboxRow).where(MailboxRow.id == mailbox_id, MailboxRow.lease_token == token)
    session.execute(row.values(stuck_uid=uid, stuck_times=times))
