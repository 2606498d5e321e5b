"""When a ticket may be merged into another one, and the sentences that tell people of it."""

from desk.ticket import Person, Role, Status, Ticket
from mail.outbound.catalogue import Said, said


def may_work_on(person: Person, ticket: Ticket) -> bool:
    """True where SupportDesk shows the ticket to this member of staff: all to admins, to agents their own."""
    own = {ticket.customer.number, *([ticket.assignee.number] if ticket.assignee else [])}
    return person.is_staff and (person.role is Role.ADMIN or person.number in own)


def is_shown(person: Person, ticket: Ticket) -> bool:
    """True where this member of staff sees the ticket in SupportDesk: what they may work on, and what nobody has."""
    return may_work_on(person, ticket) or (person.is_staff and ticket.assignee is None)


def why_not_merge(person: Person, ticket: Ticket, named: int, target: Ticket | None) -> Said | None:
    """Why somebody may not merge a ticket into `target`, where the merges of ticket `named` end; None where they may.

    These reasons keep words of one customer from another (docs/security.md#what-goes-out).
    """
    if target is None:
        return said("commands.no_such_ticket", tag=f"SD-{named}")
    if target.number == ticket.number:
        itself = named == ticket.number
        return said("commands.same_ticket") if itself else said("commands.part_already", tag=f"SD-{named}")
    if not may_work_on(person, target):
        return said("commands.not_yours_to_merge", tag=target.tag)
    if reason := _why_not_one_customers(ticket, target):
        return reason
    if target.status is Status.CLOSED:
        return said("commands.target_closed", tag=target.tag)
    return None


def _why_not_one_customers(ticket: Ticket, target: Ticket) -> Said | None:
    # All unproven senders share one row, and are no one customer.
    for one in (ticket, target):
        if one.customer.is_nobody:
            return said("commands.nobodys", tag=one.tag)
    if target.customer.number != ticket.customer.number:
        return said("commands.another_customers", tag=target.tag)
    return None


def merge_answer(ticket: Ticket, target: Ticket) -> Said:
    """The answer to the `#merge` of a ticket."""
    return said("commands.merged", tag=ticket.tag, target=target.tag)


def merge_pointer(target: Ticket) -> Said:
    """The sentence that sends the participants of a merged ticket to the other one."""
    return said("commands.merge_pointer", tag=target.tag)


def with_pointer(text: str, pointer: str) -> str:
    """The last comment on a merged ticket: the text, which may be empty, and the sentence where it goes on."""
    return f"{text}\n\n{pointer}" if text else pointer


def merge_note(ticket: Ticket) -> Said:
    """The internal note on the ticket that another was merged into."""
    return said("commands.merge_note", tag=ticket.tag)
