"""People, read from SupportDesk's "User" rows, our numbers and our staff list together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from desk.ticket import STAFF_ROLES, THE_DESK, UNPROVEN_SENDERS, Person, Role, known
from mail.mime.addresses import Address
from models.db.base import utc_millis
from models.db.statement import Statement, any_of
from models.people.staff import StaffRow
from models.supportdesk.anchors import PersonAnchor
from models.supportdesk.cuid import new_id
from models.supportdesk.tables import User

# Statements on the path of every mail are made once, as text: building them anew costs more than running them.

# People as `person_of` reads them; `staff_role` is NULL unless the person stands in mail.staff with the address that
# their "User" row has.
PEOPLE = """
SELECT p.number, u.id, u.email, u.name, u.role::text AS role, s.role AS staff_role, p.language
FROM mail.person p JOIN public."User" u ON u.id = p.user_id
LEFT JOIN mail.staff s ON s.person_number = p.number AND s.email = lower(u.email COLLATE "C")
"""
# The person who has an address. Anybody can sign up under another spelling of it: staff in force keep it, and of
# others the older row has it (docs/security.md#who-is-who).
PERSON_BY_EMAIL = f"""
{PEOPLE} WHERE lower(u.email COLLATE "C") = :email
ORDER BY (s.role = u.role::text) IS TRUE DESC, u."createdAt", p.number LIMIT 1
"""
_FIND_BY_EMAIL = Statement(PERSON_BY_EMAIL)
_FIND_BY_NUMBER = Statement(f"{PEOPLE} WHERE p.number = :number")
_READ = Statement(f"{PEOPLE} WHERE p.number = {any_of('numbers')}")
# People by number, and all staff.
_READ_WITH_STAFF = Statement(f"""
{PEOPLE} WHERE p.number IN (
    SELECT unnest(CAST(:numbers AS bigint[])) UNION SELECT person_number FROM mail.staff
) ORDER BY p.number
""")
# A new customer; the row of who has the address already stays as it is.
_ADD = Statement("""
INSERT INTO public."User" (id, name, email, role, "createdAt", "updatedAt")
VALUES (:id, :name, :email, 'customer', :now, :now) ON CONFLICT (email) DO NOTHING
""")
# The row for all unproven senders. Nobody knows its address, so nobody can sign up with it before us, and by RFC 2606
# none of that kind is anybody's.
_ADD_NOBODY = Statement(f"""
INSERT INTO public."User" (id, name, email, role, "createdAt", "updatedAt")
VALUES ('{UNPROVEN_SENDERS}', 'Unproven senders', 'unproven-' || gen_random_uuid() || '@invalid', 'customer', :now,
    :now)
ON CONFLICT (id) DO NOTHING
""")
# The row for the desk itself, whose address nobody can sign up with either.
_ADD_DESK = Statement(f"""
INSERT INTO public."User" (id, name, email, role, "createdAt", "updatedAt")
VALUES ('{THE_DESK}', :name, 'desk-' || gen_random_uuid() || '@invalid', 'customer', :now, :now)
ON CONFLICT (id) DO NOTHING
""")
_FIND_DESK = Statement(f"{PEOPLE} WHERE u.id = '{THE_DESK}'")
_FIND_NOBODY = Statement(f"{PEOPLE} WHERE u.id = '{UNPROVEN_SENDERS}'")
_CHOOSE_LANGUAGE = Statement("UPDATE mail.person SET language = :language WHERE number = :number")
# SQL that is true of a "User" row, named `u`, by which somebody can log in to the web app, or is logged in.
HAS_LOGIN = """
(u.password IS NOT NULL OR EXISTS (SELECT FROM public."Account" a WHERE a."userId" = u.id)
    OR EXISTS (SELECT FROM public."Session" w WHERE w."userId" = u.id))
"""
# Verifies a row that has no login; `doubted` says that it is not verified because it has one.
_VERIFY = Statement(f"""
WITH mine AS (
    SELECT u.id, u."emailVerified" IS NULL AS unverified, {HAS_LOGIN} AS has_login
    FROM public."User" u JOIN mail.person p ON p.user_id = u.id WHERE p.number = :number
), verified AS (
    UPDATE public."User" u SET "emailVerified" = :now, "updatedAt" = :now FROM mine
    WHERE u.id = mine.id AND u."emailVerified" IS NULL AND NOT mine.has_login
)
SELECT unverified AND has_login AS doubted FROM mine
""")


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person; `staff_role` is what the staff list says and is None for everybody else."""

    number: int | None
    email: str
    name: str
    role: Role
    staff_role: Role | None
    since: datetime


def person_of(row: Row[*tuple[Any, ...]]) -> Person:
    """A selected row as a value; staff only where the role in both places is the same."""
    role = known(Role, row.role)
    staff = role if row.staff_role == role and role in STAFF_ROLES else None
    name = row.name or row.email.partition("@")[0]
    email = row.email.lower() if row.email.isascii() else row.email
    return Person(row.number, row.id, email, name, role, staff, row.language or "")


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, which is in comparable form already."""
    row = _FIND_BY_EMAIL.one(session, {"email": email})
    return person_of(row) if row else None


def read_people(session: Session, numbers: Sequence[int]) -> dict[int, Person]:
    """The people with these numbers that still exist, by number."""
    if not numbers:
        return {}
    return {row.number: person_of(row) for row in _READ.rows(session, {"numbers": list(numbers)})}


def read_people_and_staff(session: Session, numbers: Sequence[int]) -> dict[int, Person]:
    """The people with these numbers that still exist, and all staff, by number, the lowest first."""
    return {row.number: person_of(row) for row in _READ_WITH_STAFF.rows(session, {"numbers": list(numbers)})}


def find_colleague(session: Session, number: int) -> Person | None:
    """The person with this number where they are staff now."""
    row = _FIND_BY_NUMBER.one(session, {"number": number})
    person = person_of(row) if row else None
    return person if person is not None and person.is_staff else None


def ensure_person(session: Session, address: Address, now: datetime) -> Person:
    """The person with this address, made as a customer where there is none."""
    return find_person(session, address.email) or add_person(session, address, now)


def add_person(session: Session, address: Address, now: datetime) -> Person:
    """Insert a customer with this address; where somebody got it in the meantime, the person who has it."""
    row = {"id": new_id(), "name": address.name or None, "email": address.email, "now": utc_millis(now)}
    # Two first mails of one sender may meet here; the second takes the row of the first.
    _ADD.write(session, row)
    found = find_person(session, address.email)
    assert found, "a row that was just written is there to be read"
    return found


def ensure_nobody(session: Session, now: datetime) -> Person:
    """The person in whose name the tickets of unproven senders stand, made at the first of them."""
    row = _FIND_NOBODY.one(session, {})
    if row is None:
        _ADD_NOBODY.write(session, {"now": utc_millis(now)})
        row = _FIND_NOBODY.one(session, {})
    assert row, "a row that was just written is there to be read"
    return person_of(row)


def find_desk(session: Session) -> Person | None:
    """The person in whose name old answers stand that bear the desk's own address; None before the first of them."""
    row = _FIND_DESK.one(session, {})
    return person_of(row) if row else None


def ensure_desk(session: Session, name: str, now: datetime) -> Person:
    """The same, made at the first of them with the desk's name. Its row has no role, so it gets no ticket and mail."""
    found = find_desk(session)
    if found is None:
        _ADD_DESK.write(session, {"name": name, "now": utc_millis(now)})
        found = find_desk(session)
    assert found, "a row that was just written is there to be read"
    return found


def choose_language(session: Session, number: int, language: str | None) -> None:
    """Keep the code of the language that a person, given by number, gets mails in; None for that of the desk."""
    _CHOOSE_LANGUAGE.write(session, {"number": number, "language": language})


def verify_address(session: Session, number: int, now: datetime) -> bool:
    """Record that a person, given by number, has shown that the address is theirs; False where their row has a login.

    Whoever holds a login that was there before may be somebody else, who signed up with the address and waits for its
    owner to verify it. Source: docs/security.md#where-the-web-app-is-open-to-sign-up.
    """
    row = _VERIFY.one(session, {"number": number, "now": utc_millis(now)})
    return row is None or not row.doubted


def list_people(session: Session, most: int | None = None, after: str = "") -> tuple[PersonEntry, ...]:
    """Everybody with a "User" row, by address: so many at most (None: all), whose addresses come after that one."""
    rows = session.execute(
        select(PersonAnchor.number, User, StaffRow.role)
        .select_from(User)
        .join(PersonAnchor, PersonAnchor.user_id == User.id, isouter=True)
        .join(StaffRow, StaffRow.person_number == PersonAnchor.number, isouter=True)
        .where(User.email > after)
        .order_by(User.email)
        .limit(most)
    )
    return tuple(
        PersonEntry(number, user.email, user.name or "", user.role, Role(staff) if staff else None, user.created_at)
        for number, user, staff in rows
    )
