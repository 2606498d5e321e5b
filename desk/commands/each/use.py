"""`#use`: an earlier answer to a like question comes as a draft."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from desk.commands.command import Changes, Command, Effect, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from mail.outbound.catalogue import said

# A mail about a new ticket never shows so many.
MOST_DIGITS = 2


@dataclass(frozen=True, slots=True)
class UseAnswer(Effect):
    """The author wants the answer that their mail about the ticket showed at this place, from 1 on."""

    place: int


def fits(argument: str, staff: Collection[str]) -> bool:
    """True where nothing stands behind the name, or a number."""
    return not argument or _place(argument) is not None


def judge(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """Which of them is there is known to the database alone."""
    place = _place(argument or "1")
    if place is None:
        return said("earlier.how_to_use")
    if any(isinstance(effect, UseAnswer) for effect in changes.effects):
        return said("earlier.one_at_a_time")
    return replace(changes, effects=(*changes.effects, UseAnswer(place))), said("earlier.used", place=place)


def _place(argument: str) -> int | None:
    digits = argument.strip().removeprefix("#")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    return int(digits) if is_number and int(digits) else None


COMMAND = Command(
    name="use",
    who=(Who.STAFF,),
    takes="NUMBER",
    example="#use 1",
    judge=on_ticket(judge),
    undo=Undo.NOTHING,
    fits=fits,
)
