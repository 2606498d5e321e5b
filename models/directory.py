"""Everybody in SupportDesk, as the command line lists them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.ticket import Role
from models.anchors import PersonAnchor
from models.staff import StaffRow
from models.supportdesk import User


@dataclass(frozen=True, slots=True)
class Entry:
    """One person; `staff_role` is what the staff list says and is None for everybody else."""

    number: int | None
    email: str
    name: str
    role: Role
    staff_role: Role | None
    since: datetime


def list_people(session: Session) -> tuple[Entry, ...]:
    """Everybody with a "User" row, by address."""
    rows = session.execute(
        select(PersonAnchor.number, User, StaffRow.role)
        .select_from(User)
        .join(PersonAnchor, PersonAnchor.user_id == User.id, isouter=True)
        .join(StaffRow, StaffRow.person_number == PersonAnchor.number, isouter=True)
        .order_by(User.email)
    )
    return tuple(
        Entry(number, user.email, user.name or "", user.role, Role(staff) if staff else None, user.created_at)
        for number, user, staff in rows
    )
