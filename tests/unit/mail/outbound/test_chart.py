"""Promises of the daily picture: it is a PNG of the right size, says its numbers, and never fails on a name."""

import struct

import pytest

from mail.outbound.report.chart import DOTS_PER_INCH, LABEL_SIZE, daily_chart
from mail.outbound.report.day_count import DayCount
from tests.support.values.words import ENGLISH

# The pixels of a phone's screen that the picture has there.
PHONE = 320
DAYS = tuple(DayCount(f"{day} Nov", day % 7, day % 5) for day in range(8, 22))
AGENTS = (("Ines Laurent", 9), ("Ben Castellanos", 11))


def size(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


def test_the_picture_is_a_png_that_a_phone_shows_at_a_third_of_its_pixels() -> None:
    png = daily_chart(DAYS, AGENTS, ENGLISH).png

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert size(png) == (960, 816)
    # So the smallest words are 10 pixels high or more there.
    assert LABEL_SIZE * DOTS_PER_INCH / 72 * PHONE / 960 > 10


@pytest.mark.parametrize(("agents", "rows"), [(0, 1), (1, 1), (5, 5), (40, 5)])
def test_the_picture_has_a_row_for_each_agent_and_no_empty_one(agents: int, rows: int) -> None:
    many = tuple((f"Agent {number}", number) for number in range(agents))

    assert size(daily_chart(DAYS, many, ENGLISH).png) == (960, round(684 + 66 * rows))


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
