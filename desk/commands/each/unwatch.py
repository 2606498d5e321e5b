"""`#unwatch`: somebody of the desk gets no more mails about a ticket that they do not have."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from desk.commands.each.watch import Watch, names_a_ticket, watched_ticket
from mail.outbound.catalogue import Said, said


def unwatch(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author watches the ticket no longer that is named, or that the mail is about; also where it is not shown."""
    ticket = watched_ticket(argument, setting)
    if isinstance(ticket, Said):
        return ticket
    effect = Watch(ticket.number, ends=True)
    return replace(changes, effects=(*changes.effects, effect)), said("writing.watches_no_more", tag=ticket.tag)


COMMAND = Command(
    name="unwatch",
    who=(Who.STAFF,),
    judge=unwatch,
    undo=Undo.VALUES,
    takes="[SD-NUMBER]",
    example="#unwatch SD-12",
    anywhere=True,
    here=True,
    fits=names_a_ticket,
)
