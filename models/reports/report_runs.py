"""Runs of scheduled reports; their unique key keeps a second beat from making a report twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Moment, Now


class ReportRun(Base):
    """One report of one due time."""

    __tablename__ = "report_run"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    due_at: Mapped[Moment] = mapped_column(DateTime(timezone=True), primary_key=True)
    made_at: Mapped[Now]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


def start_run(session: Session, name: str, due_at: datetime) -> bool:
    """Start the run of a report for this due time; False where another worker makes or made it.

    Waits for the end of a transaction that started the same run, and takes the run over where that was rolled back.
    """
    row = insert(ReportRun).values(name=name, due_at=due_at).on_conflict_do_nothing().returning(ReportRun.name)
    return session.execute(row).scalar_one_or_none() is not None


def was_started(session: Session, name: str, due_at: datetime) -> bool:
    """True where a run of this due time was started, here or elsewhere."""
    run = select(ReportRun.name).where(ReportRun.name == name, ReportRun.due_at == due_at)
    return session.scalar(run) is not None


def store_figures(session: Session, name: str, due_at: datetime, figures: Mapping[str, Any]) -> bool:
    """Store the figures of a started run, as plain JSON values; False where no such run was started."""
    run = update(ReportRun).where(ReportRun.name == name, ReportRun.due_at == due_at)
    kept = session.execute(run.values(figures=dict(figures)).returning(ReportRun.name))
    return kept.scalar_one_or_none() is not None


def read_figures(session: Session, name: str, due_at: datetime) -> dict[str, Any]:
    """The figures of a run; empty where it has none, or was not started."""
    figures = select(ReportRun.figures).where(ReportRun.name == name, ReportRun.due_at == due_at)
    return session.scalar(figures) or {}
