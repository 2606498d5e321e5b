"""`#status`: the ticket gets the status that is named."""

from desk.commands.command import (
    Changes,
    Command,
    Setting,
    Undo,
    Verdict,
    Who,
    member,
    on_ticket,
    status_change,
    takes_member,
)
from desk.ticket import Status, Ticket
from mail.outbound.catalogue import said


def set_status(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket has the named status from now on."""
    status = member(Status, argument)
    if status is None:
        return said("commands.statuses", words=", ".join(Status))
    return status_change(status, ticket, setting, changes)


COMMAND = Command(
    name="status",
    who=(Who.STAFF,),
    judge=on_ticket(set_status),
    undo=Undo.VALUES,
    takes=" | ".join(Status),
    example="#status in progress",
    fits=takes_member(Status),
)
