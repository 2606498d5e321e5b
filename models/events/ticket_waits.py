"""Tickets that wait until a moment, and the event by which each comes back to its owner."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.notices.events import EventKind
from desk.ticket import Status
from models.db.base import SCHEMA, Base, Moment, Now
from models.db.statement import Statement, any_of

# So many come back at once; the next sweep takes the next.
MOST = 100


class TicketWait(Base):
    """Until when a ticket waits, and who said so."""

    __tablename__ = "wait"
    __table_args__ = (Index(None, "until"), Index(None, "person_number"), {"schema": SCHEMA})

    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    until: Mapped[Moment]
    since: Mapped[Now]


_SET = Statement("""
INSERT INTO mail.wait (ticket_number, person_number, until) VALUES (:ticket, :person, :until)
ON CONFLICT (ticket_number) DO UPDATE SET person_number = :person, until = :until, since = now()
""")
_END = Statement(f"DELETE FROM mail.wait WHERE ticket_number = {any_of('numbers')}")
# Ends the waits whose time has come; of a ticket that is over, or gone, nobody is told. Another status that the web
# application has is looked at when it is announced.
_WAKE = Statement(f"""
WITH due AS (
    SELECT ticket_number FROM mail.wait WHERE until <= now() ORDER BY until LIMIT :most FOR UPDATE SKIP LOCKED
), over AS (
    DELETE FROM mail.wait w USING due WHERE w.ticket_number = due.ticket_number
    RETURNING w.ticket_number, w.person_number
)
INSERT INTO mail.event (kind, ticket_number, person_number)
SELECT CAST(:kind AS text), over.ticket_number, over.person_number FROM over
JOIN mail.ticket n ON n.number = over.ticket_number JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE t.status::text NOT IN ('{Status.RESOLVED}', '{Status.CLOSED}')
RETURNING ticket_number
""")


def put_off(session: Session, number: int, person: int, until: datetime) -> None:
    """Let a ticket wait until then, whatever it waited for before; `person` said so, both are given by number."""
    _SET.write(session, {"ticket": number, "person": person, "until": until})


def end_waits(session: Session, numbers: list[int]) -> None:
    """Let tickets wait no longer, of which some may not wait at all."""
    if numbers:
        _END.write(session, {"numbers": numbers})


def wake_due(session: Session) -> int:
    """Record that tickets come back to their owners whose time has come, at most MOST; how many."""
    return len(_WAKE.rows(session, {"kind": EventKind.WAIT_OVER, "most": MOST}))
