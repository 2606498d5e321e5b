"""`#say`: a text of the desk is sent as the answer of who names it, with what the text changes."""

from dataclasses import replace

from desk.commands.arguments.macros import Macro, Macros, fill, macro_name
from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who, never_without_sign, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import Said, said

# So much is named of texts that are there.
_MOST_NAMES, _LONGEST = 50, 80


def say(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The named text is part of the mail, below its own words; without a name the texts are listed."""
    macros = setting.macros
    if not macros:
        return said("commands.no_texts")
    if not argument:
        return changes, said("commands.texts")
    name = macro_name(argument)
    if name not in macros:
        return said("commands.no_such_text", word=argument[:_LONGEST], names=", ".join(list(macros)[:_MOST_NAMES]))
    macro = macros[name]
    if macro is None:
        return said("commands.broken_text", name=name)
    return _with(macro, ticket, setting, changes), said("commands.says", name=name)


def _with(macro: Macro, ticket: Ticket, setting: Setting, changes: Changes) -> Changes:
    """The changes with those of a text, and its words below those of texts before it."""
    words = (changes.answer, fill(macro, ticket, setting.person))
    return replace(
        changes,
        answer="\n\n".join(part for part in words if part),
        status=macro.status or changes.status,
        priority=macro.priority or changes.priority,
        category=macro.category or changes.category,
        assignee=setting.person.number if macro.mine else changes.assignee,
        note=changes.note or macro.note,
    )


def shown(argument: str, setting: Setting) -> tuple[Said, ...]:
    """The text as it was filled in, or a line for each text that there is."""
    macro = setting.macros.get(macro_name(argument))
    if argument and macro and setting.ticket:
        return (said("formats.plain", text=fill(macro, setting.ticket, setting.person)),)
    return () if argument else _listed(setting.macros)


def _listed(macros: Macros) -> tuple[Said, ...]:
    return tuple(_in_list(name, macro) for name, macro in list(macros.items())[:_MOST_NAMES])


def _in_list(name: str, macro: Macro | None) -> Said:
    if macro is None:
        return said("commands.broken_in_list", name=name)
    return said("formats.plain", text=f"{name}: {macro.first_line}"[:_LONGEST])


COMMAND = Command(
    name="say",
    who=(Who.STAFF,),
    judge=on_ticket(say),
    undo=Undo.VALUES,
    takes="[NAME]",
    example="#say refund",
    fits=never_without_sign,
    detail=shown,
    in_lists=True,
)
