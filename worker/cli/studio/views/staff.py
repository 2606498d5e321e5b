"""Staff: who they are, whether they are here, and what they have to do."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from desk.ticket import Status
from models.people.staff import StaffRow
from models.reports.studio.staff import StaffLine, list_colleagues
from models.tickets.listing import TicketFilter, list_tickets
from worker.cli.studio.cells import badge, formatted, line, moment
from worker.cli.studio.views.listed import MOST_ON_PAGE, Asked, ListedView, ListPage, Unknown, number_in


class Staff(ListedView, model=StaffRow):
    """Everybody on the staff list, admins first."""

    name, name_plural, icon, place = "Staff", "Staff", "fa-solid fa-user-group", "staff"
    column_list = ("number", "email", "name", "role", "open_tickets", "away_until", "in_force", "since")
    column_labels = {  # noqa: RUF012  sqladmin's own form
        "number": "person",
        "email": "address",
        "open_tickets": "open tickets",
        "away_until": "here",
        "in_force": "role is",
    }
    column_formatters = {  # noqa: RUF012  sqladmin's own form
        "email": formatted(line),
        "name": formatted(line),
        "role": formatted(badge),
        "away_until": formatted(lambda until: f"away until {until:%Y-%m-%d %H:%M}" if until else "yes"),
        "in_force": formatted(lambda value: badge("in force" if value else "SupportDesk says otherwise")),
        "since": formatted(moment),
    }
    details_template = "studio/member.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:  # noqa: ARG002  the form of all lists
        """All of them: a desk has no more than one page shows."""
        return ListPage(list_colleagues(session))

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """One of them, with the newest of their open tickets."""
        number = number_in(key)
        found: StaffLine | None = next((one for one in list_colleagues(session) if one.number == number), None)
        if found is None:
            raise Unknown(f"Person {number} is not staff.")
        waiting = TicketFilter(statuses=(Status.OPEN, Status.IN_PROGRESS), owner=found.email)
        return {"member": found, "tickets": list_tickets(session, waiting, MOST_ON_PAGE)}
