"""The outline of an example ticket, its opening and the steps after it, and the rows that these make."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.ticket import Category, Priority, Status
from models.schema.examples import ExampleActivity, ExampleComment, ExampleTicket
from seed.example_words import TicketWords
from seed.people import person_id, seed_id


@dataclass(frozen=True, slots=True)
class AddComment:
    """A comment is written, with the next words of the ticket's comments."""


@dataclass(frozen=True, slots=True)
class AssignTo:
    """The ticket is assigned to an agent, by first name in lower case."""

    agent: str


Step = AddComment | AssignTo | Status | Priority


@dataclass(frozen=True, slots=True)
class TicketOutline:
    """Who opened a ticket how many days ago, and the steps since, as (hours after the opening, first name, step).

    `word` is a part of the ids of its rows, and different for each ticket; by it the words of its people are found.
    """

    word: str
    customer: str
    days_ago: float
    category: Category
    steps: tuple[tuple[float, str, Step], ...] = ()


def build_ticket(outline: TicketOutline, words: TicketWords, now: datetime) -> ExampleTicket:
    """The ticket after all its steps, with the activities that the web application would have written."""
    ticket = _open_ticket(outline, words, now - timedelta(days=outline.days_ago))
    comments = iter(words.comments)
    for number, (hours, actor, step) in enumerate(outline.steps, start=1):
        moment = ticket.created_at + timedelta(hours=hours)
        action, shown = _history_line(ticket, step)
        line = ExampleActivity(seed_id(f"{outline.word}did{number}"), person_id(actor), action, shown, moment)
        ticket = replace(_ticket_after(ticket, step, moment), activities=(*ticket.activities, line), updated_at=moment)
        if isinstance(step, AddComment):
            comment = ExampleComment(seed_id(f"{outline.word}said{number}"), person_id(actor), next(comments), moment)
            ticket = replace(ticket, comments=(*ticket.comments, comment))
    return ticket


def _open_ticket(outline: TicketOutline, words: TicketWords, moment: datetime) -> ExampleTicket:
    customer = person_id(outline.customer)
    line = ExampleActivity(
        seed_id(f"{outline.word}did0"), customer, "created", f"Ticket created: {words.title}", moment
    )
    return ExampleTicket(
        id=seed_id(f"{outline.word}ticket"),
        title=words.title,
        description=words.text,
        status=Status.OPEN,
        priority=Priority.MEDIUM,
        category=outline.category,
        created_by_id=customer,
        assigned_to_id=None,
        created_at=moment,
        updated_at=moment,
        resolved_at=None,
        closed_at=None,
        comments=(),
        activities=(line,),
    )


def _history_line(ticket: ExampleTicket, step: Step) -> tuple[str, str]:
    match step:
        case AddComment():
            return "commented", "Added a comment"
        case AssignTo():
            return "updated", "Ticket assigned"
        case Status():
            return "updated", f"Status changed from {ticket.status} to {step}"
        case Priority():
            return "updated", f"Priority changed from {ticket.priority} to {step}"


def _ticket_after(ticket: ExampleTicket, step: Step, moment: datetime) -> ExampleTicket:
    match step:
        case AddComment():
            return ticket
        case AssignTo():
            return replace(ticket, assigned_to_id=person_id(step.agent))
        case Priority():
            return replace(ticket, priority=step)
        case Status.RESOLVED:
            return replace(ticket, status=step, resolved_at=moment)
        case Status.CLOSED:
            return replace(ticket, status=step, closed_at=moment)
        case Status():
            return replace(ticket, status=step)
