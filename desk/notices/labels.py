"""The labels of statuses, priorities and categories in our mails, the sentence for each change, and each reason."""

import re
from collections.abc import Sequence

from desk.commands.obey import CommandAnswer
from desk.notices.events import Event, EventKind, Field, HeldMail, Question
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
CARRIED_OUT = "You get this mail because of a mail of yours about this ticket. Your answer goes to the customer."
UNDER_YOUR_ADDRESS = "You get this mail because somebody wrote to this desk under your address."
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


# The subjects of answers to staff (RFC 5322, section 2.1.1: lines of 78 characters).
LONGEST_SUBJECT = 78
DONE, PARTLY_DONE, NOT_DONE, WAITING = "Done", "Partly done", "Not done", "Waiting for your word"
NO_SUBJECT, UNDER_YOURS, ABOUT = "a mail without a subject", "a mail under your address", "a mail about {0}"
TAG = re.compile(r"\[(SD-\d{1,18})\]", re.IGNORECASE)
# Words that nothing proves to be their reader's own do not stand in a subject of ours.
OWN_WORDS = frozenset({None, Question.TOKEN, Question.PROVEN})


def headline_of_outcomes(outcomes: Sequence[CommandAnswer], ticket: Ticket | None) -> str:
    """What became of the commands of a mail, by their names, and on which ticket."""
    done = [outcome.done for outcome in outcomes]
    word = DONE if all(done) else PARTLY_DONE if any(done) else NOT_DONE
    # A command by its first word; what is none, such as "Your mail", as it is.
    lines = (one.line.split()[0] if one.line.startswith("#") else one.line.lower() for one in outcomes)
    said = f"{word}: {', '.join(dict.fromkeys(lines))}"
    return _cut(f"[{ticket.tag}] {said} · {ticket.title}" if ticket else said)


def headline_of_held(held: HeldMail) -> str:
    """That a mail had no effect, or waits, and which one."""
    word = WAITING if held.question else NOT_DONE
    if held.question in OWN_WORDS:
        return _cut(f"{word}: {held.subject.strip() or NO_SUBJECT}")
    tag = TAG.search(held.subject)
    return f"{word}: {ABOUT.format(tag[1].upper()) if tag else UNDER_YOURS}"


def _cut(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1].rstrip()}…"
