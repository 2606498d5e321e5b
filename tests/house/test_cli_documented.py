"""Each command, option and argument says in a sentence what it is for; each list has pages; all are on their page."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bench.commands import page
from worker.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
# It writes a migration into the checkout that it runs from.
UNTRIED = {"db revision"}
# A sentence begins with a capital letter or an option and ends in a full stop.
SENTENCE = re.compile(r"(?:[A-Z]|--[a-z]).*\.", re.DOTALL)


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
# The commands that list something, by their names or by what they say of themselves.
LISTS = {
    words
    for words, command in ALL.items()
    if not isinstance(command, click.Group) and (words.endswith("list") or (command.help or "").startswith("List "))
}
# Lists that are as long as the settings, the templates, the keys or the staff.
SHORT = {"mailbox list", "template list", "db keys list", "user staff list"}


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


@pytest.mark.parametrize("words", sorted(LISTS))
def test_each_list_is_there_for_scripts_and_where_it_can_be_long_in_pages(words: str) -> None:
    given = {name for one in ALL[words].params for name in one.opts}

    assert "--json" in given
    assert words in SHORT or ("--most" in given and given & {"--before", "--after"})


def test_what_lists_is_known() -> None:
    assert {"ticket list", "ticket search", "mail large", "mail dropped", "quarantine list"} <= LISTS
    assert LISTS >= SHORT


def test_the_page_of_the_commands_is_made_from_them() -> None:
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")

    assert text == page(), "say: python -m bench.commands > docs/commands.md"


def test_the_page_of_the_commands_has_each_of_them() -> None:
    rows = re.findall(r"^\| \[`supportdesk (.*?)`\]", page(), re.MULTILINE)

    there = {words for words, command in ALL.items() if not isinstance(command, click.Group)}
    assert (set(rows), len(rows)) == (there, len(there))


def test_each_file_of_commands_is_in_the_table_of_the_program() -> None:
    files = {f"worker.cli.commands.{path.stem}" for path in (ROOT / "worker/cli/commands").glob("[a-z]*.py")}

    assert files == {place.partition(":")[0] for place in COMMANDS.values()}


def test_each_command_is_run_by_a_test() -> None:
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file.parent.name != "house"]
    texts = [file.read_text(encoding="utf-8") for file in files]

    there = {words for words, command in ALL.items() if not isinstance(command, click.Group)}
    assert {words for words in there if not any(is_run_in(text, words) for text in texts)} == UNTRIED


def is_run_in(text: str, words: str) -> bool:
    """Whether tests run a command: they run the program, and its words are there as one string or as one each."""
    runs = "supportdesk(" in text or "worker.cli" in text
    return runs and (f"supportdesk {words}" in text or all(f'"{word}"' in text for word in words.split()))
