"""`#history`: what was done on a ticket, when and by whom."""

from desk.commands.arguments.people import names_ticket
from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from desk.commands.each.show import asked_of_ticket
from desk.commands.reading.ask import View


def tell_history(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The steps of the named ticket, or of the one that the mail is about."""
    return asked_of_ticket(View.HISTORY, argument, setting, changes)


COMMAND = Command(
    name="history",
    who=(Who.STAFF,),
    judge=tell_history,
    undo=Undo.NOTHING,
    takes="[SD-NUMBER]",
    example="#history SD-12",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=names_ticket,
)
