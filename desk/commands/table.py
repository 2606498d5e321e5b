"""The table of commands, in the order of the answer to `#help`; a new one is a file in `each/` and a line here."""

# A command may be called like a function of Python.
# ruff: noqa: A004

from collections.abc import Mapping

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

TABLE: tuple[Command, ...] = (
    resolve.COMMAND,
    close.COMMAND,
    reopen.COMMAND,
    status.COMMAND,
    assign.COMMAND,
    priority.COMMAND,
    category.COMMAND,
    note.COMMAND,
    cc.COMMAND,
    split.COMMAND,
    for_caller.COMMAND,
    tell.COMMAND,
    wait.COMMAND,
    watch.COMMAND,
    unwatch.COMMAND,
    say.COMMAND,
    accept.COMMAND,
    merge.COMMAND,
    undo.COMMAND,
    use.COMMAND,
    stop.COMMAND,
    list.COMMAND,
    show.COMMAND,
    search.COMMAND,
    history.COMMAND,
    more.COMMAND,
    away.COMMAND,
    back.COMMAND,
    quarantine.COMMAND,
    report.COMMAND,
    confirm.COMMAND,
    send.COMMAND,
    drop.COMMAND,
    help.COMMAND,
)
COMMANDS: Mapping[str, Command] = {command.name: command for command in TABLE}
ADMINS_MAY, STAFF_MAY, CUSTOMERS_MAY, GUESTS_MAY = (
    tuple(command.name for command in TABLE if command.is_for(who))
    for who in (Who.ADMIN, Who.STAFF, Who.OWNER, Who.GUEST)
)
