"""A mail of the desk to itself has no effect by a mark that we signed, and nothing else can pass for one."""

from dataclasses import replace

import pytest

from desk.intake.decide import decide
from desk.intake.decision import NotApplied
from desk.tokens import MARK_HEADER, MARK_LIVES, Keys, own_mark
from tests.support.values.builders import ANN, KEYS, NOW, POLICY, SUPPORT, a_delivered_mail, some_facts

SENT_AT = int(NOW.timestamp()) - 5
MARK = own_mark(KEYS, SENT_AT, "a1b2")
OTHERS = own_mark(Keys((b"another key",)), SENT_AT, "a1b2")
OURS = [f"{MARK_HEADER}: {MARK}"]


def rule_of(sender: str, lines: list[str]) -> str:
    mail = a_delivered_mail("I cannot log in.", sender, ["support+tryabc@desk.example"], below=lines)
    rule, decision = decide(mail, some_facts(ANN if sender == ANN.email else None), POLICY)
    assert isinstance(decision, NotApplied) is (rule == "round_trip")
    return rule


SENDERS = [SUPPORT, "support+tryabc@desk.example", "login@provider.example"]


@pytest.mark.parametrize("sender", SENDERS)
def test_a_mail_with_our_mark_has_no_effect_whatever_servers_made_of_from(sender: str) -> None:
    assert rule_of(sender, OURS) == "round_trip"


def test_an_earlier_key_of_ours_still_marks_it() -> None:
    lines = [f"{MARK_HEADER}: {own_mark(Keys((b'the old key',)), SENT_AT, 'a1b2')}"]
    mail = a_delivered_mail(sender=SUPPORT, below=lines)
    policy = replace(POLICY, keys=Keys((b"the first key", b"the old key")))

    assert decide(mail, some_facts(None), policy)[0] == "round_trip"


# What somebody can write into their own mail.
FORGED: dict[str, list[str]] = {
    "no mark": [],
    "an empty one": [f"{MARK_HEADER}:"],
    "a word": [f"{MARK_HEADER}: yes"],
    "one of another key": [f"{MARK_HEADER}: {OTHERS}"],
    "another time": [f"{MARK_HEADER}: 1{MARK}"],
    "another nonce": [f"{MARK_HEADER}: {MARK.replace('a1b2', 'a1b3')}"],
    "without a signature": [f"{MARK_HEADER}: {MARK.rpartition('.')[0]}."],
    "more behind it": [f"{MARK_HEADER}: {MARK}x"],
    "digits of others": [f"{MARK_HEADER}: \N{ARABIC-INDIC DIGIT ONE}{MARK}"],
    "a sign before the time": [f"{MARK_HEADER}: -{MARK}"],
    "two marks": [*OURS, *OURS],
    "one that is too old": [f"{MARK_HEADER}: {own_mark(KEYS, SENT_AT - MARK_LIVES, 'a1b2')}"],
    "one of tomorrow": [f"{MARK_HEADER}: {own_mark(KEYS, SENT_AT + 3600, 'a1b2')}"],
    "in another header": [f"Subject: {MARK}", f"X-Round-Trip: {MARK}"],
}


@pytest.mark.parametrize("forged", FORGED)
def test_nothing_that_others_write_swallows_a_persons_mail(forged: str) -> None:
    assert rule_of(ANN.email, FORGED[forged]) == "new_ticket"


@pytest.mark.parametrize("forged", FORGED)
def test_nor_lets_it_a_mail_in_our_name_go_by_quietly(forged: str) -> None:
    assert rule_of(SUPPORT, FORGED[forged]) == "our_own_address"


def test_an_answer_that_quotes_it_is_a_persons() -> None:
    mail = a_delivered_mail(f"See below.\n\n> {OURS[0]}", ANN.email)

    assert decide(mail, some_facts(), POLICY)[0] == "new_ticket"
