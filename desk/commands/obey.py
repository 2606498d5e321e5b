"""The table of commands: what each changes on a ticket, who may give it, and the sentence that answers it."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from desk.commands.help import INTRODUCTION, help_lines
from desk.commands.merging import HOW_TO_MERGE, merge_answer, read_number, why_not_merge
from desk.routing.route import Candidate
from desk.ticket import Category, Person, Priority, Status, Ticket, noun_for
from mail.outbound.catalogue import Said, said

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change on a ticket; None leaves a field alone. `assignee` is a person's number, 0 for nobody.

    `accept` lets the note that was answered be a comment, or else believes who opened the ticket; with `leaves` the
    sender takes part no longer. `merge_into` is the number of the ticket that this one becomes part of.
    """

    status: Status | None = None
    priority: Priority | None = None
    category: Category | None = None
    assignee: int | None = None
    note: bool = False
    accept: bool = False
    leaves: bool = False
    merge_into: int | None = None


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The answer to one command: its line as written, whether it was carried out, and the sentence for its author.

    An empty line stands for the mail itself, of which its author is told like of a command.
    `detail` is what a command asked for besides, such as a list, by its lines.
    """

    line: str
    done: bool
    sentence: Said
    detail: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One command line, parsed: the whole line, the name in lower case, and the rest, which may be empty."""

    line: str
    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command is judged by: its author, the ticket, and the staff of the desk.

    `answers_note` says that the mail answers the mail about a note of somebody who is not staff. `tickets` are those
    that the mail names, by the number in the mail; where that ticket was merged, it is the one where its merges end.
    """

    person: Person
    ticket: Ticket
    staff: Sequence[Candidate]
    answers_note: bool = False
    tickets: Mapping[int, Ticket] = field(default_factory=dict)

    @property
    def is_owner(self) -> bool:
        """True where the author is the customer who owns the ticket."""
        return self.person.number == self.ticket.customer.number


# The changes of all commands up to this one with the sentence that answers it, or why it is refused.
Verdict = tuple[Changes, Said] | Said
Command = Callable[[str, Setting, Changes], Verdict]


def _status(status: Status) -> Command:
    def command(argument: str, setting: Setting, changes: Changes) -> Verdict:
        noun = noun_for(setting.person)
        if setting.ticket.status is status:
            return said(f"commands.already_{status}", noun=noun)
        return replace(changes, status=status), said(f"labels.now_{status}", noun=noun)

    return command


def _reopen(argument: str, setting: Setting, changes: Changes) -> Verdict:
    noun = noun_for(setting.person)
    if setting.ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        return said("commands.already_open", noun=noun)
    return replace(changes, status=Status.OPEN), said("commands.open_again", noun=noun)


def _member(kind: type[_E], argument: str) -> _E | None:
    """The member that the argument names, in any case and with spaces or dashes for underscores."""
    wanted = argument.lower().replace(" ", "_").replace("-", "_")
    return next((member for member in kind if member == wanted), None)


def _set_status(argument: str, setting: Setting, changes: Changes) -> Verdict:
    status = _member(Status, argument)
    if status is None:
        return said("commands.statuses", words=", ".join(Status))
    return _status(status)("", setting, changes)


def _priority(argument: str, setting: Setting, changes: Changes) -> Verdict:
    priority = _member(Priority, argument)
    if priority is None:
        return said("commands.priorities", words=", ".join(Priority))
    return replace(changes, priority=priority), said(f"labels.now_{priority}")


def _category(argument: str, setting: Setting, changes: Changes) -> Verdict:
    category = _member(Category, argument)
    if category is None:
        return said("commands.categories", words=", ".join(Category))
    return replace(changes, category=category), said(f"labels.now_{category}")


def _assign(argument: str, setting: Setting, changes: Changes) -> Verdict:
    wanted = argument.lower()
    if wanted == "none":
        return replace(changes, assignee=0), said("commands.with_nobody")
    if wanted == "me":
        fitting = [member for member in setting.staff if member.number == setting.person.number]
    else:
        fitting = [
            member
            for member in setting.staff
            if wanted in {member.email, member.email.partition("@")[0], member.name.lower()}
        ]
    if len(fitting) != 1:
        names = ", ".join(member.email.partition("@")[0] for member in setting.staff)
        return said("commands.how_to_assign", words=f"me, none, {names}")
    return replace(changes, assignee=fitting[0].number), said("commands.assigned", name=fitting[0].name)


def _note(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return replace(changes, note=True), said("commands.stays_internal")


def _accept(argument: str, setting: Setting, changes: Changes) -> Verdict:
    opener = setting.ticket.unproven
    if not setting.answers_note and opener:
        return replace(changes, accept=True), said("commands.sender_accepted", sender=opener)
    if not setting.answers_note:
        return said("commands.nothing_to_accept")
    return replace(changes, accept=True), said("commands.note_accepted")


def _merge(argument: str, setting: Setting, changes: Changes) -> Verdict:
    named = read_number(argument)
    if named is None:
        return HOW_TO_MERGE
    target = setting.tickets.get(named)
    reason = why_not_merge(setting.person, setting.ticket, named, target)
    if reason or target is None:
        return reason or HOW_TO_MERGE
    changes = replace(changes, status=Status.CLOSED, merge_into=target.number)
    return changes, merge_answer(setting.ticket, target)


def _stop(argument: str, setting: Setting, changes: Changes) -> Verdict:
    if setting.is_owner:
        return said("commands.own_request")
    return replace(changes, leaves=True), said("commands.stopped")


def _not_a_question(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return said("commands.not_a_question")


def _waits_for_no_word(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return said("commands.waits_for_no_word")


def _not_on_a_ticket(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return said("commands.not_on_a_ticket")


def _help(argument: str, setting: Setting, changes: Changes) -> Verdict:
    return changes, INTRODUCTION


def _allowed_commands(setting: Setting) -> Sequence[str]:
    if setting.person.is_staff:
        return STAFF_MAY
    return CUSTOMERS_MAY if setting.is_owner else GUESTS_MAY


COMMANDS: dict[str, Command] = {
    "resolve": _status(Status.RESOLVED),
    "close": _status(Status.CLOSED),
    "reopen": _reopen,
    "status": _set_status,
    "assign": _assign,
    "priority": _priority,
    "category": _category,
    "note": _note,
    "accept": _accept,
    "merge": _merge,
    "stop": _stop,
    "away": _not_on_a_ticket,
    "back": _not_on_a_ticket,
    "confirm": _not_a_question,
    "send": _waits_for_no_word,
    "drop": _waits_for_no_word,
    "help": _help,
}

TAKE_NOTHING = frozenset({"resolve", "close", "reopen", "accept", "stop", "back", "confirm", "send", "drop", "help"})
STAFF_MAY = tuple(name for name in COMMANDS if name != "stop")
CUSTOMERS_MAY = ("close", "reopen", "stop", "help")
# Guests take part in somebody else's ticket, so they do not decide when it is over.
GUESTS_MAY = ("stop", "help")
# A merged ticket is not written on; these change nothing on it.
AFTER_MERGE = frozenset({"note", "help"})


def is_well_formed(order: Order) -> bool:
    """True where the order names a command, and has an argument only where that command takes one."""
    return order.name in COMMANDS and not (order.argument and order.name in TAKE_NOTHING)


def answer_mistyped(orders: Sequence[Order]) -> tuple[CommandAnswer, ...]:
    """An answer to each order that is not well-formed, with the command that was probably meant."""
    wrong = (order for order in orders if not is_well_formed(order))
    return tuple(CommandAnswer(order.line, done=False, sentence=_suggestion(order.name)) for order in wrong)


def _suggestion(name: str) -> Said:
    if name in COMMANDS:
        return said("commands.takes_nothing", name=name)
    near = difflib.get_close_matches(name, COMMANDS, 1)
    return said("commands.did_you_mean", name=name, near=near[0]) if near else said("commands.unknown", name=name)


def obey(orders: Sequence[Order], setting: Setting) -> tuple[Changes, tuple[CommandAnswer, ...]]:
    """The changes that all orders ask for together, and an answer to each order, in the same sequence."""
    changes, outcomes = Changes(), list[CommandAnswer]()
    for order in orders:
        verdict = _judge(order, setting, changes)
        if isinstance(verdict, Said):
            outcomes.append(CommandAnswer(order.line, done=False, sentence=verdict))
            continue
        changes, sentence = verdict
        detail = help_lines(setting.person, _allowed_commands(setting)) if order.name == "help" else ()
        outcomes.append(CommandAnswer(order.line, done=True, sentence=sentence, detail=detail))
    return changes, tuple(outcomes)


def _why_not_allowed(setting: Setting) -> Said:
    if setting.person.is_staff:
        return said("commands.for_customers")
    if setting.is_owner:
        return said("commands.for_staff")
    return said("commands.anothers_request")


def _judge(order: Order, setting: Setting, changes: Changes) -> Verdict:
    command = COMMANDS.get(order.name)
    if command is None:
        return _suggestion(order.name)
    if order.name not in _allowed_commands(setting):
        return _why_not_allowed(setting)
    if changes.merge_into and order.name not in AFTER_MERGE:
        return said("commands.merged_by_now", tag=f"SD-{changes.merge_into}")
    return command(order.argument, setting, changes)
