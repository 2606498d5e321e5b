"""Command lines as a page shows them, parsed to their end by the program that they name, which runs nothing."""

import shlex
from collections.abc import Sequence

import click
from celery.bin.celery import celery

from worker.cli.main import main

OURS = ("supportdesk", "celery")


def program_of(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """The program that a command line starts, which is `supportdesk` or `celery`, and its words."""
    return (main if words[0] == "supportdesk" else celery), list(words[1:])


def parse(program: click.Command, words: Sequence[str]) -> None:
    """Parse a command line to its end; click.UsageError where the program would refuse it.

    Of `celery` the options are looked at alone, for their values ask for the application.
    """
    command, rest = innermost(program, words)
    context = context_of(command)
    if program is not main:
        command.make_parser(context).parse_args(rest)
        return
    command.parse_args(context, rest)
    if command.name == "worker":
        parse(celery, ["worker", *context.params["options"]])


def innermost(command: click.Command, words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """The command that the words call, with the words that are its own; click.UsageError where there is none."""
    rest = list(words)
    while isinstance(command, click.Group):
        context = context_of(command)
        _, rest, _ = command.make_parser(context).parse_args(rest)
        if not rest:
            break
        _, inner, rest = command.resolve_command(context, rest)
        assert inner
        command = inner
    return command, rest


def context_of(command: click.Command) -> click.Context:
    """A context in which the command may be parsed."""
    return command.context_class(command, info_name=command.name, **command.context_settings)


def words_of(line: str) -> list[str]:
    """The words of a command line, without a comment at its end, and without the file that its output goes to."""
    words = shlex.split(line, comments=True)
    return words[: words.index(">")] if ">" in words else words
