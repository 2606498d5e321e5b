"""When a ticket may be merged into another one, and the texts that tell people of it."""

import re

from desk.ticket import Person, Role, Status, Ticket

_TICKET = re.compile(r"\[?(?:SD-)?(\d{1,18})\]?", re.IGNORECASE)
HOW_TO_MERGE = "Write #merge and the number of the ticket that this one shall be part of, such as #merge SD-12."


def read_number(argument: str) -> int | None:
    """The ticket number in `12`, `SD-12` or `[SD-12]`; None where the argument is none of these."""
    match = _TICKET.fullmatch(argument.strip())
    return int(match[1]) if match else None


def may_work_on(person: Person, ticket: Ticket) -> bool:
    """True where SupportDesk shows the ticket to this member of staff: all to admins, to agents their own."""
    own = {ticket.customer.number, *([ticket.assignee.number] if ticket.assignee else [])}
    return person.is_staff and (person.role is Role.ADMIN or person.number in own)


def why_not_merge(person: Person, ticket: Ticket, named: int, target: Ticket | None) -> str | None:
    """Why somebody may not merge a ticket into `target`, where the merges of ticket `named` end; None where they may.

    These reasons keep words of one customer from another (docs/security.md#what-goes-out).
    """
    if target is None:
        return f"There is no ticket SD-{named}."
    if target.number == ticket.number:
        itself = named == ticket.number
        return "This is that ticket." if itself else f"SD-{named} is part of this ticket already, so it cannot hold it."
    if not may_work_on(person, target):
        return f"{target.tag} is not assigned to you; its agent can merge the tickets, or an admin."
    if reason := _why_not_one_customers(ticket, target):
        return reason
    if target.status is Status.CLOSED:
        return f"{target.tag} is closed, and an answer to it would open a new ticket; write #reopen there first."
    return None


def _why_not_one_customers(ticket: Ticket, target: Ticket) -> str | None:
    # All unproven senders share one row, and are no one customer.
    for one in (ticket, target):
        if one.customer.is_nobody:
            return f"Nobody knows whose {one.tag} is; say #accept in an answer to a mail about it first."
    if target.customer.number != ticket.customer.number:
        return f"{target.tag} is another customer's; only tickets of one customer are merged."
    return None


def merge_answer(ticket: Ticket, target: Ticket) -> str:
    """The answer to the `#merge` of a ticket."""
    return (
        f"{ticket.tag} is part of {target.tag} now, and closed: mail about it goes there, "
        "and who took part in it takes part there."
    )


def merge_pointer(target: int) -> str:
    """The sentence that sends the participants of a merged ticket to the other one."""
    return f"This request goes on as SD-{target}."


def with_pointer(text: str, target: int) -> str:
    """The last comment on a merged ticket: the text, which may be empty, and the sentence where it goes on."""
    return f"{text}\n\n{merge_pointer(target)}" if text else merge_pointer(target)


def merge_note(ticket: Ticket) -> str:
    """The internal note on the ticket that another was merged into."""
    return f"{ticket.tag} is part of this ticket now. What was written there stays there; mail about it comes here."
