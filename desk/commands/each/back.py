"""`#back`: an absence is over."""

from collections.abc import Collection
from dataclasses import replace

from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from desk.commands.each.away import NOT_ON_A_TICKET, Away, AwayFor, colleague_of, is_for_somebody, read_for
from mail.outbound.catalogue import Said, said


def come_back(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author, or whom an admin names, is away no longer."""
    if not setting.alone:
        return NOT_ON_A_TICKET
    further, name = read_for(argument)
    if further or (argument.strip() and not name):
        return said("writing.how_to_back")
    colleague = colleague_of(name, setting)
    if isinstance(colleague, Said):
        return colleague
    if colleague is None:
        here = Away(setting.now, "They said #back.")
        return replace(changes, effects=(*changes.effects, here)), said("commands.back")
    effect = AwayFor(
        colleague.number, colleague.name, Away(setting.now, f"{setting.person.email} said #back for them.")
    )
    return replace(changes, effects=(*changes.effects, effect)), said("writing.back_for", name=colleague.name)


def names_colleague(argument: str, staff: Collection[str]) -> bool:
    """True for nothing, and for `for` with a name of `staff`."""
    further, name = read_for(argument)
    return not argument or (not further and name.casefold() in staff)


COMMAND = Command(
    name="back",
    who=(Who.STAFF,),
    judge=come_back,
    undo=Undo.VALUES,
    takes="[for NAME]",
    example="#back for carol",
    needs=Needs.READ,
    anywhere=True,
    fits=names_colleague,
    needs_full=is_for_somebody,
)
