"""The database's clock, by which every age is told: those of the processes may be wrong by days."""

from datetime import datetime

from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session


def read_now(session: Session) -> datetime:
    """When the transaction began, in UTC; for where no other statement is asked that could bring it along."""
    return session.scalars(select(func.now())).one()


def read_clock(session: Session) -> datetime:
    """The present moment, which a transaction that has waited for a lock sees go on."""
    return session.scalars(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()
