"""The people whom a change may be told to: who looks after the ticket, who watches it, who reads a comment."""

import unicodedata
from collections.abc import Iterator

from desk.commands.merging import is_shown
from desk.notices.events import ChangeSet
from desk.ticket import Person


def owners(change_set: ChangeSet) -> tuple[Person, ...]:
    """The people who look after the ticket: its assignee, or the admins where it has none who is staff."""
    owner = change_set.ticket.assignee if change_set.ticket else None
    return (owner,) if owner and owner.is_staff else change_set.admins


def workers(change_set: ChangeSet) -> tuple[Person, ...]:
    """The people who look after the ticket, and those who watch it and whom SupportDesk still shows it to."""
    ticket = change_set.ticket
    return (*owners(change_set), *(one for one in change_set.watchers if ticket and is_shown(one, ticket)))


def all_but(person: Person | None, people: tuple[Person, ...]) -> Iterator[Person]:
    """These people without the one who knows of it, in their order."""
    return (one for one in people if person is None or one.number != person.number)


def has_words(text: str) -> bool:
    """True where a text holds more than white space, controls and signs that show nothing (categories Z and C)."""
    return any(unicodedata.category(sign)[0] not in "ZC" for sign in text)


def audience(change_set: ChangeSet, author: Person | None) -> tuple[Person, ...]:
    """A comment of staff goes to all participants, an accepted note of somebody else to the customer.

    Every other comment goes to staff only.
    """
    if author and author.is_staff:
        return change_set.participants
    accepted = change_set.actor is not None and change_set.actor.is_staff
    return (change_set.ticket.customer,) if accepted and author and change_set.ticket else ()
