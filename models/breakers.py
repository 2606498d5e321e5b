"""Loop breakers: correspondents with whom mails went back and forth too fast, until an admin resets them."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Now, String


class BreakerRow(Base):
    """An open breaker: no automatic mail goes to this address while the row is there."""

    __tablename__ = "breaker"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[String]
    opened_at: Mapped[Now]
