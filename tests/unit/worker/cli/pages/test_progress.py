"""How far long commands are said to be: one form of words, a line that is written over, or lines now and then."""

import sys
import time

import pytest

from worker.cli import progress as module
from worker.cli.progress import Progress, duration

Errors = pytest.CaptureFixture[str]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the clock shows, the first of them at the start."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: seconds.pop(0))
    return seconds


def test_in_a_log_there_is_a_line_every_half_minute(clock: list[float], capsys: Errors) -> None:
    clock += [0, 1, 20, 31, 50, 62]

    with Progress() as progress:
        for done in (0, 200, 1_200, 2_000, 4_000):
            progress.show("Mails read again", done, 5_000)

    assert capsys.readouterr().err == (
        "Mails read again: 1,200 of 5,000, about 2 min left.\nMails read again: 4,000 of 5,000, about 15 s left.\n"
    )
    assert progress.done == 4_000


def test_on_a_terminal_one_line_is_written_over_and_taken_away(
    clock: list[float], capsys: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock += [0, 1, 1.2, 2]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)

    with Progress() as progress:
        for done in (10, 12, 20):
            progress.show("Tickets archived", done, 60)

    assert capsys.readouterr().err == (
        "\r\x1b[KTickets archived: 10 of 60.\r\x1b[KTickets archived: 20 of 60, about 4 s left.\r\x1b[K"
    )


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([("Mails found", 7, None)], "Mails found: 7."),
        ([("Mails routed", 7, 5)], "Mails routed: 7 of 7."),
        ([("Mails routed", 3, 5), ("Mails routed", 5, 5)], "Mails routed: 5 of 5."),
        ([("Mails found", 900, None), ("Mails taken in", 1, 10)], "Mails taken in: 1 of 10."),
        ([("Files", 1, 10), ("Files", 1, 10)], "Files: 1 of 10."),
    ],
)
def test_the_rest_is_judged_only_where_it_can_be(
    steps: list[tuple[str, int, int | None]], said: str, clock: list[float], capsys: Errors
) -> None:
    clock += [31.0 * step for step in range(len(steps) + 1)]

    progress = Progress()
    for step in steps:
        progress.show(*step)

    assert capsys.readouterr().err.splitlines()[-1] == said


def test_what_is_followed_is_counted(clock: list[float], capsys: Errors) -> None:
    clock += [0, 40, 80]

    assert list(Progress().follow("Mails read again", "ab", 10)) == ["a", "b"]
    assert capsys.readouterr().err == ("Mails read again: 1 of 10.\nMails read again: 2 of 10, about 5 min left.\n")


def test_the_latest_speed_counts(clock: list[float], capsys: Errors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOMENTS", 2)
    clock += [0, 1, 2, 33, 64]

    progress = Progress()
    for done in (1, 10_000, 10_031, 10_062):
        progress.show("Mails taken in", done, 10_072)

    assert capsys.readouterr().err.splitlines()[-1] == "Mails taken in: 10,062 of 10,072, about 10 s left."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (40.4, "40 s"), (89.4, "89 s"), (89.6, "1 min"), (5_000, "83 min"), (5_400, "2 h"), (9_000, "2 h")],
)
def test_a_duration_has_the_unit_that_tells_it_best(seconds: float, words: str) -> None:
    assert duration(seconds) == words
