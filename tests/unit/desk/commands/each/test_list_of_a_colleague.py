"""`#list NAME`: a colleague is named there as by every other command."""

from dataclasses import replace

import pytest

from desk.commands.command import Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.reading.ask import Ask, Scope, View
from desk.routing.route import Candidate
from desk.ticket import Role
from tests.support.values.builders import ADA, CANDIDATES, CAT
from tests.support.values.words import english

JOSE = Candidate(
    9, "cal@desk.example", "Jos\N{LATIN SMALL LETTER E WITH ACUTE} Van  Dyk", Role.AGENT, 0, None, away=False
)
SETTING = Setting(ADA, None, (*CANDIDATES, JOSE))


def asked(line: str, setting: Setting = SETTING) -> tuple[Ask | None, str]:
    (outcome,) = obey(parse_reply(line, staff=True).orders, setting)[1]
    return outcome.ask, english(outcome.sentence)


NAMED = [
    ("#list cat", CAT.number),
    ("#list CAT@desk.example", CAT.number),
    ("#list cal", JOSE.number),
    ("#list van d", JOSE.number),
    ("#list dyk", JOSE.number),
    ("#list jose\N{COMBINING ACUTE ACCENT}", JOSE.number),
    ("#list Jos\N{LATIN SMALL LETTER E WITH ACUTE}  van dyk", JOSE.number),
]


@pytest.mark.parametrize(("line", "number"), NAMED)
def test_a_colleague_is_named_by_any_beginning_that_is_theirs_alone(line: str, number: int) -> None:
    ask, _ = asked(line)

    assert ask == Ask(View.LIST, Scope.OWNED, person=number)


def test_a_beginning_of_several_is_refused_with_what_tells_them_apart() -> None:
    ask, told = asked("#list ca")

    assert (ask, told) == (None, "“ca” may be any of: cat, cal. Write more of the name.")


def test_of_two_with_one_name_before_the_sign_the_whole_addresses_are_shown() -> None:
    twin = replace(JOSE, number=10, email="cat@other.example")

    _, told = asked("#list cat", replace(SETTING, staff=(*CANDIDATES, twin)))

    assert "cat@desk.example, cat@other.example" in told


def test_an_empty_name_or_a_word_of_nobody_lists_nothing() -> None:
    assert asked("#list zoe")[0] is None
    assert "Write #list and one of" in asked("#list zoe")[1]
