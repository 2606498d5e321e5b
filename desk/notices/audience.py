"""The people whom a change may be told to: who looks after the ticket, who watches it, who reads a comment."""

import unicodedata
from collections.abc import Iterator

from desk.commands.merging import is_shown
from desk.notices.events import ChangeSet, Event, EventKind
from desk.ticket import Person, Status
from mail.mime.addresses import Address

ENDED = frozenset({Status.RESOLVED, Status.CLOSED})


def owners(change_set: ChangeSet) -> tuple[Person, ...]:
    """The people who look after the ticket: its assignee, or the admins where it has none who is staff."""
    owner = change_set.ticket.assignee if change_set.ticket else None
    return (owner,) if owner and owner.is_staff else change_set.admins


def workers(change_set: ChangeSet) -> tuple[Person, ...]:
    """The people who look after the ticket, and those who watch it and whom SupportDesk still shows it to."""
    ticket = change_set.ticket
    return (*owners(change_set), *(one for one in change_set.watchers if ticket and is_shown(one, ticket)))


def ends_wait(change_set: ChangeSet) -> bool:
    """True where the ticket waited until somebody who is not staff wrote, or until it was over."""
    if change_set.ticket is None or change_set.ticket.waits_until is None:
        return False
    return any(_is_their_word(event) or event.new in ENDED for event in change_set.events)


def keeps_from_customer(change_set: ChangeSet) -> bool:
    """True where nobody but staff may be told of the ticket yet (desk/commands/each/tell.py)."""
    return change_set.ticket is not None and change_set.ticket.untold and not ends_silence(change_set)


def ends_silence(change_set: ChangeSet) -> bool:
    """True where the customer of a ticket, of which they were told nothing, wrote on it all the same."""
    return change_set.ticket is not None and change_set.ticket.untold and any(map(_is_their_word, change_set.events))


def _is_their_word(event: Event) -> bool:
    remark = event.remark if event.kind is EventKind.COMMENT_ADDED else None
    return remark is not None and remark.author is not None and not remark.author.is_staff


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


def guests_to_tell(change_set: ChangeSet) -> tuple[Address, ...]:
    """The guests of the ticket whom a change set is told to, who must become people before; empty for most."""
    remarks = (event.remark for event in change_set.events if event.kind is EventKind.COMMENT_ADDED)
    answers = (remark for remark in remarks if remark and remark.author and has_words(remark.text))
    if not any(answer.author.is_staff for answer in answers if answer.author):
        return ()
    cause = change_set.cause
    told_already = cause.recipients if cause and cause.has_power else frozenset[str]()
    return tuple(guest for guest in change_set.guests if guest.email not in told_already)
