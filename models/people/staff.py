"""The staff list, which only the command line writes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.ticket import STAFF_ROLES, Role, Status
from mail.mime.addresses import normalise
from models.db.base import SCHEMA, Base, Now, String
from models.supportdesk.anchors import PersonAnchor
from models.supportdesk.cuid import new_id
from models.supportdesk.tables import Ticket, User

_RANK = {Role.CUSTOMER: 0, Role.AGENT: 1, Role.ADMIN: 2}
_UNFINISHED = (Status.OPEN, Status.IN_PROGRESS)


class StaffRow(Base):
    """One member of staff: holds power only while the "User" row still has this address and this role."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('admin', 'agent')", name="role"), {"schema": SCHEMA})

    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"), primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[String]
    since: Mapped[Now]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One member of staff; `user_role` and `user_email` are what the "User" row says, None where that is gone."""

    number: int
    email: str
    name: str
    role: Role
    user_email: str | None
    user_role: Role | None
    since: datetime

    @property
    def in_force(self) -> bool:
        """True while the "User" row has this address and this role: else the member has no power."""
        return self.user_role == self.role and normalise(self.user_email or "") == self.email


@dataclass(frozen=True, slots=True)
class StaffAdded:
    """Somebody is staff now; `user_was` is the role that the "User" row had before, None where we made the row."""

    number: int
    email: str
    role: Role
    user_was: Role | None


@dataclass(frozen=True, slots=True)
class StaffRemoved:
    """Somebody is staff no longer and a customer in SupportDesk; `waiting` open tickets are still theirs."""

    email: str
    role: Role
    waiting: int


@dataclass(frozen=True, slots=True)
class StaffRefused:
    """Nothing was changed, and why."""

    reason: str


def has_staff(session: Session) -> bool:
    """True while anybody in the staff list is in force."""
    return any(member.in_force for member in list_staff(session))


def add_staff(
    session: Session, email: str, role: Role, *, name: str | None, now: datetime, raise_role: bool = False
) -> StaffAdded | StaffRefused:
    """Make the owner of a normalised address staff, with a "User" row of that role.

    An account of the web app is raised only with `raise_role`: anyone can sign up with another's address, and who
    holds its password would become staff there.
    """
    users = _users_with_address(session, email)
    if len(users) > 1:
        return StaffRefused(f"{len(users)} users have the address {email}; SupportDesk must keep one of them.")
    user = users[0] if users else None
    if user and _RANK[role] > _RANK[user.role] and not raise_role:
        return StaffRefused(
            f"{email} has been a {user.role} in SupportDesk since {user.created_at:%Y-%m-%d}. Whoever has the password "
            f"of that account would become {role}: make sure of it, then say --raise-role."
        )
    was = user.role if user else None
    if user is None:
        user = User(id=new_id(), email=email, name=name, role=role, created_at=now, updated_at=now)
        session.add(user)
    elif user.role != role or name:
        user.role, user.name, user.updated_at = role, name or user.name, now
    session.flush()
    return StaffAdded(_put_on_list(session, user.id, email, role, now), email, role, was)


def remove_staff(session: Session, email: str, *, now: datetime) -> StaffRemoved | None:
    """Take the power of the owner of a normalised address, in SupportDesk too; None where nobody there is staff."""
    row = session.execute(delete(StaffRow).where(StaffRow.email == email).returning(StaffRow)).scalar_one_or_none()
    if row is None:
        return None
    user_id = session.scalar(select(PersonAnchor.user_id).where(PersonAnchor.number == row.person_number))
    powerless = update(User).where(User.id == user_id, User.role.in_(STAFF_ROLES))
    session.execute(powerless.values(role=Role.CUSTOMER, updated_at=now))
    waiting = select(func.count()).where(Ticket.assigned_to_id == user_id, Ticket.status.in_(_UNFINISHED))
    return StaffRemoved(email, Role(row.role), session.scalar(waiting) or 0)


def list_staff(session: Session) -> tuple[StaffMember, ...]:
    """Everybody in the staff list, admins first."""
    rows = session.execute(
        select(StaffRow, User)
        .join(PersonAnchor, PersonAnchor.number == StaffRow.person_number)
        .join(User, User.id == PersonAnchor.user_id, isouter=True)
        .order_by(StaffRow.role, StaffRow.email)
    )
    return tuple(
        StaffMember(
            number=row.person_number,
            email=row.email,
            name=user.name or "" if user else "",
            role=Role(row.role),
            user_email=user.email if user else None,
            user_role=user.role if user else None,
            since=row.since,
        )
        for row, user in rows
    )


def _users_with_address(session: Session, email: str) -> list[User]:
    """The users whose address folds to this one; of several only the one in the staff list, where one of them is."""
    # The server's lower() folds letters outside ASCII; only normalise() says whether it is the same address.
    found = session.scalars(select(User).where(func.lower(User.email) == email).order_by(User.id))
    users = [user for user in found if normalise(user.email) == email]
    listed = select(PersonAnchor.user_id).join(StaffRow, StaffRow.person_number == PersonAnchor.number)
    member = session.scalar(listed.where(StaffRow.email == email)) if len(users) > 1 else None
    # Anybody can sign up under another spelling of the address, which must not keep the operator from this person.
    return [user for user in users if user.id == member] or users


def _put_on_list(session: Session, user_id: str, email: str, role: Role, now: datetime) -> int:
    """Put a user on the staff list; the person's number."""
    # The trigger has numbered the row; where it is missing the number is made here.
    session.execute(insert(PersonAnchor).values(user_id=user_id).on_conflict_do_nothing())
    number = session.scalars(select(PersonAnchor.number).where(PersonAnchor.user_id == user_id)).one()
    # Who had the address before, in an account that is gone, loses it.
    session.execute(delete(StaffRow).where(StaffRow.email == email, StaffRow.person_number != number))
    row = insert(StaffRow).values(person_number=number, email=email, role=role, since=now)
    session.execute(row.on_conflict_do_update(index_elements=["person_number"], set_={"email": email, "role": role}))
    return number
