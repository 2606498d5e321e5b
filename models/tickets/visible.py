"""What a person may see of tickets, as one condition for all statements that list, search or show them."""

from sqlalchemy import ColumnElement, false, or_, true

from desk.ticket import Person, Role
from models.supportdesk.tables import Ticket


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The condition over "Ticket" rows that a person may see them, as SupportDesk shows them; None is an operator.

    Admins see all. Agents see those that they opened, those assigned to them and those of nobody. Customers see their
    own, and the one row for all unproven senders sees none.
    """
    if person is None or (person.is_staff and person.role is Role.ADMIN):
        return true()
    if person.is_nobody:
        return false()
    own = Ticket.created_by_id == person.user_id
    if not person.is_staff:
        return own
    return or_(own, Ticket.assigned_to_id == person.user_id, Ticket.assigned_to_id.is_(None))
