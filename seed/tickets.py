"""The example tickets: six outlines over the last days, in each status, priority and category."""

from datetime import datetime

from desk.ticket import Category, Priority, Status
from models.schema.examples import ExampleTicket
from seed.ticket_outline import AddComment, AssignTo, TicketOutline, build_ticket

OUTLINES = (
    TicketOutline(
        "login",
        "dora",
        9,
        Category.TECHNICAL_ISSUE,
        "Cannot sign in after the password reset",
        "I reset my password this morning. The new one is refused, and the old one too.",
        (
            (0.2, "ada", AssignTo("bob")),
            (1.1, "bob", AddComment("I have cleared the old sessions of your account. Does it work now?")),
            (1.1, "bob", Status.IN_PROGRESS),
            (3.5, "dora", AddComment("Yes, I am in. Thank you for the quick help!")),
            (4.0, "bob", Status.RESOLVED),
            (52.0, "ada", Status.CLOSED),
        ),
    ),
    TicketOutline(
        "invoice",
        "emil",
        6,
        Category.BILLING,
        "Invoice 2041 shows the old address",
        "We moved in March. Could you send invoice 2041 again with the new address?",
        (
            (0.5, "ada", AssignTo("carol")),
            (
                5.0,
                "carol",
                AddComment("The corrected invoice is on its way to you. The new address stands in your account."),
            ),
            (5.1, "carol", Status.RESOLVED),
        ),
    ),
    TicketOutline(
        "export",
        "fatima",
        4,
        Category.FEATURE_REQUEST,
        "Export tickets as a spreadsheet",
        "For our monthly review a spreadsheet of all tickets would save us an afternoon.",
        (
            (2.0, "ada", Priority.LOW),
            (2.1, "ada", AssignTo("bob")),
            (20.0, "bob", AddComment("That is on our list. Which columns do you need?")),
            (20.0, "bob", Status.IN_PROGRESS),
            (23.0, "fatima", AddComment("Number, title, status, and when it was opened and resolved.")),
        ),
    ),
    TicketOutline(
        "outage",
        "dora",
        1.5,
        Category.TECHNICAL_ISSUE,
        "Uploads fail for the whole team",
        "Since noon every upload over 2 MB ends with an error. All twelve of us see it.",
        (
            (0.1, "ada", Priority.HIGH),
            (0.1, "ada", AssignTo("carol")),
            (0.7, "carol", AddComment("We see it too. A disk is full; I will write again within the hour.")),
            (0.7, "carol", Status.IN_PROGRESS),
        ),
    ),
    TicketOutline(
        "hours",
        "emil",
        0.8,
        Category.GENERAL_INQUIRY,
        "Are you there on public holidays?",
        "We bake on holidays. Is somebody of yours there when something breaks?",
        ((1.0, "ada", AssignTo("bob")),),
    ),
    TicketOutline(
        "refund",
        "fatima",
        0.2,
        Category.BILLING,
        "Charged twice in November",
        "My card shows two charges of the same amount on the same day. Please look into it.",
    ),
)


def tickets(now: datetime) -> tuple[ExampleTicket, ...]:
    """The tickets as they stand at `now`, oldest first."""
    return tuple(build_ticket(outline, now) for outline in OUTLINES)
