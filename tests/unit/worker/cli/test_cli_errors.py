"""Errors in plain words: the known ones as sentences, the unknown ones untouched."""

import click
import kombu.exceptions
import pytest
import redis.exceptions

from mail.failures import TemporaryFailure
from mail.outbound.render import TemplateFailure
from models.schema.adoption import DatabaseDiffers
from seed.stack.account import NotInstalledError
from worker.admin.doctor.finding import BROKER_STEP
from worker.cli.errors import (
    EXIT_STATUS,
    STOPPED,
    STOPPED_STATUS,
    errors_as_sentences,
    refuse,
    sentences_of,
    stopped_as_sentence,
)
from worker.runtime.terminal import printable, printable_lines
from worker.settings.load import ConfigFailure

KNOWN = (
    (ConfigFailure(("One.", "Two.")), ("One.", "Two.")),
    (DatabaseDiffers(("The table Ticket is missing.",)), ("The table Ticket is missing.", "Nothing was changed.")),
    (TemplateFailure("No template."), ("No template.",)),
    (TemporaryFailure("The server is busy."), ("The server is busy.",)),
    (NotInstalledError("No PostgreSQL here."), ("No PostgreSQL here.",)),
    (redis.exceptions.ConnectionError("Error 111."), (f"The broker cannot be reached: Error 111. {BROKER_STEP}",)),
    (kombu.exceptions.OperationalError("away\nand more"), (f"The broker cannot be reached: away. {BROKER_STEP}",)),
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


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_ends_a_command_with_a_sentence(capsys: pytest.CaptureFixture[str], stop: BaseException) -> None:
    with pytest.raises(click.exceptions.Exit) as ended, errors_as_sentences(), stopped_as_sentence():
        raise stop

    assert (ended.value.exit_code, capsys.readouterr().err) == (STOPPED_STATUS, f"\n{STOPPED}\n")


def test_a_refusal_writes_to_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.exceptions.Exit):
        refuse("Nothing was done.")

    assert capsys.readouterr() == ("", "Nothing was done.\n")


CONTROLS = ["\x1b", "\x9b", "\x07", "\x00", "\x7f"]
TURNING = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
EMPTY = [
    *("\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060", "\u2063"),
    *("\u2800", "\u3164", "\ufeff", "\uffa0", "\U000e0041", "\U000e0100", "\U0001d173"),
]


@pytest.mark.parametrize("letter", [*CONTROLS, *TURNING, *EMPTY])
def test_a_sign_that_nobody_sees_is_marked_in_a_text_of_many_lines_too(letter: str) -> None:
    shown = (printable(f"a{letter}b"), printable_lines(f"a{letter}b\n\tc"))

    assert shown == ("a\N{REPLACEMENT CHARACTER}b", "a\N{REPLACEMENT CHARACTER}b\n\tc")


def test_a_picture_stays_one_without_its_selector() -> None:
    assert printable("\N{HEAVY BLACK HEART}\ufe0f") == "\N{HEAVY BLACK HEART}"


@pytest.mark.parametrize("letter", ["\x1b", "\n", "\r", "\x9b", "\N{RIGHT-TO-LEFT OVERRIDE}", "\x07"])
def test_a_letter_that_would_move_the_cursor_is_marked(letter: str) -> None:
    shown = printable(f"a{letter}b")

    assert shown == "a\N{REPLACEMENT CHARACTER}b"
