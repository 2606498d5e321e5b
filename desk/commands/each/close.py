"""`#close`: the ticket is over."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket, status_change
from desk.ticket import Status, Ticket


def close(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket is closed from now on."""
    return status_change(Status.CLOSED, ticket, setting, changes)


COMMAND = Command(
    name="close",
    who=(Who.STAFF, Who.OWNER),
    judge=on_ticket(close),
    undo=Undo.VALUES,
)
