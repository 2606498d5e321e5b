"""`#away` and `#back` for a colleague: by admins alone, with full power, for one whom the name means."""

from datetime import UTC, datetime

import pytest

from desk.commands.command import Changes, Effect, Setting
from desk.commands.each.away import Away, AwayFor
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import COMMANDS
from desk.routing.route import Candidate
from desk.ticket import Person, Role
from tests.support.values.builders import ADA, BOB, CANDIDATES, CAT
from tests.support.values.words import english

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CAL = Candidate(9, "cal@desk.example", "Cal", Role.AGENT, 0, None, away=False)
UNTIL = datetime(2026, 12, 25, tzinfo=UTC)


def asked(line: str, person: Person) -> tuple[tuple[Effect, ...], str]:
    """What a line in a mail of its own asks for, and its answer."""
    setting = Setting(person, None, (*CANDIDATES, CAL), now=NOW, alone=True)
    changes, (outcome,) = obey(parse_reply(line, staff=True).orders, setting)
    assert changes == Changes(effects=outcome.effects)
    assert outcome.done == bool(outcome.effects)
    return changes.effects, english(outcome.sentence)


DONE = [
    ("#away until 2026-12-24 for cat", CAT.number, "Cat gets no new tickets until"),
    ("#away until 2026-12-24  FOR  Cat@desk.example", CAT.number, "Cat gets no new tickets until"),
    ("#away until 2026-12-24 for bo", BOB.number, "Bob gets no new tickets until"),
    ("#back for cat", CAT.number, "Cat gets new tickets again."),
    ("#back for BO", BOB.number, "Bob gets new tickets again."),
]


@pytest.mark.parametrize(("line", "number", "sentence"), DONE)
def test_an_admin_acts_for_a_colleague_who_is_told_by_nobody_else(line: str, number: int, sentence: str) -> None:
    ((effect,), told) = asked(line, ADA)

    assert isinstance(effect, AwayFor)
    assert (effect.person, effect.away.reason[:17]) == (number, "ada@desk.example ")
    assert (effect.away.until > NOW) == line.startswith("#away")
    assert sentence in told
    assert "No mail tells them" in told


REFUSED = [
    (ADA, "#away until 2026-12-24 for ca", "may be any of: cat, cal"),
    (ADA, "#away until 2026-12-24 for zoe", "Nobody of the desk is called “zoe”."),
    (ADA, "#away until yesterday for cat", "Write #away until and a day within"),
    (ADA, "#away for cat", "Write #away until and a day within"),
    (ADA, "#back cat", "Write #back for yourself"),
    (ADA, "#back soon for cat", "Write #back for yourself"),
    (ADA, "#back for zoe", "Nobody of the desk is called “zoe”."),
    (BOB, "#away until 2026-12-24 for cat", "Only admins can write that for somebody else."),
    (BOB, "#away until 2026-12-24 for zoe", "Only admins can write that for somebody else."),
    (BOB, "#back for cat", "Only admins can write that for somebody else."),
]


@pytest.mark.parametrize(("person", "line", "sentence"), REFUSED)
def test_for_others_it_is_refused_with_what_to_write(person: Person, line: str, sentence: str) -> None:
    effects, told = asked(line, person)

    assert effects == ()
    assert sentence in told


@pytest.mark.parametrize("line", ["#away until 2026-12-24", "#away until 2026-12-24 for bob", "#back", "#back for bob"])
def test_for_oneself_everybody_of_the_desk_may(line: str) -> None:
    effects, told = asked(line, BOB)

    assert [type(one) for one in effects] == [Away]
    assert told.startswith("You get")


ARGUMENTS = [
    ("away", "until 2026-12-24", "a pass"),
    ("away", "until 2026-12-24 for cat", "full power"),
    ("back", "", "a pass"),
    ("back", "for cat", "full power"),
]


@pytest.mark.parametrize(("name", "argument", "needs"), ARGUMENTS)
def test_for_somebody_else_it_needs_full_power(name: str, argument: str, needs: str) -> None:
    assert COMMANDS[name].needs_for(argument) == needs
    assert not COMMANDS[name].changes_nothing(argument)
