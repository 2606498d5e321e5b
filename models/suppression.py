"""Addresses that get no mail from us, each with the reason and when that ends."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Now, String


class SuppressedAddress(Base):
    """One address that is not written to until `expires_at` (NULL: for good)."""

    __tablename__ = "suppression"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[String]
    since: Mapped[Now]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
