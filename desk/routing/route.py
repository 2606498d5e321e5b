"""The owner of a ticket, chosen among candidates, with the sentence that says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from desk.routing.rules import Assign, Judgement, Strategy
from desk.ticket import Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of staff as routing sees them; `email` is in comparable form, `last_assigned_at` None for never."""

    number: int
    email: str
    name: str
    role: Role
    open_tickets: int
    last_assigned_at: datetime | None
    away: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The owner's number, None for nobody, with the strategy that chose and the sentence that is stored with it."""

    number: int | None
    strategy: Strategy
    sentence: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Candidates who are considered where all earlier tiers are empty; `wording` says so in the sentence."""

    wording: str
    belongs: Callable[[Assign, Candidate], bool]


def _asked_for(assign: Assign, candidate: Candidate) -> bool:
    # Lower-casing bytes folds ASCII letters only, as in the comparable form of the candidate's address.
    among = {address.encode().lower().decode() for address in assign.among}
    return (not among or candidate.email in among) and assign.role in (None, candidate.role)


def _is_agent(_: Assign, candidate: Candidate) -> bool:
    return candidate.role is Role.AGENT


def _is_staff(_: Assign, candidate: Candidate) -> bool:
    return candidate.role is not Role.CUSTOMER


# In this order, and in each first those who are not away: while there is staff, every ticket gets an owner.
TIERS: Final = (
    Tier("", _asked_for),
    Tier(", any agent, as nobody fits", _is_agent),
    Tier(", admins, as there is no agent", _is_staff),
)

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def route(
    judgement: Judgement, default: Assign, candidates: Sequence[Candidate], served_before: int | None = None
) -> Choice:
    """Choose by the rule that assigns, or else by the default; the sentence starts with which of them decided."""
    decided_by = "Default routing" if judgement.assign is None else f"Rule '{judgement.assigned_by}'"
    choice = choose(judgement.assign or default, candidates, served_before)
    return replace(choice, sentence=f"{decided_by}: {choice.sentence}")


def choose(assign: Assign, candidates: Sequence[Candidate], served_before: int | None = None) -> Choice:
    """Choose the owner; `served_before` is the number of the member of staff who had this customer's last ticket.

    Nobody is chosen only where the strategy is none or the desk has no staff at all.
    """
    if assign.strategy is Strategy.NONE:
        return Choice(None, Strategy.NONE, "left without an owner, as the strategy is none")
    staff = [candidate for candidate in candidates if candidate.role is not Role.CUSTOMER]
    for tier in TIERS:
        fitting = [candidate for candidate in staff if tier.belongs(assign, candidate)]
        present = [candidate for candidate in fitting if not candidate.away]
        if fitting:
            wording = tier.wording if present else f"{tier.wording}, all of them away"
            return _pick(assign.strategy, present or fitting, served_before, wording)
    return Choice(None, assign.strategy, "left without an owner, as the desk has no staff")


def _pick(strategy: Strategy, fitting: Sequence[Candidate], served_before: int | None, wording: str) -> Choice:
    last_owner = next((candidate for candidate in fitting if candidate.number == served_before), None)
    if strategy is Strategy.STICKY and last_owner is not None:
        return Choice(last_owner.number, strategy, f"{_name(last_owner)} served this customer last{wording}")
    if strategy is Strategy.ROUND_ROBIN:
        owner = min(fitting, key=_turn)
        last = owner.last_assigned_at
        why = f"{_name(owner)} " + (f"last had one at {last:%Y-%m-%d %H:%M}" if last else "never had one")
        return Choice(owner.number, strategy, f"next in turn of {len(fitting)}{wording} ({why})")
    owner = min(fitting, key=lambda candidate: (candidate.open_tickets, *_turn(candidate)))
    why = f"{_name(owner)} has {owner.open_tickets} open ticket{'' if owner.open_tickets == 1 else 's'}"
    return Choice(owner.number, Strategy.LEAST_LOADED, f"least loaded of {len(fitting)}{wording} ({why})")


def _turn(candidate: Candidate) -> tuple[datetime, int]:
    """The key by which candidates take turns: the longest wait first, and of equals the lower number."""
    return candidate.last_assigned_at or _LONG_AGO, candidate.number


def _name(candidate: Candidate) -> str:
    return candidate.name or candidate.email
