"""Guests who are written to: who was added to a ticket by address becomes a person before a mail goes to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from desk.notices.audience import guests_to_tell
from desk.notices.events import ChangeSet
from desk.ticket import Person
from models.db.clock import read_now
from models.people.rows import ensure_person
from models.tickets.participants import welcome_guest


def welcome_guests(session: Session, change_sets: Sequence[ChangeSet]) -> list[ChangeSet]:
    """The change sets, in which the guests whom they are told to take part as people; most stay as they are."""
    told = {guest.email: guest for change_set in change_sets for guest in guests_to_tell(change_set)}
    if not told:
        return list(change_sets)
    now = read_now(session)
    # In the order of their addresses, as everybody makes them, so that no two transactions wait for each other.
    people = {email: ensure_person(session, told[email], now) for email in sorted(told)}
    for email, person in people.items():
        welcome_guest(session, email, person.number)
    return [_with_guests(change_set, people) for change_set in change_sets]


def _with_guests(change_set: ChangeSet, people: Mapping[str, Person]) -> ChangeSet:
    joined = {person.number: person for person in change_set.participants}
    joined |= {people[guest.email].number: people[guest.email] for guest in guests_to_tell(change_set)}
    return replace(change_set, participants=tuple(joined[number] for number in sorted(joined)))
