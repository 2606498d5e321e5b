"""Errors in plain words: the known ones as sentences, the unknown ones untouched."""

import click
import kombu.exceptions
import pytest
import redis.exceptions

from mail.failures import TemporaryFailure
from mail.outbound.render import TemplateFailure
from models.schema.adoption import DatabaseDiffers
from seed.stack.account import NotInstalledError
from worker.cli.errors import EXIT_STATUS, errors_as_sentences, refuse, sentences_of
from worker.runtime.terminal import printable
from worker.settings.load import ConfigFailure

KNOWN = (
    (ConfigFailure(("One.", "Two.")), ("One.", "Two.")),
    (DatabaseDiffers(("The table Ticket is missing.",)), ("The table Ticket is missing.", "Nothing was changed.")),
    (TemplateFailure("No template."), ("No template.",)),
    (TemporaryFailure("The server is busy."), ("The server is busy.",)),
    (NotInstalledError("No PostgreSQL here."), ("No PostgreSQL here.",)),
    (redis.exceptions.ConnectionError("Error 111."), ("The broker cannot be reached: Error 111.",)),
    (kombu.exceptions.OperationalError("refused\nand more"), ("The broker cannot be reached: refused.",)),
)


@pytest.mark.parametrize(("error", "sentences"), KNOWN, ids=[type(error).__qualname__ for error, _ in KNOWN])
def test_a_known_error_has_its_sentences(error: Exception, sentences: tuple[str, ...]) -> None:
    words = sentences_of(error)

    assert words == sentences


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), ConnectionError("x")])
def test_an_error_that_nobody_foresaw_keeps_its_traceback(error: Exception) -> None:
    with pytest.raises(type(error)), errors_as_sentences():
        raise error


def test_a_known_error_ends_the_command_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.exceptions.Exit) as ended, errors_as_sentences():
        raise TemplateFailure("No template.")

    assert (ended.value.exit_code, capsys.readouterr().err) == (EXIT_STATUS, "No template.\n")


def test_a_refusal_writes_to_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.exceptions.Exit):
        refuse("Nothing was done.")

    assert capsys.readouterr() == ("", "Nothing was done.\n")


@pytest.mark.parametrize("letter", ["\x1b", "\n", "\r", "\x9b", "\N{RIGHT-TO-LEFT OVERRIDE}", "\x07"])
def test_a_letter_that_would_move_the_cursor_is_marked(letter: str) -> None:
    shown = printable(f"a{letter}b")

    assert shown == "a\N{REPLACEMENT CHARACTER}b"
