"""`#wait`: the moments that people name, in the zone in which they write them, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk.commands.arguments.days import Misread, read_moment
from desk.commands.command import Changes, CommandAnswer, Setting
from desk.commands.each.wait import PutOff
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.ticket import Status
from tests.support.values.builders import BOB, CANDIDATES, a_ticket
from tests.support.values.words import english

BERLIN = ZoneInfo("Europe/Berlin")
# A Monday, 13:00 in Berlin.
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MOMENTS = [
    ("fri", "2026-11-06 09:00"),
    ("Friday", "2026-11-06 09:00"),
    ("fri.", "2026-11-06 09:00"),
    ("until fri", "2026-11-06 09:00"),
    ("bis Freitag", "2026-11-06 09:00"),
    ("Fr", "2026-11-06 09:00"),
    ("freitag 14 Uhr", "2026-11-06 14:00"),
    ("am Dienstag um 8:30", "2026-11-03 08:30"),
    ("mon", "2026-11-09 09:00"),
    ("Montag 7:00", "2026-11-09 07:00"),
    ("thu 2pm", "2026-11-05 14:00"),
    ("thu at 12 am", "2026-11-05 00:00"),
    ("sonnabend", "2026-11-07 09:00"),
    ("tomorrow", "2026-11-03 09:00"),
    ("tomorrow 14:00", "2026-11-03 14:00"),
    ("morgen 14:00", "2026-11-03 14:00"),
    ("übermorgen", "2026-11-04 09:00"),
    ("today 17:00", "2026-11-02 17:00"),
    ("17:00", "2026-11-02 17:00"),
    ("9:00", "2026-11-03 09:00"),
    ("2h", "2026-11-02 15:00"),
    ("90 min", "2026-11-02 14:30"),
    ("in 2 hours", "2026-11-02 15:00"),
    ("3d", "2026-11-05 09:00"),
    ("3 Tage", "2026-11-05 09:00"),
    ("1d", "2026-11-03 09:00"),
    ("2w", "2026-11-16 09:00"),
    ("2026-12-24", "2026-12-24 09:00"),
    ("2026-12-24 16:30", "2026-12-24 16:30"),
    ("2026-12-24T16:30", "2026-12-24 16:30"),
    ("24.12.", "2026-12-24 09:00"),
    ("24.12.2026 8:00", "2026-12-24 08:00"),
    ("24 December", "2026-12-24 09:00"),
    ("Dec 24 10:00", "2026-12-24 10:00"),
    ("24. Dezember 2026", "2026-12-24 09:00"),
    ("2 January", "2027-01-02 09:00"),
    # Over the end of summer time of the next year.
    ("2027-10-31", "2027-10-31 09:00"),
]


@pytest.mark.parametrize(("text", "local"), MOMENTS)
def test_a_moment_is_read_as_people_write_it_in_their_zone(text: str, local: str) -> None:
    found = read_moment(text, NOW, BERLIN)

    assert isinstance(found, datetime)
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


UNREAD = [
    ("soon", Misread.UNKNOWN),
    ("12", Misread.UNKNOWN),
    ("25:00", Misread.UNKNOWN),
    ("13pm", Misread.UNKNOWN),
    ("2026-02-31", Misread.UNKNOWN),
    ("fri or mon", Misread.UNKNOWN),
    ("for the customer to call back on Friday", Misread.UNKNOWN),
    ("2026-11-02 12:00", Misread.PAST),
    ("2026-11-01", Misread.PAST),
    ("today 9:00", Misread.PAST),
    ("0d", Misread.PAST),
    ("2024-12-24", Misread.PAST),
    ("2028-01-01", Misread.TOO_FAR),
    ("9999w", Misread.TOO_FAR),
    ("400d", Misread.TOO_FAR),
    ("1" * 10_000, Misread.UNKNOWN),
    ("fri " * 10_000, Misread.UNKNOWN),
]


@pytest.mark.parametrize(("text", "why"), UNREAD, ids=lambda one: str(one)[:20])
def test_what_names_no_moment_to_come_within_a_year_is_refused(text: str, why: Misread) -> None:
    assert read_moment(text, NOW, BERLIN) is why


def asked(lines: str, *, waits: datetime | None = None, **ticket: Any) -> tuple[Changes, list[CommandAnswer]]:
    setting = replace(Setting(BOB, a_ticket(waits_until=waits, **ticket), CANDIDATES), now=NOW, zone=BERLIN)
    changes, outcomes = obey(parse_reply(lines, staff=True).orders, setting)
    return changes, list(outcomes)


FRIDAY = datetime(2026, 11, 6, 8, tzinfo=UTC)


def test_a_ticket_waits_and_its_author_reads_until_when_in_their_zone() -> None:
    changes, (outcome,) = asked("#wait fri")

    assert (changes, outcome.done) == (Changes(effects=(PutOff(FRIDAY),)), True)
    assert "waits until 2026-11-06 09:00 UTC+1 and then" in english(outcome.sentence)


# Lines on a ticket that waits or not, whether the last is done, and what is said of it.
SAID = [
    ("#wait", FRIDAY, True, "The ticket waits until 2026-11-06 09:00 UTC+1; #wait off ends it."),
    ("#wait", None, False, "Write #wait and until when"),
    ("#wait off", FRIDAY, True, "The ticket waits no longer."),
    ("#wait none", FRIDAY, True, "The ticket waits no longer."),
    ("#wait off", None, False, "The ticket does not wait."),
    ("#wait soon", None, False, "Write #wait and until when"),
    ("#wait 2026-11-01", None, False, "That is over already"),
    ("#wait 2w\n#wait", None, True, "The ticket waits until 2026-11-16 09:00 UTC+1"),
    ("#wait 400d", None, False, "That is more than a year away"),
    ("#resolve\n#wait fri", None, False, "The ticket is over, so it waits for nothing"),
    ("#wait off\n#wait", FRIDAY, False, "Write #wait and until when"),
]


@pytest.mark.parametrize(("lines", "waits", "done", "sentence"), SAID)
def test_what_is_said_of_a_wait(lines: str, waits: datetime | None, done: bool, sentence: str) -> None:
    _, outcomes = asked(lines, waits=waits)

    assert outcomes[-1].done is done
    assert sentence in english(outcomes[-1].sentence)


def test_a_ticket_that_is_over_waits_for_nothing_until_it_is_reopened() -> None:
    assert not asked("#wait fri", status=Status.CLOSED)[1][0].done
    assert asked("#reopen\n#wait fri", status=Status.CLOSED)[1][1].done


def test_no_moment_is_before_now_or_after_a_year_wherever_it_is_written() -> None:
    for text, _ in MOMENTS:
        for hours in range(-12, 15, 3):
            found = read_moment(text, NOW + timedelta(hours=hours * 5), ZoneInfo(f"Etc/GMT{hours:+d}"))
            assert isinstance(found, Misread) or found.tzinfo is UTC
