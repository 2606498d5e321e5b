"""What passed between the desk and one person: the Message-IDs to thread by, and what the send gate asks."""

from sqlalchemy import func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from desk.gate import Sending
from desk.notices import Letter
from models.ledger import LedgerRow
from models.outbox import OutboxRow
from models.people import read_people
from models.suppression import SuppressedAddress


def thread_ids(session: Session, ticket: int, person: int) -> list[str]:
    """The Message-IDs that this person knows of this ticket, theirs and ours, oldest first."""
    ours = select(OutboxRow.message_id, OutboxRow.written_at.label("at")).where(
        OutboxRow.ticket_number == ticket, OutboxRow.person_number == person
    )
    theirs = select(LedgerRow.message_id, LedgerRow.stored_at.label("at")).where(
        LedgerRow.ticket_number == ticket, LedgerRow.person_number == person, LedgerRow.message_id.is_not(None)
    )
    return list(session.scalars(union_all(ours, theirs).order_by(literal_column("at"))))


def read_sending(
    session: Session, letter: Letter, recipient: str, person: int | None, cause: int | None, own: frozenset[str]
) -> Sending:
    """What the gate's rules look at, as it is in the database at this moment."""
    robot = select(LedgerRow.automatic).where(LedgerRow.id == cause)
    return Sending(
        recipient=recipient,
        person=read_people(session, [person]).get(person) if person else None,
        to_staff=letter.to_staff,
        automatic=letter.auto_submitted is not None,
        answers_robot=cause is not None and session.scalar(robot) is not None,
        suppressed=_suppressed(session, recipient),
        own_addresses=own,
    )


def _suppressed(session: Session, address: str) -> str | None:
    alive = or_(SuppressedAddress.expires_at.is_(None), SuppressedAddress.expires_at > func.now())
    statement = select(SuppressedAddress.reason).where(SuppressedAddress.address == address, alive)
    return session.scalar(statement)
