"""`#away`: somebody of the desk gets no new tickets until a day is over."""

from dataclasses import dataclass, replace
from datetime import datetime

from desk.commands.arguments.days import read_absence_end
from desk.commands.command import Changes, Command, Effect, Needs, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said

NOT_ON_A_TICKET = said("commands.not_on_a_ticket")


@dataclass(frozen=True, slots=True)
class Away(Effect):
    """Its author is away until a moment in UTC; one that is over says that they are back."""

    until: datetime
    reason: str


def go_away(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author is away until the end of the day that is named."""
    if not setting.alone:
        return NOT_ON_A_TICKET
    most = setting.limits.absence_days
    until = read_absence_end(argument, setting.now, most)
    if until is None:
        return said("commands.write_until", count=most)
    away = Away(until, "They said #away.")
    return replace(changes, effects=(*changes.effects, away)), said("commands.away", day=f"{until:%Y-%m-%d}")


COMMAND = Command(
    name="away",
    who=(Who.STAFF,),
    judge=go_away,
    undo=Undo.VALUES,
    takes="until DAY",
    example="#away until 2026-12-24",
    needs=Needs.READ,
    anywhere=True,
)
