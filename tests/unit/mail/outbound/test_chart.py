"""Promises of the daily picture: it is a PNG of the right size, says its numbers, and never fails on a name."""

import struct

import pytest

from mail.outbound.chart import daily_chart
from mail.outbound.day_count import DayCount
from tests.support.values.words import ENGLISH

DAYS = tuple(DayCount(f"{day} Nov", day % 7, day % 5) for day in range(8, 22))
AGENTS = (("Ines Laurent", 9), ("Ben Castellanos", 11))


def test_the_picture_is_a_png_of_twice_600_by_260() -> None:
    png = daily_chart(DAYS, AGENTS, ENGLISH).png

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1200, 520)


def test_the_words_say_what_the_picture_shows() -> None:
    chart = daily_chart(DAYS, AGENTS, ENGLISH)

    assert chart.alt == (
        "Tickets of the last 14 days: 42 opened, 28 resolved. Open now: Ben Castellanos 11, Ines Laurent 9."
    )


def test_the_same_values_give_the_same_bytes() -> None:
    assert daily_chart(DAYS, AGENTS, ENGLISH).png == daily_chart(DAYS, AGENTS, ENGLISH).png


def test_other_values_give_another_picture() -> None:
    assert daily_chart(DAYS, AGENTS, ENGLISH).png != daily_chart(DAYS, (("Ines Laurent", 8), AGENTS[1]), ENGLISH).png


@pytest.mark.parametrize("name", ["山田太郎", "$\\frac{$", "", "a\nb\x00", "🙂", "A very long name " * 20, "מאיה"])
def test_no_name_fails_or_warns(name: str) -> None:
    days = (*DAYS, DayCount(name, 1, 0))

    assert daily_chart(days, ((name, 3), *AGENTS), ENGLISH).png


@pytest.mark.parametrize("days", [(), DAYS[:1], (DayCount("1 Nov", 0, 0),) * 14, (DayCount("1 Nov", 10**6, 1),)])
@pytest.mark.parametrize("agents", [(), (("Ines Laurent", 0),), tuple((f"Agent {n}", n) for n in range(40))])
def test_few_and_many_values_are_drawn(days: tuple[DayCount, ...], agents: tuple[tuple[str, int], ...]) -> None:
    assert daily_chart(days, agents, ENGLISH).png


def test_a_desk_without_open_tickets_says_so() -> None:
    assert daily_chart((), (), ENGLISH).alt.endswith("Nobody has open tickets.")
