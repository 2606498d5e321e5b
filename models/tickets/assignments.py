"""Assignments made by routing, each with its reason."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.routing.route import Choice
from models.db.base import SCHEMA, Base, Key, Now, String
from models.db.statement import Statement


class AssignmentRow(Base):
    """Who was given a ticket by routing, by which strategy and why."""

    __tablename__ = "assignment"
    __table_args__ = (Index(None, "ticket_number"), Index(None, "person_number", "assigned_at"), {"schema": SCHEMA})

    id: Mapped[Key]
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    strategy: Mapped[String]
    reason: Mapped[String]
    assigned_at: Mapped[Now]


_ASSIGNMENT = Statement("""
INSERT INTO mail.assignment (ticket_number, person_number, strategy, reason)
VALUES (:ticket, :person, :strategy, :reason)
""")


def record_assignment(session: Session, ticket: int, choice: Choice) -> None:
    """Record whom routing gave a ticket, by which strategy and why."""
    row = {"ticket": ticket, "person": choice.number, "strategy": choice.strategy, "reason": choice.sentence}
    _ASSIGNMENT.rows(session, row)
