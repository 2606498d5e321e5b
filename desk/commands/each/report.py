"""`#report`: an admin gets a report of the desk as it is now."""

from dataclasses import dataclass, replace

from desk.commands.command import Changes, Command, Effect, Needs, Setting, Undo, Verdict, Who, never_without_sign
from mail.outbound.catalogue import said


@dataclass(frozen=True, slots=True)
class AskReport(Effect):
    """The report of this name, in lower case, is made and sent to who asks; an empty name asks what reports there are.

    Which there are is a matter of the settings, and so of who carries it out.
    """

    name: str


def ask_report(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The report of this name; asked for twice in a mail, it comes once."""
    asked = AskReport(" ".join(argument.casefold().split()))
    if asked in changes.effects:
        return said("writing.report_twice", name=asked.name)
    sentence = said("writing.report_comes", name=asked.name) if asked.name else said("writing.reports")
    return replace(changes, effects=(*changes.effects, asked)), sentence


COMMAND = Command(
    name="report",
    who=(Who.ADMIN,),
    judge=ask_report,
    undo=Undo.NOTHING,
    takes="[NAME]",
    example="#report daily",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=never_without_sign,
)
