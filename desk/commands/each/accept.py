"""`#accept`: a stranger's note becomes a comment, or who opened the ticket is believed."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said


def accept(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The note that the mail answers is accepted, or else the sender whom our mail server denied."""
    if setting.answers_note:
        return replace(changes, accept=True), said("commands.note_accepted")
    if ticket.unproven:
        return replace(changes, accept=True), said("commands.sender_accepted", sender=ticket.unproven)
    return said("commands.nothing_to_accept")


COMMAND = Command(
    name="accept",
    who=(Who.STAFF,),
    judge=on_ticket(accept),
    undo=Undo.STAYS,
)
