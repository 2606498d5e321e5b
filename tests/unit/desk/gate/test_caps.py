"""How many mails are too many, and which addresses are counted as one."""

from datetime import datetime, timedelta

import pytest

from desk.gate.caps import Limit, caps_of, fold, free_at, full_limits, loops_of, most_counted
from desk.limits import USUAL
from mail.smtp.connection import MOST_STEPS
from tests.support.values.builders import NOW
from worker.settings.sections.limits import STEPS_OF_ONE_MAIL

CAPS = caps_of(USUAL, staff=False)
LOOPS = loops_of(USUAL, staff=False)
STAFF_CAPS = caps_of(USUAL, staff=True)
STAFF_LOOPS = loops_of(USUAL, staff=True)

MINUTE = timedelta(minutes=1)
THREE_AN_HOUR = Limit(3, timedelta(hours=1))
FIVE_A_DAY = Limit(5, timedelta(days=1))


def ago(*minutes: float) -> tuple[datetime, ...]:
    return tuple(NOW - number * MINUTE for number in minutes)


FULL = [
    ((), ()),
    (ago(1, 2), ()),
    (ago(1, 2, 59.9), (THREE_AN_HOUR,)),
    (ago(1, 2, 60), ()),
    (ago(1, 2, 61, 62), ()),
    (ago(1, 2, 61, 62, 63), (FIVE_A_DAY,)),
    (ago(1, 2, 3, 4, 5), (THREE_AN_HOUR, FIVE_A_DAY)),
]


@pytest.mark.parametrize(("times", "limits"), FULL)
def test_a_window_is_full_from_its_last_mail_until_the_first_leaves_it(
    times: tuple[datetime, ...], limits: tuple[Limit, ...]
) -> None:
    found = full_limits(times, (THREE_AN_HOUR, FIVE_A_DAY), NOW)

    assert found == limits


@pytest.mark.parametrize("number", [1, 4, 17])
def test_mails_that_wait_for_their_turn_never_fill_a_window_over_the_brim(number: int) -> None:
    limits = (THREE_AN_HOUR, FIVE_A_DAY)
    turns: list[datetime] = []
    for _ in range(number):
        turns.insert(0, free_at(turns, limits, NOW))

    busiest = {
        limit: max(sum(start <= turn < start + limit.window for turn in turns) for start in turns) for limit in limits
    }
    assert all(count <= limit.most for limit, count in busiest.items())
    assert turns[-1] == NOW


def test_staff_get_more_than_others_before_they_wait() -> None:
    assert [limit.window for limit in STAFF_CAPS] == [limit.window for limit in CAPS]
    assert all(staff.most > other.most for staff, other in zip(STAFF_CAPS, CAPS, strict=True))
    assert all(staff.most > other.most for staff, other in zip(STAFF_LOOPS, LOOPS, strict=True))


def test_as_many_times_are_read_as_the_largest_limit_wants() -> None:
    assert most_counted((THREE_AN_HOUR, FIVE_A_DAY)) == 5


FOLDED = [
    ("ann@customer.example", "ann@customer.example"),
    ("A.n.N+shop@Customer.example", "ann@customer.example"),
    ("ann+a+b@customer.example", "ann@customer.example"),
    ("+@customer.example", "+@customer.example"),
    # A domain has its dots, and the Kelvin sign is nobody's k.
    ("a@mail.customer.example", "a@mail.customer.example"),
    ("\N{KELVIN SIGN}@customer.example", "\N{KELVIN SIGN}@customer.example"),
]


@pytest.mark.parametrize(("address", "folded"), FOLDED)
def test_dots_and_plus_tags_are_folded_for_counting(address: str, folded: str) -> None:
    assert fold(address) == folded


def test_the_wire_and_the_settings_count_the_same_steps() -> None:
    assert MOST_STEPS == STEPS_OF_ONE_MAIL
