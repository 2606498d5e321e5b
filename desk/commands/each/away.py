"""`#away`: somebody of the desk gets no new tickets until a day is over."""

from dataclasses import dataclass, replace
from datetime import datetime

from desk.commands.arguments.days import read_absence_end
from desk.commands.arguments.people import find_people, several_fit
from desk.commands.command import Changes, Command, Effect, Needs, Setting, Undo, Verdict, Who
from desk.routing.route import Candidate
from mail.outbound.catalogue import Said, said

NOT_ON_A_TICKET = said("commands.not_on_a_ticket")
FOR = " for "


@dataclass(frozen=True, slots=True)
class Away(Effect):
    """Its author is away until a moment in UTC; one that is over says that they are back."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AwayFor(Effect):
    """A colleague, by number and name, is away in this way; an admin says so."""

    person: int
    name: str
    away: Away


def go_away(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Its author, or whom an admin names, is away until the end of the day that is named."""
    if not setting.alone:
        return NOT_ON_A_TICKET
    day, name = read_for(argument)
    colleague = colleague_of(name, setting)
    if isinstance(colleague, Said):
        return colleague
    most = setting.limits.absence_days
    until = read_absence_end(day, setting.now, most)
    if until is None:
        return said("commands.write_until", count=most)
    shown = f"{until:%Y-%m-%d}"
    if colleague is None:
        away = Away(until, "They said #away.")
        return replace(changes, effects=(*changes.effects, away)), said("commands.away", day=shown)
    effect = AwayFor(colleague.number, colleague.name, Away(until, f"{setting.person.email} said #away for them."))
    sentence = said("writing.away_for", name=colleague.name, day=shown)
    return replace(changes, effects=(*changes.effects, effect)), sentence


def read_for(argument: str) -> tuple[str, str]:
    """What stands before `for`, and the name behind it, empty where there is none."""
    words = f" {' '.join(argument.split())} "
    at = words.casefold().rfind(FOR)
    return (words[:at].strip(), words[at + len(FOR) :].strip()) if at >= 0 else (argument, "")


def colleague_of(name: str, setting: Setting) -> Candidate | Said | None:
    """The colleague for whom an admin acts, None for oneself, or why nobody can be."""
    found = find_people(name, setting.staff) if name else ()
    if not name or [one.number for one in found] == [setting.person.number]:
        return None
    if not setting.person.is_admin:
        return said("writing.others_are_for_admins")
    if len(found) == 1:
        return found[0]
    return several_fit(name, found) if found else said("writing.no_such_colleague", word=name)


def is_for_somebody(argument: str) -> bool:
    """True where a name stands behind `for`."""
    return bool(read_for(argument)[1])


COMMAND = Command(
    name="away",
    who=(Who.STAFF,),
    judge=go_away,
    undo=Undo.VALUES,
    takes="until DAY [for NAME]",
    example="#away until 2026-12-24",
    needs=Needs.READ,
    anywhere=True,
    needs_full=is_for_somebody,
)
