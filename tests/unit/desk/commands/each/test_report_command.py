"""`#report`: what admins ask for by it."""

import pytest

from desk.commands.command import Changes, Setting
from desk.commands.each.report import AskReport
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from tests.support.values.builders import ADA
from tests.support.values.words import english

ASKED = [
    ("#report", [""], [True]),
    ("#report daily", ["daily"], [True]),
    ("#Report  Daily  Sales", ["daily sales"], [True]),
    ("#report daily\n#report weekly", ["daily", "weekly"], [True, True]),
    ("#report daily\n#report Daily", ["daily"], [True, False]),
]


@pytest.mark.parametrize(("lines", "names", "done"), ASKED)
def test_an_admin_asks_for_a_report_by_its_name(lines: str, names: list[str], done: list[bool]) -> None:
    changes, outcomes = obey(parse_reply(lines, staff=True).orders, Setting(ADA, None, ()))

    assert changes == Changes(effects=tuple(map(AskReport, names)))
    assert [one.done for one in outcomes] == done
    assert "comes in a mail of its own" in english(outcomes[0].sentence) or not names[0]
