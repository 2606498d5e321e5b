"""The send gate: each rule that holds a mail, and when a deferred one is tried again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.gate import GIVE_UP_AFTER, RULES, Hold, Send, Sending, next_attempt, verdict
from desk.ticket import Role
from tests.builders import ANN, BOB, CAT, EVE, NOW, SUPPORT, a_grant, a_person, address_of

TO_ANN = Sending(
    recipient=ANN.email,
    person=ANN,
    to_staff=False,
    automatic=False,
    answers_robot=False,
    suppressed=None,
    own_addresses=frozenset({SUPPORT}),
)
TO_BOB = replace(TO_ANN, recipient=BOB.email, person=BOB, to_staff=True)
OURSELVES = a_person(8, SUPPORT)
OUR_TAG = a_person(9, address_of(a_grant(ANN)))

MAY_GO: list[tuple[Sending, dict[str, Any]]] = [
    (TO_ANN, {}),
    (TO_ANN, {"automatic": True}),
    (TO_ANN, {"answers_robot": True}),
    (TO_BOB, {}),
    (TO_BOB, {"automatic": True, "answers_robot": True}),
    (TO_BOB, {"to_staff": False}),
]


@pytest.mark.parametrize(("sending", "changes"), MAY_GO)
def test_what_no_rule_objects_to_may_go(sending: Sending, changes: dict[str, Any]) -> None:
    found = verdict(replace(sending, **changes))

    assert found == Send()


HELD: list[tuple[str, Sending, dict[str, Any], str]] = [
    ("recipient_gone", TO_ANN, {"person": None}, "The recipient was deleted."),
    ("recipient_gone", TO_ANN, {"person": replace(ANN, email="ann@new.example")}, "has another address by now"),
    ("recipient_gone", TO_BOB, {"person": CAT}, "has another address by now"),
    ("our_own_address", TO_ANN, {"person": OURSELVES, "recipient": SUPPORT}, "an address of the desk itself"),
    ("our_own_address", TO_ANN, {"person": OUR_TAG, "recipient": OUR_TAG.email}, "an address of the desk itself"),
    ("suppressed", TO_ANN, {"suppressed": "bounced"}, "The address is suppressed: bounced"),
    ("suppressed", TO_ANN, {"suppressed": ""}, "The address is suppressed: "),
    ("suppressed", TO_BOB, {"suppressed": "bounced"}, "The address is suppressed: bounced"),
    ("no_longer_staff", TO_ANN, {"to_staff": True}, "is not staff"),
    ("no_longer_staff", TO_BOB, {"person": replace(BOB, staff_role=None)}, "is not staff"),
    ("no_longer_staff", TO_BOB, {"person": replace(BOB, role=Role.CUSTOMER)}, "is not staff"),
    ("no_longer_staff", TO_ANN, {"person": EVE, "recipient": EVE.email, "to_staff": True}, "is not staff"),
    ("robot_answers_robot", TO_ANN, {"automatic": True, "answers_robot": True}, "would answer an automatic mail"),
]


@pytest.mark.parametrize(("rule", "sending", "changes", "reason"), HELD)
def test_a_mail_is_held_with_the_reason_of_the_rule(
    rule: str, sending: Sending, changes: dict[str, Any], reason: str
) -> None:
    changed = replace(sending, **changes)

    found = verdict(changed)

    objecting = [ask.__name__ for ask in RULES if ask(changed)]
    assert isinstance(found, Hold)
    assert reason in found.reason
    assert objecting == [rule]


def test_each_rule_of_the_gate_is_in_the_table() -> None:
    tested = {rule for rule, _, _, _ in HELD}

    assert tested == {rule.__name__ for rule in RULES}


ATTEMPTS = [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 480), (9, 480), (99, 480)]


@pytest.mark.parametrize(("attempts", "minutes"), ATTEMPTS)
def test_a_deferred_mail_is_tried_again_later_and_later(attempts: int, minutes: int) -> None:
    when = next_attempt(attempts, NOW, NOW)

    assert when == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("age", "given_up"), [(timedelta(days=5, seconds=-1), False), (timedelta(days=5), True)])
def test_after_five_days_a_mail_is_given_up(age: timedelta, given_up: bool) -> None:
    when = next_attempt(3, NOW - age, NOW)

    assert (when is None) == given_up
    assert timedelta(days=5) == GIVE_UP_AFTER
