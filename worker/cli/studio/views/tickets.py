"""Tickets: the list, and each with its conversation, its mails and what happened."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup
from sqlalchemy.orm import Session

from desk.ticket import Category, Priority, Status
from mail.mime.addresses import normalise
from models.people.staff import list_staff
from models.removal.archive.conversation import read_archived
from models.removal.archive.restore import CannotRestore
from models.reports.studio.mails import MailWanted, list_mails, list_sent
from models.reports.studio.tickets import find_titles, read_events, read_history
from models.supportdesk.archived import ArchivedTicket
from models.supportdesk.tables import Ticket
from models.tickets.conversation import read_conversation
from models.tickets.listing import ListedTicket, TicketFilter, list_tickets
from worker.cli.pages.ticket import articles_of
from worker.cli.studio.cells import badge, formatted, line, moment
from worker.cli.studio.views.listed import MOST_ON_PAGE, Asked, ListedView, ListPage, Unknown, looked_as_far, number_in
from worker.cli.studio.views.mails import subject_of

_NUMBER: Final = re.compile(r"\[?(?:sd-|#)?(\d{1,18})\]?", re.IGNORECASE)
# Of a ticket with more the newest are shown.
MOST_OF_A_TICKET: Final = 100
NOBODY: Final = "nobody"


class Tickets(ListedView, model=Ticket):
    """Tickets, the newest first."""

    name, name_plural, icon, place = "Ticket", "Tickets", "fa-solid fa-ticket", "tickets"
    hint = "SD-1042, an address, or words of a title"
    filters = {  # noqa: RUF012  sqladmin's own form
        "status": tuple(Status),
        "priority": tuple(Priority),
        "category": tuple(Category),
        "owner": (NOBODY,),
    }
    open_filters = ("owner",)
    column_list = ("number", "title", "status", "priority", "customer", "owner", "changed_at")
    column_labels = {"changed_at": "changed", "number": "ticket"}  # noqa: RUF012  sqladmin's own form
    column_formatters = {  # noqa: RUF012  sqladmin's own form
        "number": formatted(lambda value: f"SD-{value}"),
        "title": formatted(line),
        "status": formatted(badge),
        "priority": formatted(badge),
        "owner": formatted(lambda value: value or NOBODY),
        "changed_at": formatted(moment),
    }
    details_template = "studio/ticket.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:
        """The tickets of a filter; words are looked for as a number, an address, or in titles."""
        wanted, words = _wanted(asked.chosen), asked.search.strip()
        if found := _NUMBER.fullmatch(words):
            return _by_number(session, wanted, int(found[1]))
        if address := normalise(words):
            wanted = replace(wanted, customer=address)
        elif words:
            return _by_title(session, wanted, words, asked.before)
        rows = list_tickets(session, wanted, MOST_ON_PAGE + 1, asked.before)
        more = len(rows) > MOST_ON_PAGE
        return ListPage(rows[:MOST_ON_PAGE], rows[MOST_ON_PAGE - 1].number if more else None)

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """A ticket as `ticket show --html` draws it, with its mails and what happened."""
        number = number_in(key.lower().removeprefix("sd-"))
        try:
            found = read_conversation(session, number) or read_archived(session, number)
        except CannotRestore as reason:
            raise Unknown(str(reason)) from reason
        if found is None:
            raise Unknown(f"There is no ticket SD-{number}.")
        of_it = MailWanted(ticket=number)
        mails, _ = list_mails(session, of_it, MOST_OF_A_TICKET)
        sent, _ = list_sent(session, of_it, MOST_OF_A_TICKET)
        return {
            "ticket": found,
            "articles": articles_of(found),
            "mails": [(mail, subject_of(mail)) for mail in mails],
            "sent": sent,
            "history": read_history(session, number, MOST_OF_A_TICKET),
            "events": read_events(session, number, MOST_OF_A_TICKET),
            "staff": [one for one in list_staff(session) if one.in_force] if self.window.writes else (),
            "statuses": tuple(Status),
            "most": MOST_OF_A_TICKET,
        }


def _wanted(chosen: Mapping[str, str]) -> TicketFilter:
    owner = chosen.get("owner", "")
    return TicketFilter(
        statuses=(Status(chosen["status"]),) if chosen.get("status") else (),
        priority=Priority(chosen["priority"]) if chosen.get("priority") else None,
        category=Category(chosen["category"]) if chosen.get("category") else None,
        owner=(normalise(owner) or "") if owner != NOBODY else "",
        unassigned=owner == NOBODY,
    )


def _by_number(session: Session, wanted: TicketFilter, number: int) -> ListPage:
    rows = list_tickets(session, replace(wanted, numbers=(number,)), 1)
    if rows or session.get(ArchivedTicket, number) is None:
        return ListPage(rows)
    return ListPage((), None, Markup('<a href="/tickets/details/{0}">SD-{0} is in the archive.</a>').format(number))


def _by_title(session: Session, wanted: TicketFilter, words: str, before: int | None) -> ListPage:
    numbers, page = find_titles(session, words, MOST_ON_PAGE, before)
    rows: list[ListedTicket] = list_tickets(session, replace(wanted, numbers=tuple(numbers)), MOST_ON_PAGE)
    return ListPage(rows, page.below, looked_as_far(page.looked, "tickets with such a title"))
