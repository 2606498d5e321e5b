"""`#quarantine`: admins see what waits in quarantine, look at a mail there, and have it tried again."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from desk.commands.arguments.people import read_number
from desk.commands.command import Changes, Command, Effect, Needs, Setting, Undo, Verdict, Who
from desk.commands.reading.ask import Ask, View
from mail.outbound.catalogue import said

SHOW, RETRY = "show", "retry"


@dataclass(frozen=True, slots=True)
class TryAgain(Effect):
    """A mail in quarantine, by its number there, is given back to intake."""

    mail: int


def look_into(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The list, one mail of it, or that this mail is tried again."""
    word, _, rest = argument.strip().casefold().partition(" ")
    if not word:
        return replace(changes, ask=Ask(View.QUARANTINE)), said("lists.quarantine")
    number = read_number(rest) if word in {SHOW, RETRY} else None
    if number is None:
        return said("lists.how_to_quarantine")
    if word == SHOW:
        ask = Ask(View.QUARANTINED, mail=number)
        return replace(changes, ask=ask), said("lists.quarantined", number=str(number))
    effects = (*changes.effects, TryAgain(number))
    return replace(changes, effects=effects), said("writing.tried_again", number=str(number))


def retries(argument: str) -> bool:
    """True for what gives a mail back; all else is only shown."""
    return argument.strip().casefold().partition(" ")[0] == RETRY


def names_mail(argument: str, staff: Collection[str]) -> bool:
    """True for nothing, and for one of the two words with a number."""
    word, _, rest = argument.strip().casefold().partition(" ")
    return not word or (word in {SHOW, RETRY} and read_number(rest) is not None)


COMMAND = Command(
    name="quarantine",
    who=(Who.ADMIN,),
    judge=look_into,
    undo=Undo.STAYS,
    takes=f"[{SHOW} | {RETRY} NUMBER]",
    example="#quarantine retry 12",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=names_mail,
    needs_full=retries,
    tells=lambda argument: not retries(argument),
)
