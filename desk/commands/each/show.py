"""`#show`: a ticket with what was written on it."""

from dataclasses import replace

from desk.commands.arguments.people import names_ticket, read_number
from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from desk.commands.reading.ask import Ask, View
from desk.ticket import noun_for
from mail.outbound.catalogue import said


def show(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The conversation of the named ticket, or of the one that the mail is about."""
    return asked_of_ticket(View.SHOW, argument, setting, changes)


def asked_of_ticket(view: View, argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The question about the named ticket, or about the mail's own; whether its author may see it is asked later."""
    own = setting.ticket.number if setting.ticket else None
    number = read_number(argument) if argument else own
    if number is None:
        return said(f"lists.how_to_{view}", noun=noun_for(setting.person))
    return replace(changes, ask=Ask(view, ticket=number)), said(f"lists.{view}", tag=f"SD-{number}")


COMMAND = Command(
    name="show",
    who=(Who.STAFF, Who.OWNER),
    judge=show,
    undo=Undo.NOTHING,
    takes="[SD-NUMBER]",
    example="#show SD-12",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=names_ticket,
)
