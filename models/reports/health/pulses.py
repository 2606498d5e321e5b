"""The pulses of all processes: who is there, since when, and how it stands with their machines."""

from datetime import timedelta

from sqlalchemy import BigInteger, CheckConstraint, Text, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.reports.health.facts import Process, ProcessKind
from models.db.base import SCHEMA, Base, Moment, Now, String


class PulseRow(Base):
    """The last beat of one process; `clock_off` is how many seconds its clock is ahead of the database's."""

    __tablename__ = "pulse"
    __table_args__ = (CheckConstraint("kind IN ('worker', 'beat', 'watch')", name="kind"), {"schema": SCHEMA})

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    pid: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    version: Mapped[String]
    key: Mapped[String]
    clock_off: Mapped[float]
    disk_free: Mapped[int | None] = mapped_column(BigInteger)
    disk_total: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[Moment]
    beat_at: Mapped[Now]


def read_processes(session: Session) -> tuple[Process, ...]:
    """Every process that was there within a day, those that beat last first."""
    silent = (func.now() - PulseRow.beat_at).label("silent")
    rows = session.execute(select(PulseRow, silent).order_by(PulseRow.kind, PulseRow.queues, PulseRow.beat_at.desc()))
    return tuple(_process(row.PulseRow, row.silent) for row in rows)


def _process(row: PulseRow, silent: timedelta) -> Process:
    return Process(
        kind=ProcessKind(row.kind),
        queues=tuple(row.queues),
        host=row.host,
        pid=row.pid,
        version=row.version,
        key=row.key,
        clock_off=timedelta(seconds=row.clock_off),
        disk_free=row.disk_free,
        disk_total=row.disk_total,
        started_at=row.started_at,
        silent=silent,
    )
