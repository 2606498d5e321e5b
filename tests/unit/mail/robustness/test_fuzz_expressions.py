"""Every regular expression that mail and decisions are read with takes bounded time on the worst that fits it."""

import pytest

import desk
import mail
from tests.support.values.hostile_bytes import MORE
from tests.support.values.regex_attacks import Target, attacks, seconds, targets

# Expressions that are never asked about more letters than these, and by whose limit.
CAPPED: dict[str, int] = {}
BOUND = 1.0
TARGETS = targets(mail, desk)


def test_there_are_expressions_to_attack() -> None:
    assert len(TARGETS) > 100
    assert CAPPED.keys() <= {target.name for target in TARGETS}


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_an_expression_is_not_slow_on_what_it_is_made_of(target: Target) -> None:
    longest = CAPPED.get(target.name, 100_000)

    worst = max((seconds(target, one, longest, BOUND), one[:80]) for one in attacks(target.pattern, 20 if MORE else 2))

    assert worst[0] < BOUND, worst
