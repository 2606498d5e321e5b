"""`#category`: the ticket gets the category that is named."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, member, on_ticket, takes_member
from desk.ticket import Category, Ticket
from mail.outbound.catalogue import said


def set_category(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket has the named category from now on."""
    category = member(Category, argument)
    if category is None:
        return said("commands.categories", words=", ".join(Category))
    return replace(changes, category=category), said(f"labels.now_{category}")


COMMAND = Command(
    name="category",
    who=(Who.STAFF,),
    judge=on_ticket(set_category),
    undo=Undo.VALUES,
    takes=" | ".join(Category),
    example="#category billing",
    internal=True,
    fits=takes_member(Category),
)
