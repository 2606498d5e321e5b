"""People as SupportDesk's "User" rows, our numbers and our staff list know them together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, collate, func, select, update
from sqlalchemy.orm import Session

from desk.routing import Candidate
from desk.ticket import STAFF_ROLES, Person, Role
from mail.message import Address
from models.anchors import PersonAnchor
from models.asking import Ask, any_of
from models.base import table_of, utc_millis
from models.cuid import new_id
from models.supportdesk import Ticket, User

# Statements on the path of every mail are made once, as text: building them anew costs more than running them.
# Staff are who stands in mail.staff with the address that the "User" row has.
_COLUMNS = "p.number, u.id, u.email, u.name, u.role::text AS role, s.role AS staff_role"
_AGREES = 's.person_number = p.number AND s.email = lower(u.email COLLATE "C")'
PEOPLE = f"""
SELECT {_COLUMNS} FROM mail.person p JOIN public."User" u ON u.id = p.user_id LEFT JOIN mail.staff s ON {_AGREES}
"""
# Where two rows fold to one address, the lesser power counts (SECURITY, section Who is who).
PERSON_BY_EMAIL = f"""
{PEOPLE} WHERE lower(u.email COLLATE "C") = :email
ORDER BY CASE u.role WHEN 'customer' THEN 0 WHEN 'agent' THEN 1 ELSE 2 END, u."createdAt" LIMIT 1
"""
_FIND = Ask(PERSON_BY_EMAIL)
_FIND_STAFF = Ask(f"{PEOPLE} WHERE p.number = :number")
_READ = Ask(f"{PEOPLE} WHERE p.number = {any_of('numbers')}")
_ADD = Ask("""
INSERT INTO public."User" (id, name, email, role, "createdAt", "updatedAt")
VALUES (:id, :name, :email, 'customer', :now, :now) ON CONFLICT (email) DO NOTHING
""")
_READ_WITH_STAFF = Ask(f"""
{PEOPLE} WHERE p.number IN (
    SELECT unnest(CAST(:numbers AS bigint[])) UNION SELECT person_number FROM mail.staff
) ORDER BY p.number
""")
_STAFF = f"""
FROM mail.staff s JOIN mail.person p ON p.number = s.person_number JOIN public."User" u ON u.id = p.user_id
WHERE {_AGREES} ORDER BY p.number
"""
_CANDIDATES = Ask(f"""
SELECT {_COLUMNS},
    (SELECT count(*) FROM public."Ticket" t
     WHERE t."assignedToId" = u.id AND t.status IN ('open', 'in_progress')) AS open,
    (SELECT max(a.assigned_at) FROM mail.assignment a WHERE a.person_number = p.number) AS last,
    (SELECT x.until FROM mail.absence x WHERE x.person_number = p.number) AS until
{_STAFF}
""")


def folded(column: Any) -> ColumnElement[str]:
    """An address in comparable form: only ASCII is lowered, whatever the database's locale is."""
    return func.lower(collate(column, "C"))


def person_of(row: Row[*tuple[Any, ...]]) -> Person:
    """A selected row as a value; staff only where the role in both places is the same."""
    role = Role(row.role)
    staff = role if row.staff_role == role and role in STAFF_ROLES else None
    name = row.name or row.email.partition("@")[0]
    return Person(row.number, row.id, row.email.lower() if row.email.isascii() else row.email, name, role, staff)


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, which is in comparable form already."""
    row = _FIND.one(session, {"email": email})
    return person_of(row) if row else None


def read_people(session: Session, numbers: Sequence[int]) -> dict[int, Person]:
    """The people with these numbers that still exist."""
    if not numbers:
        return {}
    return {row.number: person_of(row) for row in _READ.rows(session, {"numbers": list(numbers)})}


def read_people_and_staff(session: Session, numbers: Sequence[int]) -> dict[int, Person]:
    """The people with these numbers that still exist, and all staff, oldest first."""
    return {row.number: person_of(row) for row in _READ_WITH_STAFF.rows(session, {"numbers": list(numbers)})}


def find_colleague(session: Session, number: int) -> Person | None:
    """The person with this number where they are staff now."""
    row = _FIND_STAFF.one(session, {"number": number})
    found = person_of(row) if row else None
    return found if found is not None and found.is_staff else None


def ensure_person(session: Session, address: Address, now: datetime) -> Person:
    """The person with this address, made as a customer where there is none."""
    return find_person(session, address.email) or add_person(session, address, now)


def add_person(session: Session, address: Address, now: datetime) -> Person:
    """Make a customer of an address that nobody had a moment ago; where somebody has it meanwhile, it is they."""
    row = {"id": new_id(), "name": address.name or None, "email": address.email, "now": utc_millis(now)}
    # Two first mails of one sender may meet here; the second takes the row of the first.
    _ADD.rows(session, row)
    found = find_person(session, address.email)
    assert found, "a row that was just written is there to be read"
    return found


def verify_address(session: Session, number: int, now: datetime) -> None:
    """Record that a person has shown that the address is theirs (SECURITY, Web accounts)."""
    mine = select(PersonAnchor.user_id).where(PersonAnchor.number == number).scalar_subquery()
    fresh = update(User).where(User.id == mine, User.email_verified.is_(None))
    session.execute(fresh.values(email_verified=now, updated_at=now))


def candidates(session: Session, now: datetime) -> tuple[Candidate, ...]:
    """All staff as routing sees them: their load, when they were given a ticket last, and whether they are away."""
    rows = [(person_of(row), row) for row in _CANDIDATES.rows(session)]
    return tuple(
        Candidate(one.number, one.email, one.name, one.role, row.open, row.last, bool(row.until and row.until > now))
        for one, row in rows
        if one.is_staff
    )


def served_before(person: int) -> Select[int]:
    """Asks who has, or last had, a ticket of this customer."""
    agent = table_of(PersonAnchor).alias("agent")
    return (
        select(agent.c.number)
        .join(Ticket, Ticket.assigned_to_id == agent.c.user_id)
        .join(PersonAnchor, PersonAnchor.user_id == Ticket.created_by_id)
        .where(PersonAnchor.number == person)
        .order_by(Ticket.created_at.desc())
        .limit(1)
    )
