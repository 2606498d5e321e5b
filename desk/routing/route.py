"""Who gets a ticket: one owner chosen among candidates, with the sentence that says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from desk.routing.rules import Assign, Judgement, Strategy
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
    # Lower-casing bytes folds ASCII letters only, as in the comparable form of the candidate's address.
    among = {address.encode().lower().decode() for address in assign.among}
    return (not among or candidate.email in among) and assign.role in (None, candidate.role)


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
    decided_by = "Default routing" if judgement.assign is None else f"Rule '{judgement.assigned_by}'"
    choice = choose(judgement.assign or default, candidates, served_before)
    return replace(choice, sentence=f"{decided_by}: {choice.sentence}")


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
            return _pick(assign.strategy, here or fitting, served_before, words)
    return Choice(None, assign.strategy, "left without an owner, as the desk has no staff")


def _pick(strategy: Strategy, fitting: Sequence[Candidate], served_before: int | None, words: str) -> Choice:
    before = next((one for one in fitting if one.number == served_before), None)
    if strategy is Strategy.STICKY and before is not None:
        return Choice(before.number, strategy, f"{_name(before)} served this customer last{words}")
    if strategy is Strategy.ROUND_ROBIN:
        owner = min(fitting, key=_turn)
        last = owner.last_assigned_at
        why = f"{_name(owner)} " + (f"last had one at {last:%Y-%m-%d %H:%M}" if last else "never had one")
        return Choice(owner.number, strategy, f"next in turn of {len(fitting)}{words} ({why})")
    owner = min(fitting, key=lambda one: (one.open_tickets, *_turn(one)))
    why = f"{_name(owner)} has {owner.open_tickets} open ticket{'' if owner.open_tickets == 1 else 's'}"
    return Choice(owner.number, Strategy.LEAST_LOADED, f"least loaded of {len(fitting)}{words} ({why})")


def _turn(one: Candidate) -> tuple[datetime, int]:
    """Whoever waited longest for a ticket comes first, and of equals the lower number."""
    return one.last_assigned_at or _LONG_AGO, one.number


def _name(one: Candidate) -> str:
    return one.name or one.email
