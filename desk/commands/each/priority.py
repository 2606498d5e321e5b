"""`#priority`: the ticket gets the priority that is named."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, member, on_ticket, takes_member
from desk.ticket import Priority, Ticket
from mail.outbound.catalogue import said


def set_priority(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket has the named priority from now on."""
    priority = member(Priority, argument)
    if priority is None:
        return said("commands.priorities", words=", ".join(Priority))
    return replace(changes, priority=priority), said(f"labels.now_{priority}")


COMMAND = Command(
    name="priority",
    who=(Who.STAFF,),
    judge=on_ticket(set_priority),
    undo=Undo.VALUES,
    takes=" | ".join(Priority),
    example="#priority high",
    internal=True,
    fits=takes_member(Priority),
)
