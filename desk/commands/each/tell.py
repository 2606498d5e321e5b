"""`#tell`: who phoned is told of the ticket that staff opened for them."""

from dataclasses import dataclass, replace

from desk.commands.command import Changes, Command, Effect, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said


@dataclass(frozen=True, slots=True)
class Tell(Effect):
    """The customer is told of the ticket, with its number and what staff wrote of it."""


def tell(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The customer of a ticket that staff opened gets the mail that tells of it, once."""
    if not ticket.untold or any(isinstance(one, Tell) for one in changes.effects):
        return said("writing.told_before", email=ticket.customer.email)
    told = said("writing.told", email=ticket.customer.email)
    return replace(changes, effects=(*changes.effects, Tell())), told


COMMAND = Command(
    name="tell",
    who=(Who.STAFF,),
    judge=on_ticket(tell),
    undo=Undo.STAYS,
)
