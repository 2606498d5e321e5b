"""Who works on a ticket and who takes part in it: assignments by routing, participants, guests."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Text, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.routing.route import Choice
from mail.mime.addresses import Address
from models.db.base import SCHEMA, Base, Key, Now, String
from models.db.statement import Statement, any_of


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


class TicketWatcher(Base):
    """Somebody of staff who gets the mails that a ticket's owner gets, while SupportDesk shows it to them."""

    __tablename__ = "watch"
    __table_args__ = (Index(None, "person_number"), {"schema": SCHEMA})

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    since: Mapped[Now]


class UntoldTicket(Base):
    """A ticket that staff opened for somebody who was told nothing of it yet."""

    __tablename__ = "untold"
    __table_args__ = ({"schema": SCHEMA},)

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    since: Mapped[Now]


class WatchOutcome(StrEnum):
    """What became of the wish to watch a ticket: it is new, it was so before, or no such ticket is here."""

    NOW = "now"
    BEFORE = "before"
    GONE = "gone"


class Guest(Base):
    """Somebody in Cc who is to get the answers of a ticket, and who is no person yet, known by a folded address.

    `added_by` is the number of who put them there. They become a person and a participant when they write or are
    written to (docs/decisions/0021-who-stands-in-cc-is-kept-by-address.md).
    """

    __tablename__ = "guest"
    __table_args__ = (Index(None, "address"), Index(None, "added_by"), {"schema": SCHEMA})

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    address: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[String]
    added_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    since: Mapped[Now]


# The assignment of a ticket that another program opened; one of ours is recorded as it is added.
_ASSIGNMENT = Statement("""
INSERT INTO mail.assignment (ticket_number, person_number, strategy, reason)
VALUES (:ticket, :person, :strategy, :reason)
""")
# Inserts a participant, who may be one already.
_PARTICIPANT = Statement("""
INSERT INTO mail.participant (ticket_number, person_number) VALUES (:ticket, :person) ON CONFLICT DO NOTHING
RETURNING ticket_number
""")
# Inserts a guest, who may be one already.
_GUEST = Statement("""
INSERT INTO mail.guest (ticket_number, address, name, added_by) VALUES (:ticket, :address, :name, :added_by)
ON CONFLICT DO NOTHING RETURNING ticket_number
""")
# Makes the guest with an address the participant of all tickets to which they were added.
_WELCOME = Statement("""
WITH awaited AS (
    DELETE FROM mail.guest WHERE address = :address RETURNING ticket_number
)
INSERT INTO mail.participant (ticket_number, person_number)
SELECT ticket_number, CAST(:person AS bigint) FROM awaited ORDER BY 1 ON CONFLICT DO NOTHING
""")


# Inserts a watcher of a ticket that is here and not in the archive.
_WATCH = Statement("""
WITH here AS (
    SELECT n.number FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id WHERE n.number = :ticket
), begun AS (
    INSERT INTO mail.watch (ticket_number, person_number) SELECT number, CAST(:person AS bigint) FROM here
    ON CONFLICT DO NOTHING RETURNING ticket_number
)
SELECT EXISTS (SELECT FROM here) AS here, EXISTS (SELECT FROM begun) AS begun
""")
_END_WATCH = Statement("""
DELETE FROM mail.watch WHERE ticket_number = :ticket AND person_number = :person RETURNING ticket_number
""")
# Of this ticket its customer is told nothing, until the second.
_SILENCE = Statement("INSERT INTO mail.untold (ticket_number) VALUES (:ticket)")
_END_SILENCE = Statement(f"""
DELETE FROM mail.untold WHERE ticket_number = {any_of("numbers")} RETURNING ticket_number
""")
# Takes a person off a ticket, and a guest by their address.
_TAKE_OFF = Statement("""
DELETE FROM mail.participant WHERE ticket_number = :ticket AND person_number = :person RETURNING person_number
""")
_TAKE_OFF_GUEST = Statement(
    "DELETE FROM mail.guest WHERE ticket_number = :ticket AND address = :address RETURNING name"
)


def record_assignment(session: Session, ticket: int, choice: Choice) -> None:
    """Record whom routing gave a ticket, by which strategy and why."""
    row = {"ticket": ticket, "person": choice.number, "strategy": choice.strategy, "reason": choice.sentence}
    _ASSIGNMENT.write(session, row)


def add_participant(session: Session, number: int, person: int) -> bool:
    """Let a person take part in a ticket, both given by number; False, and nothing happens, where they do already."""
    return bool(_PARTICIPANT.rows(session, {"ticket": number, "person": person}))


def add_guest(session: Session, number: int, address: Address, added_by: int) -> bool:
    """Keep somebody without a person as a guest of a ticket; False, and nothing happens, where they are one already."""
    row = {"ticket": number, "address": address.email, "name": address.name, "added_by": added_by}
    return bool(_GUEST.rows(session, row))


def welcome_guest(session: Session, address: str, person: int) -> None:
    """Let a person, given by number, take part wherever their address was kept as a guest's."""
    _WELCOME.write(session, {"address": address, "person": person})


def leave_ticket(session: Session, number: int, person: int) -> None:
    """Let a person take part in a ticket no longer, both given by number."""
    mine = (Participant.ticket_number == number, Participant.person_number == person)
    session.execute(delete(Participant).where(*mine))


def take_off(session: Session, number: int, person: int | None, address: str) -> str | None:
    """Let somebody take part in a ticket no longer: a person by number, or a guest by folded address.

    The name of the guest, empty for a person; None where neither took part.
    """
    names = [row.name for row in _TAKE_OFF_GUEST.rows(session, {"ticket": number, "address": address})]
    if person is not None and _TAKE_OFF.rows(session, {"ticket": number, "person": person}):
        return ""
    return names[0] if names else None


def watch_ticket(session: Session, number: int, person: int) -> WatchOutcome:
    """Let somebody of staff watch a ticket, both given by number."""
    found = _WATCH.rows(session, {"ticket": number, "person": person})[0]
    if not found.here:
        return WatchOutcome.GONE
    return WatchOutcome.NOW if found.begun else WatchOutcome.BEFORE


def end_watch(session: Session, number: int, person: int) -> bool:
    """Let somebody watch a ticket no longer; False where they did not."""
    return bool(_END_WATCH.rows(session, {"ticket": number, "person": person}))


def begin_silence(session: Session, number: int) -> None:
    """Keep of a new ticket that its customer is told nothing of it yet."""
    _SILENCE.write(session, {"ticket": number})


def end_silence(session: Session, numbers: Sequence[int]) -> int:
    """Let the customers of tickets get mails about them from now on; of how many they got none before."""
    return len(_END_SILENCE.rows(session, {"numbers": list(numbers)})) if numbers else 0
