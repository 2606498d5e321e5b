"""The labels of statuses, priorities and categories in our mails, the sentence for each change, and each reason."""

from desk.notices.events import Event, EventKind, Field
from desk.ticket import Category, Priority, Status, Ticket

STATUS_LABELS = {
    Status.OPEN: "Open",
    Status.IN_PROGRESS: "In progress",
    Status.RESOLVED: "Resolved",
    Status.CLOSED: "Closed",
}

PRIORITY_LABELS = {Priority.LOW: "Low", Priority.MEDIUM: "Medium", Priority.HIGH: "High"}

CATEGORY_LABELS = {
    Category.TECHNICAL_ISSUE: "Technical issue",
    Category.BILLING: "Billing",
    Category.FEATURE_REQUEST: "Feature request",
    Category.GENERAL_INQUIRY: "General inquiry",
}

# Why somebody gets a mail.
ASSIGNED = "You get this mail because the ticket is assigned to you. Your answer goes to the customer."
NO_OWNER = (
    "You get this mail because the ticket has no owner and you are an admin of this desk. "
    "Your answer goes to the customer."
)
WAS_YOURS = "You get this mail because the ticket was assigned to you until now. Your answer stays internal."
YOURS = "You get this mail because this request is yours."
OPENED = "You get this mail because this request was opened under your address."
TAKES_PART = "You get this mail because you take part in this ticket."
CAME = "You get this mail because a mail came to us under your address."
GUESTS = (
    "You get this mail because you take part in somebody's request. "
    "To get no more mails about it, answer with #stop on a line of its own."
)
UNDER_YOUR_ADDRESS = "You get this mail because somebody wrote to this desk under your address."
WAITS = "You get this mail because a colleague answered while you wrote."
INTERNAL = "You get this mail because you work on this ticket. Your answer stays internal."
ADMIN = "You get this mail because you are an admin of this desk."
OWNER = "You get this mail because the settings of this desk name you as its owner."

NOT_STAFF = (
    "The ticket was assigned to {}, who is not staff and hears nothing of it: give it to somebody who is, or it stays "
    "with the admins."
)


def change_sentence(event: Event, ticket: Ticket, noun: str = "ticket") -> str | None:
    """A change as a sentence in a mail about another event, the ticket called `noun`; None where there is none."""
    if event.kind is not EventKind.TICKET_CHANGED:
        return None
    sentences = {
        Field.STATUS: f"The {noun} is now {STATUS_LABELS[ticket.status].lower()}.",
        Field.PRIORITY: f"The priority is now {PRIORITY_LABELS[ticket.priority].lower()}.",
        Field.CATEGORY: f"The category is now {CATEGORY_LABELS[ticket.category].lower()}.",
        Field.ASSIGNEE: f"The {noun} is now with {ticket.assignee.name}." if ticket.assignee else None,
        Field.TITLE: f"The title is now “{ticket.title}”.",
        Field.DESCRIPTION: "The description was changed.",
    }
    return sentences[event.field] if event.field else None
