"""Lines that were meant as commands, told apart from what people write to customers."""

import pytest

from desk.commands.lines.mistyped import meant_command

STAFF = ("carol", "carol@desk.example", "carol mendes")

# At the top and at the bottom of a text.
WITH_A_SIGN = [
    ("/resolve", "#resolve"),
    ("# resolve", "#resolve"),
    ("#  Resolve", "#resolve"),
    ("/ resolve", "#resolve"),
    ("\\resolve", "#resolve"),
    ("!resolve", "#resolve"),
    ("@resolve", "#resolve"),
    ("/reslove", "#resolve"),
    ("# reslove", "#resolve"),
    ("/close.", "#close"),
    ("*#resolve*", "#resolve"),
    ("- #resolve", "#resolve"),
    ("\u2022 #resolve", "#resolve"),
    ("1. #resolve", None),
    ("[resolve]", "#resolve"),
    ("<resolve>", "#resolve"),
    ("*resolve*", "#resolve"),
    ("_resolve_", "#resolve"),
    ("- resolve", "#resolve"),
    ("\uff03 resolve", "#resolve"),
    ("/note she is angry", "#note she is angry"),
    ("# note", "#note"),
    ("/assign carol", "#assign carol"),
    ("/assign somebody else", "#assign somebody else"),
    ("/priority high", "#priority high"),
    ("/merge SD-12", "#merge SD-12"),
    ("# status in progress", "#status in progress"),
]
# As the first line alone.
WITHOUT = [
    ("resolve", "#resolve"),
    ("Resolve", "#resolve"),
    ("RESOLVE.", "#resolve"),
    ("resolve!", "#resolve"),
    ("reslove", "#resolve"),
    ("resolved", "#resolve"),
    ("close", "#close"),
    ("note", "#note"),
    ("reopen", "#reopen"),
    ("assign carol", "#assign carol"),
    ("assign to carol", "#assign to carol"),
    ("priority high", "#priority high"),
    ("priority: high", "#priority high"),
    ("status in-progress", "#status in-progress"),
    ("category billing", "#category billing"),
    ("merge SD-12", "#merge SD-12"),
    ("help", "#help"),
]
NONE = [
    "",
    "Hello Ann,",
    "Hello",
    "Resolved by the update of today.",
    "We close at five.",
    "Close the lid, please.",
    "Note that it is hot.",
    "- Note that it is hot.",
    "Notes:",
    "Status:",
    "Marge,",
    "Nope",
    "Done.",
    "Yes",
    "Thanks",
    "Priority is ours.",
    "Assign the drive to F:",
    "assign it to the printer",
    "/etc/hosts",
    "/usr/bin/printer",
    "https://desk.example/resolve",
    "> #close",
    "> resolve",
    "| resolve",
    "#1 is the answer.",
    "resolve" * 20,
    "#" * 5000,
    "resolve?",
    "Cloud",
    "---",
    "* * *",
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("line", "meant"), WITH_A_SIGN)
def test_a_name_behind_a_sign_is_meant_as_a_command(line: str, meant: str | None, first: bool) -> None:
    assert meant_command(line, first=first, staff=STAFF) == meant


@pytest.mark.parametrize(("line", "meant"), WITHOUT)
def test_a_name_alone_is_meant_as_one_on_the_first_line_only(line: str, meant: str) -> None:
    assert meant_command(line, first=True, staff=STAFF) == meant
    assert meant_command(line, first=False, staff=STAFF) is None


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("line", NONE)
def test_other_lines_are_meant_as_words(line: str, first: bool) -> None:
    assert meant_command(line, first=first, staff=STAFF) is None
