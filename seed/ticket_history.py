"""How an example ticket is told: its opening and then what happened, from which its rows follow."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.ticket import Category, Priority, Status
from models.schema.examples import ExampleActivity, ExampleComment, ExampleTicket
from seed.people import person_id, seed_id


@dataclass(frozen=True, slots=True)
class CommentWritten:
    """Somebody wrote a comment."""

    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """Somebody gave the ticket to an agent."""

    agent: str


Deed = CommentWritten | Given | Status | Priority


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket's story: who opened it how many days ago, and the deeds as (hours after the opening, who, deed)."""

    word: str
    customer: str
    days_ago: float
    category: Category
    title: str
    text: str
    deeds: tuple[tuple[float, str, Deed], ...] = ()


def tell(story: Story, now: datetime) -> ExampleTicket:
    """The ticket as it stands after all its deeds, with the web app's own words in its history."""
    ticket = _open_ticket(story, now - timedelta(days=story.days_ago))
    for number, (hours, who, deed) in enumerate(story.deeds, start=1):
        moment = ticket.created_at + timedelta(hours=hours)
        action, words = _history_line(ticket, deed)
        line = ExampleActivity(seed_id(f"{story.word}did{number}"), person_id(who), action, words, moment)
        ticket = replace(_ticket_after(ticket, deed, moment), activities=(*ticket.activities, line), updated_at=moment)
        if isinstance(deed, CommentWritten):
            comment = ExampleComment(seed_id(f"{story.word}said{number}"), person_id(who), deed.text, moment)
            ticket = replace(ticket, comments=(*ticket.comments, comment))
    return ticket


def _open_ticket(story: Story, moment: datetime) -> ExampleTicket:
    customer = person_id(story.customer)
    line = ExampleActivity(seed_id(f"{story.word}did0"), customer, "created", f"Ticket created: {story.title}", moment)
    return ExampleTicket(
        id=seed_id(f"{story.word}ticket"),
        title=story.title,
        description=story.text,
        status=Status.OPEN,
        priority=Priority.MEDIUM,
        category=story.category,
        created_by_id=customer,
        assigned_to_id=None,
        created_at=moment,
        updated_at=moment,
        resolved_at=None,
        closed_at=None,
        comments=(),
        activities=(line,),
    )


def _history_line(ticket: ExampleTicket, deed: Deed) -> tuple[str, str]:
    match deed:
        case CommentWritten():
            return "commented", "Added a comment"
        case Given():
            return "updated", "Ticket assigned"
        case Status():
            return "updated", f"Status changed from {ticket.status} to {deed}"
        case Priority():
            return "updated", f"Priority changed from {ticket.priority} to {deed}"


def _ticket_after(ticket: ExampleTicket, deed: Deed, moment: datetime) -> ExampleTicket:
    match deed:
        case CommentWritten():
            return ticket
        case Given():
            return replace(ticket, assigned_to_id=person_id(deed.agent))
        case Priority():
            return replace(ticket, priority=deed)
        case Status.RESOLVED:
            return replace(ticket, status=deed, resolved_at=moment)
        case Status.CLOSED:
            return replace(ticket, status=deed, closed_at=moment)
        case Status():
            return replace(ticket, status=deed)
