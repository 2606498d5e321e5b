"""`#reopen`: a ticket that is over is open again."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Status, Ticket, noun_for
from mail.outbound.catalogue import said


def reopen(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket is open from now on, where it was over."""
    noun = noun_for(setting.person)
    if ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        return said("commands.already_open", noun=noun)
    return replace(changes, status=Status.OPEN), said("commands.open_again", noun=noun)


COMMAND = Command(
    name="reopen",
    who=(Who.STAFF, Who.OWNER),
    judge=on_ticket(reopen),
    undo=Undo.VALUES,
)
