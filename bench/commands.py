"""Prints docs/commands.md, made from the commands themselves: `python -m bench.commands > docs/commands.md`."""

import inspect
import sys
import textwrap
from collections.abc import Iterator

import click

from desk.commands.command import Command, Needs, Who, of_nothing
from desk.commands.table import TABLE
from mail.outbound.catalogue import Said, in_english, said
from worker.cli.main import GROUPS, main

HEAD = """\
# The commands

Made by `python -m bench.commands` from what each command says with `--help`; a test compares the two.
The settings are read from the file that `--config` names, before the command or behind it, else from that of
`SUPPORTDESK_CONFIG`, else from `supportdesk.toml` where you stand. `--json` gives what [scripts read](json.md). Where a
command could not do its work it says why in a sentence and ends with status 2, and with 130 where Ctrl-C ended it;
`watch`, `watchman`, `status --watch` and `serve` end with 0 then, and `worker` with 1.
[Running the desk](operations.md) says when to use which.
"""
IN_MAILS = """\
## Commands in mails

Made from `desk/commands/table.py`; [What people do by mail](by-mail.md) tells when one writes them. "Full power" is,
for staff, the signed address of a mail of ours together with the word of their mail server, or a confirmation; for
customers it is one of these two ([Whom the desk believes](security.md#what-a-mail-may-do)).

| command | given by | needs | does | taken back |
| --- | --- | --- | --- | --- |"""
WIDTH = 120


def page() -> str:
    """The whole page, which ends in a line end."""
    commands = dict(leaves(main, ("supportdesk",)))
    tables = [
        [f"| {title} | |", "| --- | --- |", *(row(*one) for one in commands.items() if one[0].split()[1] in places)]
        for title, places in GROUPS.items()
    ]
    sections = [section(words, one) for words, one in commands.items()]
    return "\n\n".join([HEAD.rstrip("\n"), *map("\n".join, tables), *sections, in_mails()]) + "\n"


def in_mails() -> str:
    """The commands that people write in mails, as `#help` lists them, with what only the table says of them."""
    rows = [
        f"| `{cell(one.usage)}` | {', '.join(one.who)} | {needs_of(one)} | {in_english(does_of(one))} | {one.undo} |"
        for one in TABLE
    ]
    return "\n".join([IN_MAILS, *rows])


def does_of(command: Command) -> Said:
    """What a command of a mail does, as staff read it, or as customers do where it is theirs alone."""
    return said(f"commands.does_{command.name}", noun="ticket" if command.is_for(Who.ADMIN) else "request")


def needs_of(command: Command) -> str:
    """What a mail must show before a command counts."""
    return command.needs if command.needs_full is of_nothing else f"{command.needs}, for some of it {Needs.FULL}"


def row(words: str, command: click.Command) -> str:
    """A command in the table of its group."""
    return f"| [`{words}`](#{words.replace(' ', '-')}) | {cell(summary(command))} |"


def leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Each command that does something, with the words that call it, in the order of the program's table."""
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if inner is not None:
            yield from leaves(inner, (*words, name))


def section(words: str, command: click.Command) -> str:
    """What there is to know of one command: how it is called, what it does, and each argument and option."""
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    lines = [f"## {words}", "", "```text", f"{words} {usage}".rstrip(), "```"]
    for paragraph in paragraphs(command):
        lines += ["", textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)]
    described = [item(one) for one in command.params if not getattr(one, "hidden", False)]
    return "\n".join([*lines, *([""] if described else []), *described])


def paragraphs(command: click.Command) -> list[str]:
    """The help of a command, each paragraph as one line."""
    return [" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n")]


def summary(command: click.Command) -> str:
    """The first paragraph of the help."""
    return paragraphs(command)[0]


def item(parameter: click.Parameter) -> str:
    """A line about an argument or option."""
    context = click.Context(click.Command("any"))
    name, text = parameter.make_metavar(context), ""
    if isinstance(parameter, click.Option):
        value = "" if parameter.is_flag or parameter.count else f" {name}"
        spelled = [*parameter.opts, *parameter.secondary_opts]
        name = f"{', '.join(spelled)}{value}"
    text = f"{getattr(parameter, 'help', None) or ''} {given(parameter)}"
    return textwrap.fill(
        f"- `{name}`: {' '.join(text.split())}", WIDTH, subsequent_indent="  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def given(parameter: click.Parameter) -> str:
    """What an option has without being given, and its bounds, where it has them."""
    is_said = isinstance(parameter, click.Option) and not parameter.is_flag and not callable(parameter.default)
    default = parameter.default if is_said and isinstance(parameter.default, (int, float, str)) else None
    bounds = parameter.type if isinstance(parameter.type, click.IntRange) else None
    words = [f"Default: {default}."] if default not in (None, "") else []
    if bounds and bounds.min is not None:
        words.append(f"From {bounds.min} to {bounds.max}." if bounds.max is not None else f"From {bounds.min}.")
    return " ".join(words)


def cell(text: str) -> str:
    """A text in a cell of a table."""
    return text.replace("|", r"\|")


if __name__ == "__main__":
    sys.stdout.write(page())
