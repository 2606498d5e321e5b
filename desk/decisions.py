"""What can become of a mail: one value for each, to be carried out or only recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from desk.commands import Changes, Outcome
from desk.events import TooLarge
from desk.routing import Choice
from desk.ticket import Category, Person, Priority
from mail.message import Address

Why = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """The mail becomes a ticket; `continues` is the number of the closed ticket that it goes on from."""

    sender: Address
    title: str
    description: str
    category: Category
    priority: Priority
    owner: Choice
    continues: int | None
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """The mail becomes a comment, changes the ticket, or both; an empty text makes no comment."""

    person: Person
    ticket: int
    text: str
    changes: Changes
    outcomes: tuple[Outcome, ...]
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeepNote:
    """The mail becomes a note that only staff see."""

    sender: Address
    ticket: int
    text: str
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """The mail has no effect; its staff sender is told why at their stored address, and what to do."""

    person: Person
    reason: str
    advice: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotApplied:
    """The mail is recorded and has no effect, on purpose."""

    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The mail waits for an admin: nobody can say whose it is."""

    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The mail is too large to be taken, so it has no effect; its sender is told."""

    sender: Address
    mail: TooLarge
    reason: str
    why: Why = field(default_factory=dict)


Decision = OpenTicket | Act | KeepNote | Hold | NotApplied | Quarantine | Refuse
