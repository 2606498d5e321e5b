"""What a ticket is and how it changed, and why somebody gets a mail, as sentences of the catalogues."""

from desk.notices.events import Event, EventKind, Field
from desk.ticket import Category, Priority, Status, Ticket
from mail.outbound.catalogue import Said, said

# Why somebody gets a mail.
ASSIGNED = said("reasons.assigned")
NO_OWNER = said("reasons.no_owner")
WAS_YOURS = said("reasons.was_yours")
YOURS = said("reasons.yours")
OPENED = said("reasons.opened")
TAKES_PART = said("reasons.takes_part")
CAME = said("reasons.came")
GUESTS = said("reasons.guests")
UNDER_YOUR_ADDRESS = said("reasons.under_your_address")
INTERNAL = said("reasons.internal")
ADMIN = said("reasons.admin")
OWNER = said("reasons.owner")


def status_label(status: Status) -> Said:
    """The label of a status, such as "In progress"."""
    return said(f"labels.status_{status}")


def priority_label(priority: Priority) -> Said:
    """The label of a priority, such as "High"."""
    return said(f"labels.priority_{priority}")


def category_label(category: Category) -> Said:
    """The label of a category, such as "Billing"."""
    return said(f"labels.category_{category}")


def change_sentence(event: Event, ticket: Ticket, noun: str = "ticket") -> Said | None:
    """A change as a sentence in a mail about another event, the ticket called `noun`; None where there is none."""
    if event.kind is not EventKind.TICKET_CHANGED or event.field is None:
        return None
    sentences = {
        Field.STATUS: said(f"labels.now_{ticket.status}", noun=noun),
        Field.PRIORITY: said(f"labels.now_{ticket.priority}"),
        Field.CATEGORY: said(f"labels.now_{ticket.category}"),
        Field.ASSIGNEE: said("labels.now_with", noun=noun, name=ticket.assignee.name) if ticket.assignee else None,
        Field.TITLE: said("labels.now_titled", title=ticket.title),
        Field.DESCRIPTION: said("labels.described_anew"),
    }
    return sentences[event.field]
