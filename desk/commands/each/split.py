"""`#split`: the words below it become a new ticket of the same customer."""

from dataclasses import dataclass, replace

from desk.commands.command import Changes, Command, Effect, Setting, Undo, Verdict, Who, never_without_sign, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said


@dataclass(frozen=True, slots=True)
class Split(Effect):
    """A new ticket of the same customer: its title, empty for the first line of its text, and its text."""

    title: str
    text: str


def split(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """What stands below the command becomes a ticket, whose number is in the answer once it is written."""
    if not setting.below.strip():
        return said("writing.split_without_text")
    if ticket.customer.is_nobody:
        return said("commands.nobodys", tag=ticket.tag)
    if ticket.untold:
        return said("writing.tell_first", email=ticket.customer.email)
    effect = Split(argument, setting.below)
    return replace(changes, effects=(*changes.effects, effect)), said("writing.split", tag=ticket.tag)


COMMAND = Command(
    name="split",
    who=(Who.STAFF,),
    judge=on_ticket(split),
    undo=Undo.STAYS,
    takes="[TITLE]",
    example="#split Toner is empty",
    # What is below it would become a ticket.
    fits=never_without_sign,
)
