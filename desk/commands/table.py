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
    close,
    confirm,
    drop,
    help,
    merge,
    note,
    priority,
    reopen,
    resolve,
    send,
    status,
    stop,
    use,
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
    accept.COMMAND,
    merge.COMMAND,
    use.COMMAND,
    stop.COMMAND,
    away.COMMAND,
    back.COMMAND,
    confirm.COMMAND,
    send.COMMAND,
    drop.COMMAND,
    help.COMMAND,
)
COMMANDS: Mapping[str, Command] = {command.name: command for command in TABLE}
STAFF_MAY, CUSTOMERS_MAY, GUESTS_MAY = (
    tuple(command.name for command in TABLE if who in command.who) for who in (Who.STAFF, Who.OWNER, Who.GUEST)
)
