"""The alarms that were given: one row for each trouble while it lasts, and after that as a memory of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import DateTime, Index, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.reports.health.facts import AlarmKind
from models.db.base import SCHEMA, Base, Key, Now, String
from models.db.statement import Statement

# Of two watchmen the second looks when the first is done: it would else end what that one has just begun.
_ONE_AT_A_TIME: Final = Statement("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk watchman', 0))")
_FORGET: Final = Statement("DELETE FROM mail.alarm WHERE ended_at < now() - interval '90 days'")
AlarmName = tuple[AlarmKind, str]


class AlarmRow(Base):
    """One trouble that the admins were told of; `about` is its mailbox, queue or host.

    At `paged_at` the program of the settings was run for it.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        Index("alarm_open_idx", "kind", "about", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    kind: Mapped[String]
    about: Mapped[str] = mapped_column(Text, server_default="")
    since: Mapped[Now]
    paged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class EndedAlarm:
    """An alarm that is over: of what, since when, and whether the program was run for it."""

    kind: AlarmKind
    about: str
    since: datetime
    paged: bool


def take_turn(session: Session) -> None:
    """Let one watchman at a time look and tell, until the end of the transaction; forget what is long over."""
    _ONE_AT_A_TIME.rows(session)
    _FORGET.rows(session)


def open_alarms(session: Session) -> dict[AlarmName, datetime]:
    """The alarms that last, with their beginning; those of kinds that this version does not know are left out."""
    rows = session.scalars(select(AlarmRow).where(AlarmRow.ended_at.is_(None)).order_by(AlarmRow.id))
    known = {str(kind) for kind in AlarmKind}
    return {(AlarmKind(row.kind), row.about): row.since for row in rows if row.kind in known}


def begin_alarm(session: Session, name: AlarmName, *, paged: bool) -> bool:
    """Keep that the admins are told of a trouble; False where they were told before and it lasts."""
    row = insert(AlarmRow).values(kind=name[0], about=name[1], paged_at=func.now() if paged else None)
    return session.scalar(row.on_conflict_do_nothing().returning(AlarmRow.id)) is not None


def end_alarm(session: Session, name: AlarmName) -> EndedAlarm | None:
    """Keep that a trouble is over; None where no alarm of it lasts."""
    lasts = (AlarmRow.kind == name[0], AlarmRow.about == name[1], AlarmRow.ended_at.is_(None))
    row = session.scalars(update(AlarmRow).where(*lasts).values(ended_at=func.now()).returning(AlarmRow)).first()
    return None if row is None else EndedAlarm(*name, row.since, row.paged_at is not None)
