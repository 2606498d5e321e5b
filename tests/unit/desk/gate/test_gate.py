"""The send gate: each rule that holds a mail or lets it wait, and when one that was not taken is tried again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.facts import Deliver
from desk.gate.caps import of_strangers
from desk.gate.verdict import RULES, TRIAL, Defer, GateFacts, Send, Withhold, next_attempt, verdict, was_stopped
from desk.limits import USUAL
from desk.ticket import Role
from desk.trust.judge import Proof
from tests.support.values.builders import ANN, BOB, CAT, EVE, NOW, SUPPORT, a_grant, a_person, address_of

STRANGERS = of_strangers(USUAL)
GIVE_UP_AFTER = timedelta(days=USUAL.give_up_days)

TO_ANN = GateFacts(
    recipient=ANN.email,
    person=ANN,
    to_staff=False,
    automatic=False,
    answers_robot=False,
    suppressed=None,
    own_addresses=frozenset({SUPPORT}),
    now=NOW,
)
TO_BOB = replace(TO_ANN, recipient=BOB.email, person=BOB, to_staff=True)
OURSELVES = a_person(8, SUPPORT)
OUR_TAG = a_person(9, address_of(a_grant(ANN)))

# One mail a second, up to a second ago.
LATELY = tuple(NOW - timedelta(seconds=seconds) for seconds in range(1, 1001))
LONG_AGO = tuple(time - timedelta(days=1) for time in LATELY)

# An acknowledgement of a mail, by how well its sender is known.
REFUTED: dict[str, Any] = {"automatic": True, "replies": True, "proof": Proof.REFUTED}
CLAIMED: dict[str, Any] = {"automatic": True, "replies": True, "proof": Proof.CLAIMED}
PROVEN: dict[str, Any] = {"automatic": True, "replies": True, "proof": Proof.PROVEN}
MOST = STRANGERS[0].most

MAY_GO: list[tuple[GateFacts, dict[str, Any]]] = [
    (TO_ANN, {}),
    (TO_ANN, {"automatic": True}),
    (TO_ANN, {"answers_robot": True}),
    (TO_BOB, {}),
    (TO_BOB, {"automatic": True, "answers_robot": True}),
    (TO_BOB, {"to_staff": False}),
    (TO_ANN, {"automatic": True, "loop_times": LATELY[:19]}),
    (TO_ANN, {"automatic": True, "loop_times": LONG_AGO}),
    (TO_ANN, {"breaker": "too fast", "loop_times": LATELY}),
    (TO_BOB, {"automatic": True, "breaker": "too fast", "loop_times": LATELY}),
    (TO_BOB, {"automatic": True, "replies": True, "loop_times": LATELY[:59]}),
    (TO_ANN, {"automatic": True, "send_times": LATELY[:29]}),
    (TO_ANN, {"automatic": True, "send_times": LONG_AGO}),
    (TO_BOB, {"automatic": True, "send_times": LATELY[:199]}),
    # The question about a mail with a live token waits for no other mail.
    (TO_BOB, {"at_once": True, "send_times": LATELY}),
    # Of another ticket there was too much news; it counts as one mail here, so that there is room.
    (TO_BOB, {"automatic": True, "send_times": LATELY[:200], "send_tickets": (7,) * 200, "ticket": 8}),
    (TO_BOB, {"automatic": True, "send_times": LATELY[:200], "send_tickets": (7, 9) * 100, "ticket": 8}),
    (TO_BOB, {"automatic": True, "send_times": LATELY[:200], "send_tickets": (*range(198), 0, 1), "ticket": 300}),
    # So it is where one's own ticket was heard of, but less often.
    (TO_BOB, {"automatic": True, "send_times": LATELY[:200], "send_tickets": (7,) * 150 + (8,) * 50, "ticket": 8}),
    # Acknowledgements: of what is proven always, of what is claimed once a day and within the cap of strangers.
    (TO_ANN, PROVEN | {"was_answered": True, "strangers": LATELY, "strangers_stopped": "too many"}),
    (TO_ANN, CLAIMED),
    (TO_ANN, CLAIMED | {"strangers": ()}),
    (TO_ANN, CLAIMED | {"strangers": LATELY[: MOST - 1]}),
    (TO_ANN, CLAIMED | {"strangers": LONG_AGO}),
    # Who was written to before is no stranger, whatever others are.
    (TO_ANN, CLAIMED | {"strangers": None, "strangers_stopped": "too many"}),
    # No mail caused it, as where a customer opens a ticket in the web application.
    (TO_ANN, CLAIMED | {"proof": None, "was_answered": True, "strangers": LATELY}),
    # News of a ticket and what a person wrote are no acknowledgement.
    (TO_ANN, REFUTED | {"replies": False}),
    (TO_ANN, CLAIMED | {"replies": False, "was_answered": True, "strangers": LATELY}),
    # Whose mails are held is told so, at the stored address.
    (TO_BOB, REFUTED),
    (TO_BOB, CLAIMED | {"was_answered": True, "strangers": LATELY}),
]


@pytest.mark.parametrize(("facts", "changes"), MAY_GO)
def test_what_no_rule_objects_to_may_go(facts: GateFacts, changes: dict[str, Any]) -> None:
    found = verdict(replace(facts, **changes))

    assert found == Send()


HELD: list[tuple[str, GateFacts, dict[str, Any], str]] = [
    ("recipient_gone", TO_ANN, {"person": None}, "The recipient was deleted."),
    ("recipient_gone", TO_ANN, {"person": replace(ANN, email="ann@new.example")}, "has another address by now"),
    ("recipient_gone", TO_BOB, {"person": CAT}, "has another address by now"),
    ("news_gone", TO_ANN, {"gone": "comment"}, "The comment that it tells of was deleted."),
    ("news_gone", TO_BOB, {"gone": "ticket"}, "The ticket that it tells of was deleted."),
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
    ("mails_in_a_loop", TO_ANN, {"automatic": True, "breaker": "too fast"}, "The loop breaker is open: too fast"),
    ("mails_in_a_loop", TO_ANN, {"automatic": True, "loop_times": LATELY[:20]}, "20 mails in 10 minutes"),
    ("mails_in_a_loop", TO_BOB, {"automatic": True, "replies": True, "breaker": "too fast"}, "is open: too fast"),
    (
        "mails_in_a_loop",
        TO_BOB,
        {"automatic": True, "replies": True, "loop_times": LATELY[:60]},
        "60 mails in 10 minutes",
    ),
    ("above_the_cap", TO_ANN, {"automatic": True, "send_times": LATELY[:30]}, "30 mails in 60 minutes"),
    ("answers_a_forgery", TO_ANN, REFUTED, "is not theirs"),
    ("answered_within_a_day", TO_ANN, CLAIMED | {"was_answered": True}, "answered within a day already"),
    ("too_many_strangers", TO_ANN, CLAIMED | {"strangers": LATELY[:MOST]}, f"More than {MOST} mails in 60 minutes"),
    ("too_many_strangers", TO_ANN, CLAIMED | {"strangers": (), "strangers_stopped": "too many"}, "moment: too many"),
]


@pytest.mark.parametrize(("rule", "facts", "changes", "reason"), HELD)
def test_a_mail_is_held_with_the_reason_of_the_rule(
    rule: str, facts: GateFacts, changes: dict[str, Any], reason: str
) -> None:
    changed = replace(facts, **changes)

    found = verdict(changed)

    objecting = [ask.__name__ for ask in RULES if ask(changed)]
    assert isinstance(found, Withhold)
    assert reason in found.reason
    assert objecting == [rule]


@pytest.mark.parametrize(("rule", "facts", "changes", "reason"), HELD)
def test_a_reset_knows_by_the_reason_what_a_breaker_held(
    rule: str, facts: GateFacts, changes: dict[str, Any], reason: str
) -> None:
    found = verdict(replace(facts, **changes))

    assert isinstance(found, Withhold)
    assert was_stopped(found.reason) is (rule in {"mails_in_a_loop", "too_many_strangers"})


@pytest.mark.parametrize(("breaker", "opens"), [(None, True), ("too fast", False)])
def test_only_the_mail_that_fills_the_window_opens_the_breaker(breaker: str | None, opens: bool) -> None:
    facts = replace(TO_ANN, automatic=True, breaker=breaker, loop_times=LATELY)

    found = verdict(facts)

    assert isinstance(found, Withhold)
    assert found.opens == opens


@pytest.mark.parametrize(
    ("proof", "opened"),
    [
        (None, Proof.PROVEN),
        (Proof.PROVEN, Proof.PROVEN),
        (Proof.CLAIMED, Proof.CLAIMED),
        (Proof.REFUTED, Proof.REFUTED),
    ],
)
def test_the_breaker_is_that_of_the_class_of_mails_that_looped(proof: Proof | None, opened: Proof) -> None:
    found = verdict(replace(TO_ANN, automatic=True, proof=proof, loop_times=LATELY))

    assert isinstance(found, Withhold)
    assert found.proof is opened


@pytest.mark.parametrize(("stopped", "stops"), [(None, True), ("too many", False)])
def test_only_the_answer_that_fills_the_hour_stops_those_to_strangers(stopped: str | None, stops: bool) -> None:
    facts = replace(TO_ANN, **CLAIMED, strangers=LATELY, strangers_stopped=stopped)

    found = verdict(facts)

    assert isinstance(found, Withhold)
    assert (found.stops_strangers, found.opens) == (stops, False)


DEFERRED: list[tuple[GateFacts, dict[str, Any], timedelta]] = [
    # The thirtieth mail back leaves its hour.
    (TO_ANN, {"send_times": LATELY[:30]}, timedelta(hours=1, seconds=-30)),
    (TO_ANN, {"send_times": LATELY}, timedelta(days=1, seconds=-100)),
    (TO_ANN, {"send_times": LATELY[:30], "automatic": True, "is_written": True}, timedelta(hours=1, seconds=-30)),
    (TO_BOB, {"send_times": LATELY[:200], "automatic": True}, timedelta(hours=1, seconds=-200)),
    (TO_BOB, {"send_times": LATELY[:200], "send_tickets": (7,) * 200, "ticket": 7}, timedelta(hours=1, seconds=-200)),
    # Two hundred tickets are as many, and mails about none are each for themselves.
    (TO_BOB, {"send_times": LATELY[:200], "send_tickets": tuple(range(200))}, timedelta(hours=1, seconds=-200)),
    (TO_BOB, {"send_times": LATELY[:200], "ticket": 7}, timedelta(hours=1, seconds=-200)),
    # The turn of the one before is an hour away, so this one's is another hour later.
    (TO_ANN, {"send_times": (NOW + timedelta(hours=1),) * 30}, timedelta(hours=2)),
]


@pytest.mark.parametrize(("facts", "changes", "wait"), DEFERRED)
def test_what_a_person_wrote_and_news_for_staff_wait_for_the_first_free_moment(
    facts: GateFacts, changes: dict[str, Any], wait: timedelta
) -> None:
    found = verdict(replace(facts, **changes))

    assert isinstance(found, Defer)
    assert found.until == NOW + wait


def test_each_rule_of_the_gate_is_in_the_table() -> None:
    tested = {rule for rule, _, _, _ in HELD}

    assert tested | {"one_question_an_hour"} == {rule.__name__ for rule in RULES}


# When other questions whether a mail is Bob's went, or are to go, in minutes from now; and when this one goes.
QUESTIONS = [((), None), ((-61,), None), ((-60,), None), ((-59,), 1), ((0,), 60), ((60, 0), 120), ((180, 120, 60), 240)]


@pytest.mark.parametrize(("others", "goes"), QUESTIONS)
def test_somebody_is_asked_once_an_hour_whether_a_mail_is_theirs(others: tuple[int, ...], goes: int | None) -> None:
    asked = tuple(NOW + timedelta(minutes=minutes) for minutes in others)

    found = verdict(replace(TO_BOB, automatic=True, confirmations=asked))

    reason = "Its recipient is asked once an hour whether a mail is theirs."
    assert found == (Send() if goes is None else Defer(NOW + timedelta(minutes=goes), reason))


@pytest.mark.parametrize(("others", "goes"), [(1, None), (9, None), (10, 60), (12, 60)])
def test_about_mails_that_a_server_vouches_for_they_are_asked_at_once_up_to_ten(others: int, goes: int | None) -> None:
    asked = (NOW,) * others

    found = verdict(replace(TO_BOB, automatic=True, confirmations=asked, proof=Proof.PROVEN))

    reason = "Its recipient is asked 10 times an hour whether a mail is theirs."
    assert found == (Send() if goes is None else Defer(NOW + timedelta(minutes=goes), reason))


ATTEMPTS = [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 480), (9, 480), (99, 480)]


@pytest.mark.parametrize(("attempts", "minutes"), ATTEMPTS)
def test_a_deferred_mail_is_tried_again_later_and_later(attempts: int, minutes: int) -> None:
    when = next_attempt(attempts, NOW, NOW, USUAL)

    assert when == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("age", "given_up"), [(timedelta(days=5, seconds=-1), False), (timedelta(days=5), True)])
def test_after_five_days_a_mail_is_given_up(age: timedelta, given_up: bool) -> None:
    when = next_attempt(3, NOW - age, NOW, USUAL)

    assert (when is None) == given_up
    assert timedelta(days=5) == GIVE_UP_AFTER


STAFF_ALONE: list[tuple[GateFacts, dict[str, Any], bool]] = [
    (TO_ANN, {}, False),
    (TO_ANN, {"automatic": True, "replies": True}, False),
    (TO_ANN, {"to_staff": True}, False),
    (TO_ANN, {"is_written": True}, False),
    # It would open a breaker, of which the admins would be told.
    (TO_ANN, {"automatic": True, "loop_times": LATELY}, False),
    (TO_ANN, {"to_owner": True}, True),
    (TO_BOB, {}, True),
    (TO_BOB, {"to_staff": False}, True),
    (TO_BOB, {"automatic": True, "replies": True}, True),
]


@pytest.mark.parametrize(("facts", "changes", "goes"), STAFF_ALONE)
def test_in_a_trial_only_staff_and_the_owner_get_mails(facts: GateFacts, changes: dict[str, Any], goes: bool) -> None:
    found = verdict(replace(facts, **changes), Deliver.STAFF)

    assert found == (Send() if goes else Withhold(TRIAL))


def test_what_a_trial_held_is_nothing_that_a_reset_sends() -> None:
    assert not was_stopped(TRIAL)
