"""`#help`: the commands that its author may give."""

from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said

INTRODUCTION = said("commands.introduction")


def tell(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The sentence above the list, which is made of the whole table (`desk/commands/obey.py::obey`)."""
    return changes, INTRODUCTION


COMMAND = Command(
    name="help",
    who=(Who.STAFF, Who.OWNER, Who.GUEST),
    judge=tell,
    undo=Undo.NOTHING,
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
)
