"""`#wait`: the ticket waits until a moment, and then comes back to its owner."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from desk.commands.arguments.days import Misread, read_moment
from desk.commands.command import Changes, Command, Effect, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Status, Ticket
from mail.outbound.catalogue import Said, said

# These words end a wait.
ENDS = frozenset({"off", "none", "no"})
ENDED = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class PutOff(Effect):
    """The ticket waits until a moment in UTC; None ends that."""

    until: datetime | None


def wait(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket waits until the moment that is named, or no longer; with nothing behind it, it is said until when."""
    waits = _waits_until(ticket, changes)
    if not argument:
        return (changes, said("writing.waits", time=_shown(waits, setting))) if waits else said("writing.how_to_wait")
    if argument.casefold() in ENDS:
        if waits is None:
            return said("writing.waits_for_nothing")
        return _with(changes, None), said("writing.wait_ended")
    if (changes.status or ticket.status) in ENDED:
        return said("writing.is_over")
    until = read_moment(argument, setting.now, setting.zone)
    if isinstance(until, Misread):
        return MISREAD[until]
    return _with(changes, until), said("writing.waits_until", time=_shown(until, setting))


MISREAD: dict[Misread, Said] = {
    Misread.UNKNOWN: said("writing.how_to_wait"),
    Misread.PAST: said("writing.wait_past"),
    Misread.TOO_FAR: said("writing.wait_too_far"),
}


def _with(changes: Changes, until: datetime | None) -> Changes:
    return replace(changes, effects=(*changes.effects, PutOff(until)))


def _waits_until(ticket: Ticket, changes: Changes) -> datetime | None:
    """Until when the ticket waits after the commands that stand above in the same mail."""
    wishes = [one.until for one in changes.effects if isinstance(one, PutOff)]
    return wishes[-1] if wishes else ticket.waits_until


def _shown(moment: datetime, setting: Setting) -> str:
    """A moment as one writes it behind the command, with the difference of its zone from UTC."""
    local = moment.astimezone(setting.zone)
    ahead = local.utcoffset() or timedelta()
    minutes = abs(ahead) // timedelta(minutes=1)
    offset = f"{'-' if ahead < timedelta() else '+'}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
    return f"{local:%Y-%m-%d %H:%M} UTC" + (offset if minutes else "")


def names_a_moment(argument: str, staff: Collection[str]) -> bool:
    """True where a moment is named, or the end of the wait; "wait" alone is a word of letters, too."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return argument.casefold() in ENDS or read_moment(argument, now, UTC) is not Misread.UNKNOWN


COMMAND = Command(
    name="wait",
    who=(Who.STAFF,),
    judge=on_ticket(wait),
    undo=Undo.VALUES,
    takes="[fri | 3d | DATE TIME | off]",
    example="#wait tomorrow 14:00",
    fits=names_a_moment,
)
