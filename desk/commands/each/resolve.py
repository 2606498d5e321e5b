"""`#resolve`: the ticket is solved."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket, status_change
from desk.ticket import Status, Ticket


def resolve(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket is resolved from now on."""
    return status_change(Status.RESOLVED, ticket, setting, changes)


COMMAND = Command(
    name="resolve",
    who=(Who.STAFF,),
    judge=on_ticket(resolve),
    undo=Undo.VALUES,
)
