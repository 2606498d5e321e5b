"""Lines about many tickets: how people write them, and what is none."""

import pytest

from desk.commands.lines.many import named_in_lines, read_many

LINES = [
    ("12 #resolve", (12, "resolve", "")),
    ("SD-15 #assign bob", (15, "assign", "bob")),
    ("#16 #say refund", (16, "say", "refund")),
    ("[SD-17] #close", (17, "close", "")),
    ("sd-17: #Close", (17, "close", "")),
    ("- 12 #resolve", (12, "resolve", "")),
    ("* 12) #note He called, #2 of them.", (12, "note", "He called, #2 of them.")),
    ("\u2022 12. \uff03resolve", (12, "resolve", "")),
    ("\u200b 12 #resolve \ufeff", (12, "resolve", "")),
    ("12\u00a0#resolve", (12, "resolve", "")),
    ("12 #merge SD-13", (12, "merge", "SD-13")),
    ("12 #xyzzy", (12, "xyzzy", "")),
    ("\\* 12 #resolve", (12, "resolve", "")),
    ("12 resolve", None),
    ("#resolve", None),
    ("#resolve 12", None),
    ("12#resolve", None),
    ("12 #5", None),
    ("12 # resolve", None),
    ("> 12 #resolve", None),
    ("12 13 #resolve", None),
    ("12, 13 #resolve", None),
    ("١٢ #resolve", None),
    ("-12 #resolve", None),
    ("1" * 19 + " #resolve", None),
    ("1" * 100_000, None),
    (" " * 100_000 + "#resolve", None),
]


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=range(len(LINES)))
def test_a_line_is_a_ticket_and_a_command_or_none(line: str, wanted: tuple[int, str, str] | None) -> None:
    lines = read_many(f"\n{line}\n\n")

    found = [(one.number, one.order.name, one.order.argument) for one in lines.orders]
    assert found == ([wanted] if wanted else [])
    assert len(lines.others) == (wanted is None and bool(line.strip()))


def test_of_a_line_the_ticket_behind_its_command_is_named_too() -> None:
    assert list(named_in_lines("12 #merge SD-13\nHello 99\n14 #resolve")) == [12, 13, 14]
