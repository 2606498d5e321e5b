"""What a sentence or a mail of ours tells people to run, and what a test starts by name, is a command that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from worker.cli.main import main

ROOT = Path(__file__).parents[2]
# Between backquotes, behind a colon, or set off in a template; further words may be arguments.
NAMED = re.compile(r"(?:`|: +|<b>)supportdesk((?: [a-z-]+(?=[\s`<\"']|\\n|$))+)")
WRITTEN = (
    *(path for room in ("desk", "models", "worker", "seed") for path in sorted((ROOT / room).rglob("*.py"))),
    *(path for end in ("txt", "html") for path in sorted((ROOT / "templates").rglob(f"*.{end}"))),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "README.md",
)
# Git is asked for by README, a shell is on every machine; where `ip` and `umount` are not, their tests are skipped.
KNOWN = {"git", "sh", "/bin/sh", "ip", "umount", "node"}
CALLS = {"run", "Popen", "check_output", "check_call", "call"}


def named() -> Iterator[tuple[str, str]]:
    """Each command with where it is named."""
    for path in WRITTEN:
        for words in NAMED.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), words.strip()


def missing(words: str) -> str:
    """The first word of a command line that is none; empty where the command is there."""
    command: click.Command | None = main
    for word in words.split():
        if not isinstance(command, click.Group) or word.startswith("-"):
            return ""
        command = command.get_command(click.Context(command), word)
        if command is None:
            return word
    return ""


def test_each_command_that_people_are_told_of_is_there() -> None:
    assert [(place, words) for place, words in named() if missing(words)] == []


@pytest.mark.parametrize(
    "words", ["user staff add", "loop reset", "reconcile --repair", "quarantine retry", "db repair"]
)
def test_the_advice_of_sentences_and_mails_is_among_what_is_looked_at(words: str) -> None:
    assert words in {found for _, found in named()}


@pytest.mark.parametrize(("words", "wrong"), [("user add", "add"), ("users", "users"), ("poll support", "")])
def test_a_command_that_is_not_there_is_seen(words: str, wrong: str) -> None:
    assert missing(words) == wrong


def started_by_name() -> Iterator[tuple[str, str]]:
    """Each program that a test names as the first word of what it starts, with the file."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=name) | ast.Name(id=name),
                    args=[ast.List(elts=[ast.Constant(value=str(program)), *_]), *_],
                ) if name in CALLS:
                    yield program, path.name


def test_each_program_that_a_test_starts_by_name_is_there_or_looked_for() -> None:
    found = list(started_by_name())

    assert [one for one in found if one[0] not in KNOWN] == []
    assert {"git", "ip", "umount"} <= {program for program, _ in found}
