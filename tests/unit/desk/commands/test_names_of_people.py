"""How commands name people and tickets: whom a word means, whom it may mean besides, and which number it is."""

from dataclasses import replace

import pytest

from desk.commands.arguments.people import find_people, read_number
from desk.commands.command import Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from tests.support.values.builders import BOB, CANDIDATES, a_ticket
from tests.support.values.words import english

NAMES = (
    ("carol@desk.example", "Carol Jones"),
    ("carl@desk.example", "Carl Öberg"),
    ("dora@desk.example", "Dora"),
    ("dora.k@desk.example", "Dora Klein"),
    ("eva@desk.example", "Eva van Dam"),
    ("eva@other.example", "Eva Lund"),
    ("me.li@desk.example", "Melanie Li"),
)
STAFF = tuple(
    replace(CANDIDATES[0], number=number, email=email, name=name) for number, (email, name) in enumerate(NAMES, 50)
)
BY_NUMBER = {one.number: one.email for one in STAFF}

MEANT = [
    ("caro", ["carol@desk.example"]),
    ("CARO", ["carol@desk.example"]),
    ("car", ["carol@desk.example", "carl@desk.example"]),
    ("carol@desk.example", ["carol@desk.example"]),
    ("carol@", ["carol@desk.example"]),
    ("Carol  Jones", ["carol@desk.example"]),
    ("carol j", ["carol@desk.example"]),
    ("jones", ["carol@desk.example"]),
    ("jo", ["carol@desk.example"]),
    # Who is called exactly so, even where another name goes on.
    ("dora", ["dora@desk.example"]),
    ("dor", ["dora@desk.example", "dora.k@desk.example"]),
    ("kle", ["dora.k@desk.example"]),
    ("van dam", ["eva@desk.example"]),
    ("eva", ["eva@desk.example", "eva@other.example"]),
    ("eva@o", ["eva@other.example"]),
    # As a keyboard writes it, and as a file system does.
    ("öb", ["carl@desk.example"]),
    ("o\u0308b", ["carl@desk.example"]),
    ("ones", []),
    ("desk", []),
    ("%", []),
    (".*", []),
    ("", []),
    (" ", []),
    ("x" * 10_000, []),
]


@pytest.mark.parametrize(("word", "emails"), MEANT, ids=range(len(MEANT)))
def test_people_are_named_by_the_beginning_of_a_name(word: str, emails: list[str]) -> None:
    assert [one.email for one in find_people(word, STAFF)] == emails


ASSIGNED = [
    ("#assign caro", "carol@desk.example", "The ticket is now assigned to Carol Jones."),
    ("#assign car", None, "“car” may be any of: carol, carl. Write more of the name."),
    ("#assign Ev", None, "“Ev” may be any of: eva@desk.example, eva@other.example. Write more of the name."),
    ("#assign mel", "me.li@desk.example", "The ticket is now assigned to Melanie Li."),
    ("#assign zoe", None, "Write #assign and one of: me, none, carol,"),
]


@pytest.mark.parametrize(("line", "owner", "sentence"), ASSIGNED)
def test_a_ticket_goes_to_the_only_one_whose_name_begins_so(line: str, owner: str | None, sentence: str) -> None:
    changes, (answer,) = obey(parse_reply(line, staff=True).orders, Setting(BOB, a_ticket(), STAFF))

    assert BY_NUMBER.get(changes.assignee or 0) == owner
    assert sentence in english(answer.sentence)


NUMBERS = [("SD-12", 12), ("sd-12", 12), ("[SD-12]", 12), (" 12 ", 12), ("#12", 12), ("[12]", 12), ("", None),
           ("SD-", None), ("x12", None), ("#", None), ("12 13", None), ("١٢", None), ("1" * 19, None)]  # fmt: skip


@pytest.mark.parametrize(("argument", "number"), NUMBERS)
def test_a_ticket_is_named_by_its_number(argument: str, number: int | None) -> None:
    assert read_number(argument) == number
