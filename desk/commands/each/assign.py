"""`#assign`: the ticket goes to somebody of the desk, or to nobody."""

from collections.abc import Collection
from dataclasses import replace

from desk.commands.arguments.people import find_people, several_fit
from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said

# These words name no colleague.
ONESELF, NOBODY = "me", "none"


def assign(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket belongs to the one member of staff whom the word means, or to nobody."""
    wanted = argument.lower()
    if wanted == NOBODY:
        return replace(changes, assignee=0), said("commands.with_nobody")
    own = [member for member in setting.staff if member.number == setting.person.number]
    fitting = own if wanted == ONESELF else find_people(wanted, setting.staff)
    if len(fitting) > 1:
        return several_fit(argument, fitting)
    if not fitting:
        names = ", ".join(member.email.partition("@")[0] for member in setting.staff)
        return said("commands.how_to_assign", words=f"{ONESELF}, {NOBODY}, {names}")
    return replace(changes, assignee=fitting[0].number), said("commands.assigned", name=fitting[0].name)


def names_staff(argument: str, staff: Collection[str]) -> bool:
    """True for nothing, for a word that names no colleague, and for a name of `staff`."""
    return argument.casefold().removeprefix("to ") in {"", ONESELF, NOBODY, *staff}


COMMAND = Command(
    name="assign",
    who=(Who.STAFF,),
    judge=on_ticket(assign),
    undo=Undo.VALUES,
    takes=f"{ONESELF} | NAME | {NOBODY}",
    example="#assign carol",
    internal=True,
    fits=names_staff,
)
