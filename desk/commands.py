"""Commands: what each asks for, who may give it, and how it is answered."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from desk.routing import Candidate
from desk.ticket import Category, Person, Priority, Status, Ticket


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change on a ticket; None leaves a field alone. `assignee` is a person's number, 0 for nobody."""

    status: Status | None = None
    priority: Priority | None = None
    category: Category | None = None
    assignee: int | None = None
    note: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One command's answer: done, or refused and why."""

    line: str
    done: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Order:
    """One command as it was written: its line, its name in lower case and what follows."""

    line: str
    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command is judged by: who gives it, on which ticket, and who else works here."""

    person: Person
    ticket: Ticket
    staff: Sequence[Candidate]


Verdict = tuple[Changes, str] | str
Deed = Callable[[str, Setting, Changes], Verdict]


def _status(status: Status) -> Deed:
    def deed(argument: str, setting: Setting, changes: Changes) -> Verdict:
        if setting.ticket.status is status:
            return f"The ticket is {status.replace('_', ' ')} already."
        return replace(changes, status=status), f"The ticket is now {status.replace('_', ' ')}."

    return deed


def _reopen(argument: str, setting: Setting, changes: Changes) -> Verdict:
    if setting.ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        return "The ticket is open already."
    return replace(changes, status=Status.OPEN), "The ticket is open again."


def _one_of(values: Sequence[str], argument: str) -> str:
    return argument.lower().replace(" ", "_").replace("-", "_") if argument else f"one of: {', '.join(values)}"


def _set_status(argument: str, setting: Setting, changes: Changes) -> Verdict:
    wanted = _one_of(list(Status), argument)
    if wanted not in set(Status):
        return f"A status is one of: {', '.join(Status)}."
    return _status(Status(wanted))("", setting, changes)


def _priority(argument: str, setting: Setting, changes: Changes) -> Verdict:
    wanted = _one_of(list(Priority), argument)
    if wanted not in set(Priority):
        return f"A priority is one of: {', '.join(Priority)}."
    return replace(changes, priority=Priority(wanted)), f"The priority is now {wanted}."


def _category(argument: str, setting: Setting, changes: Changes) -> Verdict:
    wanted = _one_of(list(Category), argument)
    if wanted not in set(Category):
        return f"A category is one of: {', '.join(Category)}."
    return replace(changes, category=Category(wanted)), f"The category is now {wanted.replace('_', ' ')}."


def _who(argument: str, setting: Setting) -> list[Candidate]:
    if argument.lower() == "me":
        return [one for one in setting.staff if one.number == setting.person.number]
    wanted = argument.lower()
    return [one for one in setting.staff if wanted in {one.email, one.email.partition("@")[0], one.name.lower()}]


def _assign(argument: str, setting: Setting, changes: Changes) -> Verdict:
    if argument.lower() == "none":
        return replace(changes, assignee=0), "The ticket belongs to nobody now."
    found = _who(argument, setting)
    if len(found) != 1:
        names = ", ".join(one.email.partition("@")[0] for one in setting.staff)
        return f"Write #assign and one of: me, none, {names}."
    return replace(changes, assignee=found[0].number), f"The ticket is now assigned to {found[0].name}."


def _note(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return replace(changes, note=True), "What you wrote stays internal; the customer does not see it."


def _help(argument: str, setting: Setting, changes: Changes) -> Verdict:
    allowed = COMMANDS if setting.person.is_staff else {name: COMMANDS[name] for name in CUSTOMERS_MAY}
    return changes, "You can write, each on a line of its own: " + ", ".join(f"#{name}" for name in allowed) + "."


COMMANDS: dict[str, Deed] = {
    "resolve": _status(Status.RESOLVED),
    "close": _status(Status.CLOSED),
    "reopen": _reopen,
    "status": _set_status,
    "assign": _assign,
    "priority": _priority,
    "category": _category,
    "note": _note,
    "help": _help,
}

TAKE_NOTHING = frozenset({"resolve", "close", "reopen", "help"})
CUSTOMERS_MAY = ("close", "reopen", "help")


def well_formed(order: Order) -> bool:
    """True where the order names a command and gives it nothing that it does not take."""
    return order.name in COMMANDS and not (order.argument and order.name in TAKE_NOTHING)


def mistyped(orders: Sequence[Order]) -> tuple[Outcome, ...]:
    """The orders that are no command as they stand, each with what was probably meant."""
    wrong = (order for order in orders if not well_formed(order))
    return tuple(Outcome(order.line, done=False, sentence=_suggestion(order.name)) for order in wrong)


def _suggestion(name: str) -> str:
    if name in COMMANDS:
        return f"#{name} takes nothing after it; your text belongs on lines of its own."
    near = difflib.get_close_matches(name, COMMANDS, 1)
    return f"There is no command #{name}" + (f"; did you mean #{near[0]}?" if near else "; #help lists them.")


def obey(orders: Sequence[Order], setting: Setting) -> tuple[Changes, tuple[Outcome, ...]]:
    """Judge each order in turn: the changes they ask for together, and an answer to each."""
    changes, outcomes = Changes(), list[Outcome]()
    for order in orders:
        verdict = _judge(order, setting, changes)
        if isinstance(verdict, str):
            outcomes.append(Outcome(order.line, done=False, sentence=verdict))
            continue
        changes, sentence = verdict
        outcomes.append(Outcome(order.line, done=True, sentence=sentence))
    return changes, tuple(outcomes)


def _judge(order: Order, setting: Setting, changes: Changes) -> Verdict:
    deed = COMMANDS.get(order.name)
    if deed is None:
        return _suggestion(order.name)
    if not setting.person.is_staff and order.name not in CUSTOMERS_MAY:
        return "This command is for the people of the desk."
    return deed(order.argument, setting, changes)
