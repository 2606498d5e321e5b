"""Each command, option and argument says in a sentence what it is for, and each command stands in the README."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from worker.cli.main import main

README = Path(__file__).parents[2] / "README.md"
# A sentence begins with a capital letter or an option and ends in a full stop.
SENTENCE = re.compile(r"(?:[A-Z]|--[a-z]).*\.", re.DOTALL)
# The rows of the README's table of commands, such as | `supportdesk loop list \| reset` | … |.
ROW = re.compile(r"^\| `supportdesk (.*?)` \| ", re.MULTILINE)
WORDS = re.compile(r"^[a-z]+(?: [a-z]+)*")


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Each command below another, and that one itself, by the words that call it."""
    yield " ".join(words) or "supportdesk", command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*words, name))


ALL = dict(commands(main))


@pytest.mark.parametrize("words", ALL)
def test_each_command_says_in_a_sentence_what_it_does(words: str) -> None:
    summary = (ALL[words].help or "").split("\n\n")[0].strip()

    assert SENTENCE.fullmatch(summary)


@pytest.mark.parametrize("words", ALL)
def test_each_option_says_in_a_sentence_what_it_does(words: str) -> None:
    options = [one for one in ALL[words].params if isinstance(one, click.Option)]

    silent = [one.opts[0] for one in options if not SENTENCE.fullmatch(one.help or "")]

    assert silent == []


@pytest.mark.parametrize("words", ALL)
def test_each_argument_says_in_a_sentence_what_it_is(words: str) -> None:
    arguments = [one for one in ALL[words].params if isinstance(one, click.Argument)]

    silent = [one.human_readable_name for one in arguments if not SENTENCE.fullmatch(one.help or "")]

    assert silent == []


def test_the_table_of_the_readme_names_each_command_and_no_other() -> None:
    there = {words for words, command in ALL.items() if not isinstance(command, click.Group)}

    assert set(in_the_readme()) == there


def in_the_readme() -> Iterator[str]:
    """Each command of the README's table; a row may name several of a group, as in `loop list \\| reset`."""
    for row in ROW.findall(README.read_text(encoding="utf-8")):
        first, *others = row.split(r" \| ")
        words = WORDS.findall(first)[0].split()
        yield " ".join(words)
        yield from (" ".join((*words[:-1], other)) for other in others)
