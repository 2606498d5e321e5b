"""What merging writes: the one ticket names the other, and the people of both are told where it goes on."""

from desk.commands import Changes
from desk.merging import goes_on, joined
from desk.ticket import Person, Ticket
from models.merging import merge_ticket
from models.tickets import add_activity, add_comment
from worker.mail_desk import Desk, note

WHY_NOTED = "It tells that another ticket was merged into this one."


def merge(desk: Desk, ticket: Ticket, changes: Changes, actor: Person) -> None:
    """Make a ticket part of the one that the changes name; nothing where they name none."""
    if changes.merge_into is None:
        return
    target = desk.facts.tickets[changes.merge_into].ticket
    merge_ticket(desk.session, ticket.number, target.number, ticket.customer.number)
    add_activity(desk.session, ticket.ticket_id, actor, "updated", f"Merged into {target.tag}", desk.now)
    add_activity(desk.session, target.ticket_id, actor, "updated", f"{ticket.tag} merged into this ticket", desk.now)
    if changes.note:
        add_comment(desk.session, ticket, actor, goes_on(target.number), desk.now)
    note(desk, target.number, actor.number, (joined(ticket), WHY_NOTED))
