"""A new ticket of what stands below `#split`."""

from dataclasses import replace

from desk.commands.each.split import Split
from desk.intake.new_ticket import open_by_staff
from desk.ticket import Person, Ticket
from mail.mime.addresses import Address
from mail.outbound.catalogue import said
from models.tickets.rows import add_activity
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction, write_ticket


def split_ticket(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: Split) -> Deed:
    """Open a ticket of the same customer, classified and routed as one that came by mail; nothing else is taken along.

    The mail itself stays with the first ticket, so that an answer to it goes there.
    """
    if ticket is None:
        return Deed()
    session, now, customer = transaction.session, transaction.now, ticket.customer
    mail = replace(transaction.mail, subject=effect.title, reply=effect.text, attachments=())
    address = Address(customer.name, customer.email)
    opening = open_by_staff(mail, address, person, transaction.facts, transaction.services.policy)
    new = write_ticket(transaction, opening, customer, person)
    add_activity(session, ticket.ticket_id, person, "updated", f"Split into {new.tag}", now)
    add_activity(session, new.ticket_id, person, "updated", f"Split from {ticket.tag}", now)
    sentence = said("writing.split_into", tag=new.tag, email=customer.email)
    return Deed(instead=sentence, before={"ticket": new.number})
