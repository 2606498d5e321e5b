"""The labels of statuses, priorities and categories in our mails, and the sentence for each change."""

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
