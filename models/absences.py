"""Absences: which members of staff are away, and until when."""

from sqlalchemy import BigInteger, ForeignKey, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.absences import Absence
from models.base import SCHEMA, Base, Moment, Now, String


class AbsenceRow(Base):
    """One member of staff who gets no new tickets until then, and why."""

    __tablename__ = "absence"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    reason: Mapped[String]
    since: Mapped[Now]
    until: Mapped[Moment]


def set_absence(session: Session, person: int, absence: Absence) -> None:
    """Record until when somebody is away; what was known before is past."""
    row = insert(AbsenceRow).values(person_number=person, reason=absence.reason, until=absence.until)
    known = {"reason": absence.reason, "until": absence.until, "since": func.now()}
    session.execute(row.on_conflict_do_update(index_elements=[AbsenceRow.person_number], set_=known))
