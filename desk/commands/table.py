"""The table of commands, in the order of the answer to `#help`; a new one is a file in `each/` and a line here."""

# A command may be called like a function of Python.
# ruff: noqa: A004

from collections.abc import Mapping
from enum import StrEnum

from desk.commands.command import Command, Who
from desk.commands.each import (
    accept,
    assign,
    away,
    back,
    category,
    cc,
    close,
    confirm,
    drop,
    for_caller,
    help,
    history,
    list,
    merge,
    more,
    note,
    priority,
    quarantine,
    reopen,
    report,
    resolve,
    say,
    search,
    send,
    show,
    split,
    status,
    stop,
    tell,
    undo,
    unwatch,
    use,
    wait,
    watch,
)


class HelpGroup(StrEnum):
    """What staff read above the commands of one kind, as `commands.group_NAME`."""

    TICKET = "ticket"
    WORDS = "words"
    READING = "reading"
    PERSON = "person"
    QUESTIONS = "questions"


GROUPS: Mapping[HelpGroup, tuple[Command, ...]] = {
    HelpGroup.TICKET: (
        resolve.COMMAND,
        close.COMMAND,
        reopen.COMMAND,
        status.COMMAND,
        assign.COMMAND,
        priority.COMMAND,
        category.COMMAND,
        wait.COMMAND,
        merge.COMMAND,
        undo.COMMAND,
    ),
    HelpGroup.WORDS: (
        note.COMMAND,
        say.COMMAND,
        use.COMMAND,
        cc.COMMAND,
        split.COMMAND,
        for_caller.COMMAND,
        tell.COMMAND,
        accept.COMMAND,
    ),
    HelpGroup.READING: (
        list.COMMAND,
        show.COMMAND,
        search.COMMAND,
        history.COMMAND,
        more.COMMAND,
        quarantine.COMMAND,
        report.COMMAND,
    ),
    HelpGroup.PERSON: (watch.COMMAND, unwatch.COMMAND, stop.COMMAND, away.COMMAND, back.COMMAND),
    HelpGroup.QUESTIONS: (confirm.COMMAND, send.COMMAND, drop.COMMAND, help.COMMAND),
}
TABLE: tuple[Command, ...] = tuple(command for commands in GROUPS.values() for command in commands)
COMMANDS: Mapping[str, Command] = {command.name: command for command in TABLE}
ADMINS_MAY, STAFF_MAY, CUSTOMERS_MAY, GUESTS_MAY = (
    tuple(command.name for command in TABLE if command.is_for(who))
    for who in (Who.ADMIN, Who.STAFF, Who.OWNER, Who.GUEST)
)
