"""Who works on a ticket and who takes part in it: assignments by routing, each with its reason, and participants."""

from sqlalchemy import BigInteger, ForeignKey, Index, delete
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


class Participant(Base):
    """Somebody who takes part in a ticket besides its assignee: its customer, and who was added."""

    __tablename__ = "participant"
    __table_args__ = (Index(None, "person_number"), {"schema": SCHEMA})

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    since: Mapped[Now]


# The assignment of a ticket that another program opened; one of ours is recorded as it is added.
_ASSIGNMENT = Statement("""
INSERT INTO mail.assignment (ticket_number, person_number, strategy, reason)
VALUES (:ticket, :person, :strategy, :reason)
""")
# Inserts a participant, who may be one already.
_PARTICIPANT = Statement("""
INSERT INTO mail.participant (ticket_number, person_number) VALUES (:ticket, :person) ON CONFLICT DO NOTHING
""")


def record_assignment(session: Session, ticket: int, choice: Choice) -> None:
    """Record whom routing gave a ticket, by which strategy and why."""
    row = {"ticket": ticket, "person": choice.number, "strategy": choice.strategy, "reason": choice.sentence}
    _ASSIGNMENT.rows(session, row)


def add_participant(session: Session, number: int, person: int) -> None:
    """Let a person take part in a ticket, both given by number; nothing happens where they do already."""
    _PARTICIPANT.rows(session, {"ticket": number, "person": person})


def leave_ticket(session: Session, number: int, person: int) -> None:
    """Let a person take part in a ticket no longer, both given by number."""
    mine = (Participant.ticket_number == number, Participant.person_number == person)
    session.execute(delete(Participant).where(*mine))
