"""What customers are told of tickets that staff opened for them."""

from desk.commands.each.tell import Tell
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import said
from models.events.rows import add_customer_told
from models.tickets.participants import end_silence
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def tell_customer(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: Tell) -> Deed:
    """Let the customer of a ticket be told of it, unless they were meanwhile; that cannot be taken back."""
    if ticket is None:
        return Deed()
    if not end_silence(transaction.session, [ticket.number]):
        return Deed(refused=said("writing.told_before", email=ticket.customer.email))
    add_customer_told(transaction.session, ticket.number, person.number, transaction.row)
    return Deed(before={})
