"""`#stop`: a guest takes part in the ticket no longer."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said


def stop(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """Its author gets no more mails about the ticket, which must be somebody else's."""
    if setting.who is Who.OWNER:
        return said("commands.own_request")
    return replace(changes, leaves=True), said("commands.stopped")


COMMAND = Command(
    name="stop",
    who=(Who.OWNER, Who.GUEST),
    judge=on_ticket(stop),
    undo=Undo.STAYS,
)
