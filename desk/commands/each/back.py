"""`#back`: an absence is over."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from desk.commands.each.away import NOT_ON_A_TICKET, Away
from mail.outbound.catalogue import said


def come_back(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author is away no longer."""
    if not setting.alone:
        return NOT_ON_A_TICKET
    here = Away(setting.now, "They said #back.")
    return replace(changes, effects=(*changes.effects, here)), said("commands.back")


COMMAND = Command(
    name="back",
    who=(Who.STAFF,),
    judge=come_back,
    undo=Undo.VALUES,
    needs=Needs.READ,
    anywhere=True,
)
