"""The two anchor tables: our numbers for SupportDesk's tickets and people, which outlive a deleted row."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.db.base import SCHEMA, Base, Now

FIRST_TICKET_NUMBER = 1001


class TicketAnchor(Base):
    """The number of a ticket; `continues` names the closed ticket that its customer came back to.

    `merged_into` names the ticket that it became part of, which may have become part of another since. At `restored_at`
    it came back from the archive.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("merged_into <> number", name="merged_into"),
        Index("ticket_merged_into_idx", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        {"schema": SCHEMA},
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(start=FIRST_TICKET_NUMBER), primary_key=True)
    ticket_id: Mapped[str | None] = mapped_column(
        Text, ForeignKey("Ticket.id", ondelete="SET NULL", onupdate="CASCADE"), unique=True
    )
    continues: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    numbered_at: Mapped[Now]
    restored_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PersonAnchor(Base):
    """The number of a person, and the code of the language that they chose; NULL for that of the desk."""

    __tablename__ = "person"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(
        Text, ForeignKey("User.id", ondelete="SET NULL", onupdate="CASCADE"), unique=True
    )
    numbered_at: Mapped[Now]
    language: Mapped[str | None] = mapped_column(Text)
