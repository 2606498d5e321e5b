"""Who of the staff may get a ticket: their load, who served a customer before, and who is away until when."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.commands.each.away import Away
from desk.routing.route import Candidate
from models.db.base import SCHEMA, Base, Moment, Now, String, table_of
from models.db.statement import Statement
from models.people.rows import PEOPLE, person_of
from models.supportdesk.anchors import PersonAnchor
from models.supportdesk.tables import Ticket


class AbsenceRow(Base):
    """One member of staff who gets no new tickets until then, and why."""

    __tablename__ = "absence"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    reason: Mapped[String]
    since: Mapped[Now]
    until: Mapped[Moment]


# Everybody on the staff list with their open tickets, when routing last gave them one, and until when they are away.
_CANDIDATES = Statement(f"""
WITH colleague AS (SELECT * FROM ({PEOPLE}) AS person WHERE staff_role IS NOT NULL)
SELECT colleague.*,
    (SELECT count(*) FROM public."Ticket" t
     WHERE t."assignedToId" = colleague.id AND t.status IN ('open', 'in_progress')) AS open_tickets,
    (SELECT max(a.assigned_at) FROM mail.assignment a WHERE a.person_number = colleague.number) AS last_assigned_at,
    (SELECT x.until FROM mail.absence x WHERE x.person_number = colleague.number) AS until
FROM colleague ORDER BY colleague.number
""")


def candidates(session: Session, now: datetime) -> tuple[Candidate, ...]:
    """All staff as routing sees them, by number: their open tickets, their latest assignment, whether they are away."""
    return tuple(
        Candidate(
            number=person.number,
            email=person.email,
            name=person.name,
            role=person.role,
            open_tickets=row.open_tickets,
            last_assigned_at=row.last_assigned_at,
            away=bool(row.until and row.until > now),
        )
        for row in _CANDIDATES.rows(session)
        if (person := person_of(row)).is_staff
    )


def served_before(person: int) -> Select[int]:
    """Select the number of the agent who was given the latest ticket of a customer, given by number."""
    agent = table_of(PersonAnchor).alias("agent")
    return (
        select(agent.c.number)
        .join(Ticket, Ticket.assigned_to_id == agent.c.user_id)
        .join(PersonAnchor, PersonAnchor.user_id == Ticket.created_by_id)
        .where(PersonAnchor.number == person)
        .order_by(Ticket.created_at.desc())
        .limit(1)
    )


def set_absence(session: Session, person: int, absence: Away) -> None:
    """Record until when a member of staff, given by number, is away, in place of what was recorded before."""
    row = insert(AbsenceRow).values(person_number=person, reason=absence.reason, until=absence.until)
    known = {"reason": absence.reason, "until": absence.until, "since": func.now()}
    session.execute(row.on_conflict_do_update(index_elements=[AbsenceRow.person_number], set_=known))


def read_absence(session: Session, person: int) -> datetime | None:
    """Until when somebody, given by number, is or was away; None where nothing was ever said of it."""
    return session.scalar(select(AbsenceRow.until).where(AbsenceRow.person_number == person))


def read_absences(session: Session) -> dict[int, datetime]:
    """Until when each person who was ever away is away, by number."""
    rows = session.execute(select(AbsenceRow.person_number, AbsenceRow.until))
    return {row.person_number: row.until for row in rows}
