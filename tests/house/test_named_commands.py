"""What a sentence or a mail of ours tells people to run is a command that there is."""

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
