"""Staff with what they have to do, and until when they are away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.ticket import Role
from models.db.statement import Statement
from models.people.staff import list_staff

_LOADS = Statement("""
SELECT s.person_number AS number,
    (SELECT count(*) FROM public."Ticket" t
     WHERE t."assignedToId" = p.user_id AND t.status IN ('open', 'in_progress')) AS open_tickets,
    x.until, x.reason
FROM mail.staff s
JOIN mail.person p ON p.number = s.person_number
LEFT JOIN mail.absence x ON x.person_number = s.person_number AND x.until > now()
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """One member of staff; `in_force` says whether SupportDesk agrees on the role, `away_until` is None who is here."""

    number: int
    email: str
    name: str
    role: Role
    in_force: bool
    since: datetime
    open_tickets: int
    away_until: datetime | None
    away_because: str


def list_colleagues(session: Session) -> list[StaffLine]:
    """Everybody on the staff list, admins first."""
    loads = {row.number: row for row in _LOADS.rows(session)}
    return [
        StaffLine(
            number=one.number,
            email=one.email,
            name=one.name,
            role=one.role,
            in_force=one.in_force,
            since=one.since,
            open_tickets=loads[one.number].open_tickets,
            away_until=loads[one.number].until,
            away_because=loads[one.number].reason or "",
        )
        for one in list_staff(session)
    ]
