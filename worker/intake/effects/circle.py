"""Who takes part in a ticket, as `#cc` asks for it."""

from collections.abc import Mapping
from typing import Any

from desk.commands.each.cc import Cc
from desk.ticket import Person, Ticket
from mail.mime.addresses import Address
from models.people.rows import find_person
from models.tickets.participants import add_guest, add_participant, take_off
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def change_circle(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: Cc) -> Deed:
    """Add people to a ticket and take others off; what was before are their addresses, with the names of guests."""
    if ticket is None:
        return Deed()
    for address in effect.added:
        _add(transaction, ticket.number, Address("", address), person.number)
    removed = [[_take_off(transaction, ticket.number, address) or "", address] for address in effect.removed]
    return Deed(before={"added": list(effect.added), "removed": removed})


def change_circle_back(
    transaction: MailTransaction, person: Person, ticket: Ticket | None, before: Mapping[str, Any]
) -> bool:
    """Take off who was added, and let take part again who was removed."""
    if ticket is None:
        return False
    for address in before["added"]:
        _take_off(transaction, ticket.number, address)
    for name, address in before["removed"]:
        _add(transaction, ticket.number, Address(name, address), person.number)
    return True


def _add(transaction: MailTransaction, ticket: int, address: Address, adder: int) -> None:
    """Let somebody take part, or keep them by address until they write or are written to."""
    person = find_person(transaction.session, address.email)
    if person:
        add_participant(transaction.session, ticket, person.number)
    else:
        add_guest(transaction.session, ticket, address, adder)


def _take_off(transaction: MailTransaction, ticket: int, address: str) -> str | None:
    person = find_person(transaction.session, address)
    return take_off(transaction.session, ticket, person.number if person else None, address)
