"""`#note`: what its author wrote stays among staff."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said


def keep_inside(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The words of the mail, and those behind the command, become an internal note."""
    return replace(changes, note=True), said("commands.stays_internal")


COMMAND = Command(
    name="note",
    who=(Who.STAFF,),
    judge=on_ticket(keep_inside),
    undo=Undo.VALUES,
    takes="[TEXT]",
    example="#note He called twice.",
    after_merge=True,
)
