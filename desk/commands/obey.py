"""All commands of a mail: the changes that they ask for together, and the answer to each."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from desk.commands.command import Changes, Command, CommandAnswer, Order, Setting, Verdict, Who
from desk.commands.each.help import COMMAND as HELP
from desk.commands.table import COMMANDS, GROUPS
from desk.ticket import noun_for
from mail.outbound.catalogue import Said, said

# Nobody types more into one mail, and each of those that read takes its time and its room in the answer.
MOST_COMMANDS, MOST_READ = 50, 10
# Of more mistyped ones a mail is no list of commands, and each is compared with all that there are.
MOST_MISTYPED = 10
# Between two groups of lines.
_GAP = said("formats.plain", text="")


def is_well_formed(order: Order) -> bool:
    """True where the order names a command, and has an argument only where that command takes one."""
    command = COMMANDS.get(order.name)
    return command is not None and not (order.argument and not command.takes)


def is_internal(order: Order) -> bool:
    """True for a matter among staff, so that words beside it may be so too; `#note` keeps them there anyway."""
    command = COMMANDS.get(order.name)
    return command is not None and command.internal


def answer_mistyped(orders: Sequence[Order]) -> tuple[CommandAnswer, ...]:
    """An answer to the first orders that are not well-formed, each with the command that was probably meant."""
    wrong = (order for order in orders if not is_well_formed(order))
    return tuple(
        CommandAnswer(order.line, done=False, sentence=_suggestion(order.name))
        for order in islice(wrong, MOST_MISTYPED)
    )


def _suggestion(name: str) -> Said:
    if name in COMMANDS:
        return said("commands.takes_nothing", name=name)
    near = difflib.get_close_matches(name, COMMANDS, 1)
    return said("commands.did_you_mean", name=name, near=near[0]) if near else said("commands.unknown", name=name)


def obey(orders: Sequence[Order], setting: Setting) -> tuple[Changes, tuple[CommandAnswer, ...]]:
    """The changes that all orders ask for together, and an answer to each order, in the same sequence.

    Of more than MOST_COMMANDS the first one too many is answered for all that follow.
    """
    changes, outcomes = Changes(), list[CommandAnswer]()
    for order in orders[: MOST_COMMANDS + 1]:
        verdict = _judge_unless_too_many(order, setting, changes, outcomes)
        if isinstance(verdict, Said):
            outcomes.append(CommandAnswer(order.line, done=False, sentence=verdict))
            continue
        effects = verdict[0].effects[len(changes.effects) :]
        changes, sentence = verdict
        of_its_own = COMMANDS[order.name].detail(order.argument, setting)
        detail = help_lines(setting) if order.name == HELP.name else of_its_own
        asked = CommandAnswer(order.line, done=True, sentence=sentence, detail=detail, ask=changes.ask)
        outcomes.append(replace(asked, effects=effects))
        changes = replace(changes, ask=None)
    return changes, tuple(outcomes)


def help_lines(setting: Setting) -> tuple[Said, ...]:
    """The help of those commands that the author of a mail may give, a line each; staff, who have many, by groups."""
    noun, lines = noun_for(setting.person), list[Said]()
    for group, commands in GROUPS.items():
        helped = [one.help_line(noun) for one in commands if one.is_for(setting.who)]
        if helped and setting.person.is_staff:
            helped = [*([_GAP] if lines else []), said(f"commands.group_{group}"), *helped]
        lines += helped
    return tuple(lines)


def _judge_unless_too_many(
    order: Order, setting: Setting, changes: Changes, before: Sequence[CommandAnswer]
) -> Verdict:
    if len(before) == MOST_COMMANDS:
        return said("commands.too_many", count=MOST_COMMANDS)
    verdict = _judge(order, setting, changes)
    asks = not isinstance(verdict, Said) and verdict[0].ask is not None
    if asks and sum(one.ask is not None for one in before) >= MOST_READ:
        return said("lists.too_many", count=MOST_READ)
    return verdict


def _judge(order: Order, setting: Setting, changes: Changes) -> Verdict:
    command = COMMANDS.get(order.name)
    if command is None:
        return _suggestion(order.name)
    if not command.is_for(setting.who):
        return _why_not_allowed(command, setting.who)
    if changes.merge_into and not command.after_merge:
        return said("commands.merged_by_now", tag=f"SD-{changes.merge_into}")
    return command.judge(order.argument, setting, changes)


def _why_not_allowed(command: Command, who: Who) -> Said:
    match who:
        case Who.STAFF | Who.ADMIN:
            return said("commands.for_admins" if Who.ADMIN in command.who else "commands.for_customers")
        case Who.OWNER:
            return said("commands.for_staff")
        case Who.GUEST:
            return said("commands.anothers_request")
