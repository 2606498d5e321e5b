"""When a ticket may become part of another one, and what is said of that."""

import re

from desk.ticket import Person, Role, Status, Ticket

_TICKET = re.compile(r"\[?(?:SD-)?(\d{1,18})\]?", re.IGNORECASE)
HOW_TO_MERGE = "Write #merge and the number of the ticket that this one shall be part of, such as #merge SD-12."


def read_number(argument: str) -> int | None:
    """The number of the ticket that a command names; None where it names none."""
    found = _TICKET.fullmatch(argument.strip())
    return int(found[1]) if found else None


def may_work_on(person: Person, ticket: Ticket) -> bool:
    """True where SupportDesk shows the ticket to this member of staff: admins see all, agents what is theirs."""
    own = {ticket.customer.number, *([ticket.assignee.number] if ticket.assignee else [])}
    return person.is_staff and (person.role is Role.ADMIN or person.number in own)


def why_not_merge(person: Person, ticket: Ticket, named: int, target: Ticket | None) -> str | None:
    """Why somebody may not make a ticket part of the one where the merges of `named` end; None where they may.

    These reasons keep words of one customer from another (docs/security.md#what-goes-out).
    """
    if target is None:
        return f"There is no ticket SD-{named}."
    if target.number == ticket.number:
        itself = named == ticket.number
        return "This is that ticket." if itself else f"SD-{named} is part of this ticket already, so it cannot hold it."
    if not may_work_on(person, target):
        return f"{target.tag} is not assigned to you; its agent can merge the tickets, or an admin."
    if target.customer.number != ticket.customer.number:
        return f"{target.tag} is another customer's; only tickets of one customer are merged."
    if target.status is Status.CLOSED:
        return f"{target.tag} is closed, and an answer to it would open a new ticket; write #reopen there first."
    return None


def merge_answer(ticket: Ticket, target: Ticket) -> str:
    """What whoever merged a ticket is answered."""
    return (
        f"{ticket.tag} is part of {target.tag} now, and closed: mail about it goes there, "
        "and who took part in it takes part there."
    )


def merge_pointer(target: int) -> str:
    """What the people of a merged ticket are told."""
    return f"This request goes on as SD-{target}."


def with_pointer(text: str, target: int) -> str:
    """The last words on a merged ticket, with where it goes on."""
    return f"{text}\n\n{merge_pointer(target)}" if text else merge_pointer(target)


def merge_note(ticket: Ticket) -> str:
    """What the staff of the other ticket are told, as an internal note."""
    return f"{ticket.tag} is part of this ticket now. What was written there stays there; mail about it comes here."
