"""Who gets a ticket: one owner chosen among candidates, with the sentence that says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from desk.rules import Assign, Judgement, Strategy
from desk.ticket import Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the staff as routing sees them; `email` is in comparable form, `last_assigned_at` is None for never."""

    number: int
    email: str
    name: str
    role: Role
    open_tickets: int
    last_assigned_at: datetime | None
    away: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The owner's number, or None for nobody, with the strategy used and the sentence stored beside it."""

    number: int | None
    strategy: Strategy
    sentence: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Whom to ask when all tiers above it are empty, and how the sentence says so."""

    words: str
    belongs: Callable[[Assign, Candidate], bool]


def _asked_for(assign: Assign, candidate: Candidate) -> bool:
    named = not assign.among or candidate.email in map(_comparable, assign.among)
    return named and assign.role in (None, candidate.role)


def _comparable(address: str) -> str:
    # Lower-casing bytes folds ASCII letters only.
    return address.encode().lower().decode()


def _is_agent(_: Assign, candidate: Candidate) -> bool:
    return candidate.role is Role.AGENT


def _is_staff(_: Assign, candidate: Candidate) -> bool:
    return candidate.role is not Role.CUSTOMER


# In this order, in each first those who are here: a ticket is never left without an owner while there is staff.
TIERS: Final = (
    Tier("", _asked_for),
    Tier(", any agent, as nobody fits", _is_agent),
    Tier(", admins, as there is no agent", _is_staff),
)

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def route(
    judgement: Judgement, default: Assign, candidates: Sequence[Candidate], served_before: int | None = None
) -> Choice:
    """Choose by the rule that assigns, else by the default; the sentence starts with what decided."""
    if judgement.assign is None:
        return _told("Default routing", choose(default, candidates, served_before))
    return _told(f"Rule '{judgement.assigned_by}'", choose(judgement.assign, candidates, served_before))


def choose(assign: Assign, candidates: Sequence[Candidate], served_before: int | None = None) -> Choice:
    """Choose the owner; `served_before` is the number of who served this customer last.

    Nobody is chosen only where the strategy says none or the desk has no staff at all.
    """
    if assign.strategy is Strategy.NONE:
        return Choice(None, Strategy.NONE, "left without an owner, as the strategy is none")
    staff = [one for one in candidates if one.role is not Role.CUSTOMER]
    for tier in TIERS:
        fitting = [one for one in staff if tier.belongs(assign, one)]
        here = [one for one in fitting if not one.away]
        if fitting:
            words = tier.words if here else f"{tier.words}, all of them away"
            return _picked(assign.strategy, here or fitting, served_before, words)
    return Choice(None, assign.strategy, "left without an owner, as the desk has no staff")


def _picked(strategy: Strategy, fitting: Sequence[Candidate], served_before: int | None, words: str) -> Choice:
    before = next((one for one in fitting if one.number == served_before), None)
    if strategy is Strategy.STICKY and before is not None:
        return Choice(before.number, strategy, f"{_shown(before)} served this customer last{words}")
    if strategy is Strategy.ROUND_ROBIN:
        owner = min(fitting, key=_turn)
        return Choice(owner.number, strategy, f"next in turn of {len(fitting)}{words} ({_last(owner)})")
    owner = min(fitting, key=_load)
    return Choice(owner.number, Strategy.LEAST_LOADED, f"least loaded of {len(fitting)}{words} ({_busy(owner)})")


def _turn(one: Candidate) -> tuple[datetime, int]:
    return one.last_assigned_at or _LONG_AGO, one.number


def _load(one: Candidate) -> tuple[int, datetime, int]:
    return one.open_tickets, *_turn(one)


def _last(one: Candidate) -> str:
    if one.last_assigned_at is None:
        return f"{_shown(one)} never had one"
    return f"{_shown(one)} last had one at {one.last_assigned_at:%Y-%m-%d %H:%M}"


def _busy(one: Candidate) -> str:
    return f"{_shown(one)} has {one.open_tickets} open ticket{'' if one.open_tickets == 1 else 's'}"


def _shown(one: Candidate) -> str:
    return one.name or one.email


def _told(source: str, choice: Choice) -> Choice:
    return replace(choice, sentence=f"{source}: {choice.sentence}")
