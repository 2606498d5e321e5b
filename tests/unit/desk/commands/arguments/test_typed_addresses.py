"""An address behind a command, in the ways in which people and mail programs write one: each command reads it alike."""

import pytest

from desk.commands.command import Changes, Circle, Order, Setting
from desk.commands.each.cc import Cc
from desk.commands.each.for_caller import read_caller
from desk.commands.obey import obey
from mail.mime.addresses import Address
from tests.support.values.builders import BOB, CANDIDATES, SUPPORT, a_ticket

DORA = "dora@acme.example"
SETTING = Setting(BOB, a_ticket(), CANDIDATES, circle=Circle(room=3, own=frozenset({SUPPORT})))
WRITTEN = [
    DORA,
    "Dora@Acme.Example",
    f"<{DORA}>",
    f"{DORA}.",
    f"({DORA})",
    f"\u201e{DORA}\u201c",
    f"\u200e{DORA}\u200f",
    f"{DORA} <mailto:{DORA}>",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_address_is_read_alike_behind_each_command(written: str) -> None:
    changes, _ = obey([Order(f"#cc {written}", "cc", written)], SETTING)

    assert changes == Changes(effects=(Cc((DORA,)),))
    assert read_caller(written, SETTING) == Address("", DORA)


def test_a_name_before_the_address_keeps_its_stops() -> None:
    assert read_caller(f'"Dr. Dora Day" <{DORA}>', SETTING) == Address("Dr. Dora Day", DORA)
