"""`#list`: the tickets that its author may see, a row each."""

from collections.abc import Collection
from dataclasses import replace

from desk.commands.arguments.people import find_people, several_fit
from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from desk.commands.reading.ask import Ask, Scope, View
from desk.ticket import Role, noun_for
from mail.outbound.catalogue import said

OF_STAFF = (Scope.MINE, Scope.OPEN, Scope.UNASSIGNED, Scope.WAITING)
OF_CUSTOMERS = (Scope.ALL, Scope.OPEN)


def list_tickets(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The tickets of one of these kinds, or of a colleague; a customer's own requests, all or those not over."""
    wanted, noun = argument.strip().casefold(), noun_for(setting.person)
    if not setting.person.is_staff:
        scope = next((one for one in OF_CUSTOMERS if one == (wanted or Scope.ALL)), None)
        return _asked(changes, Ask(View.LIST, scope), noun) if scope else said("lists.how_for_customers")
    scope = next((one for one in OF_STAFF if one == (wanted or Scope.MINE)), None)
    if scope:
        return _asked(changes, Ask(View.LIST, scope), noun)
    return _of_colleague(argument.strip(), setting, changes)


def _of_colleague(name: str, setting: Setting, changes: Changes) -> Verdict:
    found = find_people(name, setting.staff)
    if len(found) != 1:
        return several_fit(name, found) if found else said("lists.how_for_staff", words=", ".join(OF_STAFF))
    owner = found[0].number
    if owner == setting.person.number:
        return _asked(changes, Ask(View.LIST, Scope.MINE), noun_for(setting.person))
    if setting.person.role is not Role.ADMIN:
        return said("lists.others_are_for_admins")
    ask = Ask(View.LIST, Scope.OWNED, person=owner)
    return replace(changes, ask=ask), said("lists.owned", name=found[0].name)


def _asked(changes: Changes, ask: Ask, noun: str) -> Verdict:
    return replace(changes, ask=ask), said(f"lists.{ask.scope}", noun=noun)


def names_list(argument: str, staff: Collection[str]) -> bool:
    """True for nothing, for a kind of list, and for a name of `staff`."""
    return argument.casefold() in {"", *OF_STAFF, *OF_CUSTOMERS, *staff}


COMMAND = Command(
    name="list",
    who=(Who.STAFF, Who.OWNER),
    judge=list_tickets,
    undo=Undo.NOTHING,
    takes=f"[{' | '.join((*OF_STAFF, 'NAME'))}]",
    customers_take=f"[{Scope.OPEN}]",
    example="#list waiting",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=names_list,
)
