"""Tickets and people as values, and the lifecycle of a ticket as a dict."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

Value = TypeVar("Value", bound=StrEnum)


class Role(StrEnum):
    """What a person is, by SupportDesk's own enum."""

    ADMIN = "admin"
    AGENT = "agent"
    CUSTOMER = "customer"


class Status(StrEnum):
    """Where a ticket stands, by SupportDesk's own enum."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Priority(StrEnum):
    """How soon a ticket wants an answer, by SupportDesk's own enum."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Category(StrEnum):
    """What a ticket is about, by SupportDesk's own enum."""

    TECHNICAL_ISSUE = "technical_issue"
    BILLING = "billing"
    FEATURE_REQUEST = "feature_request"
    GENERAL_INQUIRY = "general_inquiry"


STAFF_ROLES = frozenset({Role.ADMIN, Role.AGENT})

# What the web application may have added to its enums is handled as one of the values that we know: work that waits for
# something is in progress, what was added to a scale from low to high is most often `urgent`, and a role that we do not
# know has no power here. Where a ticket was finished by its times, its status is that (models.supportdesk.tables).
NEIGHBOURS: dict[type[StrEnum], StrEnum] = {
    Role: Role.CUSTOMER,
    Status: Status.IN_PROGRESS,
    Priority: Priority.HIGH,
    Category: Category.GENERAL_INQUIRY,
}


def known(values: type[Value], text: str) -> Value:
    """The value of one of SupportDesk's enums, or its neighbour where the web application has added it."""
    try:
        return values(text)
    except ValueError:
        return values(NEIGHBOURS[values])


# Of more digits the database knows no number.
LONGEST_NUMBER = 18

# The id of the one "User" row in whose name tickets stand that refuted mails opened, while nobody knows whose they are.
# By an address anybody could sign up and own them.
UNPROVEN_SENDERS = "supportdesk-unproven-senders"

# The id of the "User" row in whose name old answers stand that bear the desk's own address.
THE_DESK = "supportdesk-the-desk"

# The status of a ticket after its customer wrote again. None: a closed one stays, and a new ticket continues it.
AFTER_CUSTOMER: dict[Status, Status | None] = {
    Status.OPEN: Status.OPEN,
    Status.IN_PROGRESS: Status.IN_PROGRESS,
    Status.RESOLVED: Status.OPEN,
    Status.CLOSED: None,
}

# The status of a ticket after staff answered in public.
AFTER_STAFF: dict[Status, Status] = {
    Status.OPEN: Status.IN_PROGRESS,
    Status.IN_PROGRESS: Status.IN_PROGRESS,
    Status.RESOLVED: Status.RESOLVED,
    Status.CLOSED: Status.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a "User" row: `number` is ours, `user_id` SupportDesk's.

    `role` is the role in the "User" row, `staff_role` the one in mail.staff, None for whoever is not listed there.
    `language` is the code of the language that they chose, empty for that of the desk.
    """

    number: int
    user_id: str
    email: str
    name: str
    role: Role
    staff_role: Role | None = None
    language: str = ""

    @property
    def is_nobody(self) -> bool:
        """True for the row that stands for all unproven senders: it writes nothing and gets no mail."""
        return self.user_id == UNPROVEN_SENDERS

    @property
    def is_staff(self) -> bool:
        """True where mail.staff and the "User" row both say that the person is staff."""
        return self.staff_role is not None and self.role in STAFF_ROLES

    @property
    def is_admin(self) -> bool:
        """True for staff with the role of an admin."""
        return self.is_staff and self.role is Role.ADMIN


def number_in(word: str) -> int | None:
    """The number in a word that names a ticket, as SD-1042, [SD-1042], #1042 or 1042; None where it is no such word."""
    digits = word.strip("[]").lower().removeprefix("sd-").removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER else None


def noun_for(reader: Person) -> str:
    """What a ticket is called in a mail to this reader: customers have requests, and staff have tickets."""
    return "ticket" if reader.is_staff else "request"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands: `number` is ours, `ticket_id` SupportDesk's.

    `unproven` is the address in From of the mail that opened it, where our own mail server refuted that and nobody has
    proven or accepted it since; otherwise empty.
    """

    number: int
    ticket_id: str
    title: str
    description: str
    status: Status
    priority: Priority
    category: Category
    customer: Person
    assignee: Person | None
    created_at: datetime
    unproven: str = ""

    @property
    def tag(self) -> str:
        """The name of the ticket in subjects and texts, such as SD-12."""
        return f"SD-{self.number}"


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A stored file of a ticket; `size` is in bytes, and `head` holds its first 16 bytes.

    By `content_id` its mail may show it in its HTML.
    """

    filename: str
    content_type: str
    size: int
    sha256: bytes
    head: bytes = b""
    content_id: str | None = None
