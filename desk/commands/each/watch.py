"""`#watch`: somebody of the desk gets the mails about a ticket that its owner gets."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from desk.commands.arguments.people import read_number
from desk.commands.command import Changes, Command, Effect, Setting, Undo, Verdict, Who
from desk.commands.merging import is_shown
from desk.ticket import Ticket
from mail.outbound.catalogue import Said, said


@dataclass(frozen=True, slots=True)
class Watch(Effect):
    """Its author watches a ticket, given by number, from now on, or with `ends` no longer."""

    ticket: int
    ends: bool = False


def watch(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author watches the ticket that is named, or that the mail is about, where SupportDesk shows it to them."""
    ticket = watched_ticket(argument, setting)
    if isinstance(ticket, Said):
        return ticket
    if not is_shown(setting.person, ticket):
        return said("writing.not_shown", tag=ticket.tag)
    effect = Watch(ticket.number)
    return replace(changes, effects=(*changes.effects, effect)), said("writing.watches", tag=ticket.tag)


def watched_ticket(argument: str, setting: Setting) -> Ticket | Said:
    """The ticket that is named, or without a name the one that the mail is about; or why there is none."""
    if not argument:
        return setting.ticket or said("writing.how_to_watch")
    number = read_number(argument)
    if number is None:
        return said("writing.how_to_watch")
    return setting.tickets.get(number) or said("commands.no_such_ticket", tag=f"SD-{number}")


def names_a_ticket(argument: str, staff: Collection[str]) -> bool:
    """True for the number of a ticket; "watch" alone is a word of letters, too."""
    return read_number(argument) is not None


COMMAND = Command(
    name="watch",
    who=(Who.STAFF,),
    judge=watch,
    undo=Undo.VALUES,
    takes="[SD-NUMBER]",
    example="#watch SD-12",
    anywhere=True,
    here=True,
    fits=names_a_ticket,
)
