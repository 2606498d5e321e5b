"""`#merge`: the ticket becomes part of another one of the same customer."""

from dataclasses import replace

from desk.commands.arguments.people import names_ticket, read_number
from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, on_ticket
from desk.commands.merging import merge_answer, why_not_merge
from desk.ticket import Status, Ticket
from mail.outbound.catalogue import said

HOW_TO_MERGE = said("commands.how_to_merge")


def merge(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket is closed and goes on in the named one, or where the merges of that one end."""
    named = read_number(argument)
    if named is None:
        return HOW_TO_MERGE
    target = setting.tickets.get(named)
    reason = why_not_merge(setting.person, ticket, named, target)
    if reason or target is None:
        return reason or HOW_TO_MERGE
    return replace(changes, status=Status.CLOSED, merge_into=target.number), merge_answer(ticket, target)


COMMAND = Command(
    name="merge",
    who=(Who.STAFF,),
    judge=on_ticket(merge),
    undo=Undo.VALUES,
    takes="SD-NUMBER",
    example="#merge SD-12",
    internal=True,
    fits=names_ticket,
    in_lists=True,
)
