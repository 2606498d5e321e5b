"""The example tickets: six outlines over the last days, in each status, priority and category."""

from datetime import datetime

from desk.ticket import Category, Priority, Status
from models.schema.examples import ExampleTicket
from seed.example_words import ENGLISH, example_words
from seed.ticket_outline import AddComment, AssignTo, TicketOutline, build_ticket

OUTLINES = (
    TicketOutline(
        "login",
        "dora",
        9,
        Category.TECHNICAL_ISSUE,
        (
            (0.2, "ada", AssignTo("bob")),
            (1.1, "bob", AddComment()),
            (1.1, "bob", Status.IN_PROGRESS),
            (3.5, "dora", AddComment()),
            (4.0, "bob", Status.RESOLVED),
            (52.0, "ada", Status.CLOSED),
        ),
    ),
    TicketOutline(
        "invoice",
        "emil",
        6,
        Category.BILLING,
        (
            (0.5, "ada", AssignTo("carol")),
            (5.0, "carol", AddComment()),
            (5.1, "carol", Status.RESOLVED),
        ),
    ),
    TicketOutline(
        "export",
        "fatima",
        4,
        Category.FEATURE_REQUEST,
        (
            (2.0, "ada", Priority.LOW),
            (2.1, "ada", AssignTo("bob")),
            (20.0, "bob", AddComment()),
            (20.0, "bob", Status.IN_PROGRESS),
            (23.0, "fatima", AddComment()),
        ),
    ),
    TicketOutline(
        "outage",
        "dora",
        1.5,
        Category.TECHNICAL_ISSUE,
        (
            (0.1, "ada", Priority.HIGH),
            (0.1, "ada", AssignTo("carol")),
            (0.7, "carol", AddComment()),
            (0.7, "carol", Status.IN_PROGRESS),
        ),
    ),
    TicketOutline(
        "hours",
        "emil",
        0.8,
        Category.GENERAL_INQUIRY,
        ((1.0, "ada", AssignTo("bob")),),
    ),
    TicketOutline(
        "refund",
        "fatima",
        0.2,
        Category.BILLING,
    ),
)


def tickets(now: datetime, language: str = ENGLISH) -> tuple[ExampleTicket, ...]:
    """The tickets as they stand at `now`, oldest first, in one of the languages of the demo."""
    words = example_words(language).tickets
    return tuple(build_ticket(outline, words[outline.word], now) for outline in OUTLINES)
