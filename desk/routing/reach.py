"""What is wrong with routing rules that can all be read: who never matches, has no effect, or assigns to nobody."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from desk.routing.rules import Assign, Rule, RuleBook, Strategy, Then
from desk.ticket import Role, Status

if TYPE_CHECKING:
    from desk.routing.conditions import Condition
    from desk.routing.literals import Domains, Term

# Who is away for longer is not expected back.
FOR_GOOD: Final = timedelta(days=365)


class Fault(StrEnum):
    """What is found wrong with a rule; `--json` has the value."""

    UNREADABLE = "unreadable"
    NEVER = "never"
    NO_EFFECT = "no_effect"
    NOBODY = "nobody"
    UNKNOWN_PERSON = "unknown_person"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """Something wrong with one rule, by its place in the book; None for `[routing]` `default`."""

    place: int | None
    fault: Fault
    sentence: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the staff list: address in comparable form, role, whether it is in force, and until when they are away."""

    email: str
    role: Role
    in_force: bool = True
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule with what it reads and sets, such as `ticket.priority`; `terms` is None where nothing is provable."""

    place: int
    rule: Rule
    reads: frozenset[str]
    sets: frozenset[str]
    terms: "tuple[Term, ...] | None"
    fragile: bool


def find_faults(book: RuleBook, mailboxes: Iterable[str]) -> list[RuleFinding]:
    """The rules that never match, and those whose whole effect others have; `mailboxes` are the names there are.

    Only what is proven from the conditions is named.
    """
    domains = _domains(mailboxes) if book.entries else {}
    entries, findings = list[_Entry](), list[RuleFinding]()
    for place, (rule, condition) in enumerate(book.entries):
        entry, why_never = _read(place, rule, condition, domains)
        entries.append(entry)
        if why_never:
            findings.append(RuleFinding(place, Fault.NEVER, f"can never match: {why_never}"))
    findings += (found for entry in entries for found in _without_effect(entry, entries))
    return sorted(findings, key=lambda one: one.place or 0)


def _read(place: int, rule: Rule, condition: "Condition", domains: "Domains") -> tuple[_Entry, str]:
    """A rule with the terms that can hold, and why none of them can; empty where one can."""
    # Only who has rules has the library, which takes half a second to import.
    from desk.routing.literals import alternatives, is_fragile  # noqa: PLC0415
    from desk.routing.proofs import why_never  # noqa: PLC0415

    expression = condition.rule.statement.expression
    found = alternatives(expression, domains)
    reasons = [why_never(term, domains) for term in found or ()]
    live = tuple(term for term, reason in zip(found or (), reasons, strict=True) if not reason)
    never = "" if found is None or live else (reasons or ["its condition is false"])[0]
    sets = {"ticket.priority": rule.then.priority, "ticket.category": rule.then.category}
    entry = _Entry(
        place=place,
        rule=rule,
        reads=frozenset(f"{of}.{name}" for of, name in condition.reads),
        sets=frozenset(name for name, value in sets.items() if value is not None),
        # A rule that takes nothing is taken by no other.
        terms=live or None,
        fragile=is_fragile(expression),
    )
    return entry, never


def find_nobody(
    rules: Sequence[Rule], default: Assign | None, staff: Sequence[Colleague], now: datetime
) -> list[RuleFinding]:
    """The rules that name people who are not staff, or whose tickets none of those gets whom they name."""
    assigning: list[tuple[int | None, Assign]] = [
        (place, rule.then.assign) for place, rule in enumerate(rules) if rule.then.assign
    ]
    assigning += [(None, default)] if default else []
    return [found for place, assign in assigning for found in _nobody(place, assign, staff, now)]


def _domains(mailboxes: Iterable[str]) -> "Domains":
    # Rules are asked of new tickets only.
    return {"ticket.status": frozenset({str(Status.OPEN)}), "mail.mailbox": frozenset(mailboxes), **_closed()}


def _closed() -> "Domains":
    from desk.routing.grammar import CLOSED  # noqa: PLC0415  as the library

    open_ended = {name: kind for name, kind in CLOSED.items() if name != ("ticket", "status")}
    return {".".join(name): frozenset(str(one) for one in kind) for name, kind in open_ended.items()}


def _without_effect(entry: _Entry, entries: Sequence[_Entry]) -> Iterator[RuleFinding]:
    then, earlier = entry.rule.then, entries[: entry.place]
    dropping = _taken_by(entry, earlier, lambda other: other.drop, is_drop=True)
    if then.drop and (names := _taken_by(entry, earlier, lambda other: other.drop)):
        yield RuleFinding(entry.place, Fault.NO_EFFECT, f"drops nothing: all that it takes is dropped by {names}")
    elif dropping and not then.drop:
        rest = "so it counts only for answers to closed tickets, mail of staff and mail that an admin restored"
        yield RuleFinding(entry.place, Fault.NO_EFFECT, f"takes only what is dropped by {dropping}, {rest}")
    names = _taken_by(entry, earlier, lambda other: other.assign is not None) if then.assign else ""
    if names:
        what = "has no effect" if then == Then(assign=then.assign) else "assigns nothing"
        sentence = f"{what}: all that it takes is assigned by {names}, and the first that assigns wins"
        yield RuleFinding(entry.place, Fault.NO_EFFECT, sentence)


def _taken_by(
    entry: _Entry, earlier: Sequence[_Entry], counts: Callable[[Then], bool], *, is_drop: bool = False
) -> str:
    """The names of the earlier rules that together take all that a rule takes; empty where that is not proven.

    With `is_drop`, what is surely of staff is not taken, for their mail is never dropped.
    """
    from desk.routing.literals import OneOf  # noqa: PLC0415  as the library
    from desk.routing.proofs import holds_with  # noqa: PLC0415  as the library

    others = [one for one in earlier if counts(one.rule.then) and _sees_the_same(one, earlier[one.place + 1 :])]
    names: dict[str, None] = {}
    for term in entry.terms or ():
        roles = [one.values for one in term if isinstance(one, OneOf) and one.subject == "sender.role" and one.holds]
        taker = next((one for one in others if holds_with(term, one.terms or ())), None)
        if taker is None or (is_drop and any(Role.CUSTOMER not in values for values in roles)):
            return ""
        names[f'"{taker.rule.name}"'] = None
    return f"{' and '.join(names)} before it" if names else ""


def _sees_the_same(earlier: _Entry, between: Sequence[_Entry]) -> bool:
    """True where no rule between sets what the earlier one reads; one that can fail on some values proves nothing."""
    return not earlier.fragile and not any(earlier.reads & other.sets for other in between)


def _nobody(place: int | None, assign: Assign, staff: Sequence[Colleague], now: datetime) -> Iterator[RuleFinding]:
    if assign.strategy is Strategy.NONE:
        return
    # Lower-casing bytes folds ASCII letters only, as in the comparable form of an address.
    among = tuple(dict.fromkeys(address.encode().lower().decode() for address in assign.among))
    known = {one.email: one for one in staff}
    for address in among:
        if address not in known:
            yield RuleFinding(place, Fault.UNKNOWN_PERSON, f"names {address}, who is not staff")
        elif not known[address].in_force:
            sentence = f"names {address}, whose account has another address or role than the staff list, or is gone"
            yield RuleFinding(place, Fault.UNKNOWN_PERSON, sentence)
    fitting = [one for one in staff if one.in_force and (not among or one.email in among)]
    fitting = [one for one in fitting if assign.role in (None, one.role)]
    if not fitting:
        who = f"none of those whom it names is {_a(assign.role)}" if among else f"nobody is {_a(assign.role)}"
        yield RuleFinding(place, Fault.NOBODY, f"assigns to nobody: {who}, so {_instead(staff)}")
    elif all(one.away_until is not None and one.away_until > now + FOR_GOOD for one in fitting):
        listed = ", ".join(one.email for one in fitting)
        sentence = f"assigns to nobody who is there: {listed} is away for more than a year"
        yield RuleFinding(place, Fault.NOBODY, sentence)


def _instead(staff: Sequence[Colleague]) -> str:
    """Who gets a ticket where nobody fits (desk/routing/route.py::TIERS)."""
    roles = {one.role for one in staff if one.in_force}
    if Role.AGENT in roles:
        return "any agent gets its tickets"
    return "admins get its tickets" if roles else "its tickets have no owner"


def _a(role: Role | None) -> str:
    return {Role.AGENT: "an agent", Role.ADMIN: "an admin"}.get(role or Role.CUSTOMER, "staff")
