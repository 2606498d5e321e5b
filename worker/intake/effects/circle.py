"""Who takes part in a ticket, as `#cc` asks for it."""

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
        let_take_part(transaction, ticket.number, Address("", address), person.number)
    removed = [[take_off_ticket(transaction, ticket.number, address) or "", address] for address in effect.removed]
    return Deed(before={"added": list(effect.added), "removed": removed})


def let_take_part(transaction: MailTransaction, ticket: int, address: Address, adder: int) -> bool:
    """Let somebody take part, or keep them by address until they write or are written to; False where they did."""
    person = find_person(transaction.session, address.email)
    if person:
        return add_participant(transaction.session, ticket, person.number)
    return add_guest(transaction.session, ticket, address, adder)


def take_off_ticket(transaction: MailTransaction, ticket: int, address: str) -> str | None:
    """Let who has an address take part no longer: the name of a guest, empty for a person; None where neither did."""
    person = find_person(transaction.session, address)
    return take_off(transaction.session, ticket, person.number if person else None, address)
