"""What the people of a day read out of the desk's mails: how their commands were answered, and the address of a row."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.support.day.programs import plain
from tests.support.day.story import NAMED

OUTCOME = re.compile(r"^(?:Done|Refused|Erledigt|Abgelehnt): +(.+)$", re.MULTILINE)


def filled(text: str, numbers: Mapping[str, int]) -> str:
    """A text with the tags of the tickets that it names, and with the day {soon}, which is five days from now."""
    named = {word: f"SD-{number}" for word, number in numbers.items()} | {
        "soon": f"{datetime.now(UTC) + timedelta(5):%Y-%m-%d}"
    }
    return NAMED.sub(lambda name: named.get(name[1], name[0]), text)


def answered_lines(text: str) -> list[str]:
    """The command lines that a mail answers, in order."""
    return [plain(line) for line in OUTCOME.findall(text)]
