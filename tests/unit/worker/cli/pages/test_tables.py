"""Lists at a terminal of 80 columns: what is short is not broken in the middle of a word."""

import pytest

from worker.runtime.terminal import show_table

LONG = "a title that needs far more room than a narrow terminal has for it, beside all the other columns"
COLUMNS = ("ticket", "status", "priority", "customer", "owner", "changed", "title")


def test_short_columns_stay_whole_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    address, moment = "somebody.with.a.long.name@customer.example", "2026-11-30 15:57"

    show_table(COLUMNS, [("SD-123456", "in_progress", "medium", address, address, moment, LONG)])

    shown = capsys.readouterr().out
    assert all(word in shown for word in ("SD-123456", "in_progress", "medium", "2026-11-30"))
    assert max(map(len, shown.splitlines())) <= 80


def test_a_cell_without_a_blank_is_folded_and_nothing_of_it_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    show_table(("number", "folder"), [(1, "x" * 200)])

    assert capsys.readouterr().out.count("x") == 200
