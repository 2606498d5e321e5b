"""The choice of an owner, as tables."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from desk.routing.route import Candidate, choose, route
from desk.routing.rules import Assign, Judgement, Strategy
from desk.ticket import Role


def at(hour: int) -> datetime:
    return datetime(2026, 5, 4, hour, tzinfo=UTC)


ANN = Candidate(1, "ann@desk.example", "ann", Role.AGENT, 5, at(8), away=False)
BOB = Candidate(2, "bob@desk.example", "bob", Role.AGENT, 3, at(9), away=False)
CAT = Candidate(3, "cat@desk.example", "cat", Role.AGENT, 3, at(7), away=False)
ADA = Candidate(4, "ada@desk.example", "ada", Role.ADMIN, 0, None, away=False)
ALL = (ANN, BOB, CAT, ADA)

AGENTS = Assign(role=Role.AGENT)
PAIR = Assign(role=Role.AGENT, among=("ann@desk.example", "bob@desk.example"))
GONE = Assign(among=("gone@desk.example",))
TURN = Assign(role=Role.AGENT, strategy=Strategy.ROUND_ROBIN)
STICKY = Assign(role=Role.AGENT, strategy=Strategy.STICKY)


def away(*people: Candidate) -> tuple[Candidate, ...]:
    return tuple(replace(one, away=one in people) for one in ALL)


CHOICES = [
    (AGENTS, ALL, None, 3, "least loaded of 3 (cat has 3 open tickets)"),
    (Assign(), ALL, None, 4, "least loaded of 4 (ada has 0 open tickets)"),
    (PAIR, ALL, None, 2, "least loaded of 2 (bob has 3 open tickets)"),
    (AGENTS, (replace(BOB, open_tickets=1),), None, 2, "least loaded of 1 (bob has 1 open ticket)"),
    (AGENTS, (replace(BOB, last_assigned_at=None), CAT), None, 2, "least loaded of 2 (bob has 3 open tickets)"),
    (AGENTS, (replace(CAT, last_assigned_at=at(9)), BOB), None, 2, "least loaded of 2 (bob has 3 open tickets)"),
    (TURN, ALL, None, 3, "next in turn of 3 (cat last had one at 2026-05-04 07:00)"),
    (TURN, (*ALL, replace(BOB, number=9, last_assigned_at=None)), None, 9, "next in turn of 4 (bob never had one)"),
    (
        TURN,
        (replace(BOB, last_assigned_at=at(8)), ANN),
        None,
        1,
        "next in turn of 2 (ann last had one at 2026-05-04 08:00)",
    ),
    (STICKY, ALL, 1, 1, "ann served this customer last"),
    (STICKY, ALL, None, 3, "least loaded of 3 (cat has 3 open tickets)"),
    (STICKY, ALL, 4, 3, "least loaded of 3 (cat has 3 open tickets)"),
    (STICKY, away(ANN), 1, 3, "least loaded of 2 (cat has 3 open tickets)"),
    (STICKY, away(ANN, BOB, CAT), 1, 1, "ann served this customer last, all of them away"),
    (AGENTS, ALL, 1, 3, "least loaded of 3 (cat has 3 open tickets)"),
    (PAIR, away(ANN, BOB), None, 2, "least loaded of 2, all of them away (bob has 3 open tickets)"),
    (
        GONE,
        ALL,
        None,
        3,
        "least loaded of 3, any agent, as nobody fits (cat has 3 open tickets)",
    ),
    (
        GONE,
        away(*ALL),
        None,
        3,
        "least loaded of 3, any agent, as nobody fits, all of them away (cat has 3 open tickets)",
    ),
    (AGENTS, (ADA,), None, 4, "least loaded of 1, admins, as there is no agent (ada has 0 open tickets)"),
    (
        AGENTS,
        away(ADA)[3:],
        None,
        4,
        "least loaded of 1, admins, as there is no agent, all of them away (ada has 0 open tickets)",
    ),
    (GONE, (BOB, ADA), None, 2, "least loaded of 1, any agent, as nobody fits (bob has 3 open tickets)"),
    (Assign(role=Role.ADMIN), ALL, None, 4, "least loaded of 1 (ada has 0 open tickets)"),
    (Assign(among=("BOB@Desk.Example",)), ALL, None, 2, "least loaded of 1 (bob has 3 open tickets)"),
    (AGENTS, (), None, None, "left without an owner, as the desk has no staff"),
    (AGENTS, (replace(ANN, role=Role.CUSTOMER),), None, None, "left without an owner, as the desk has no staff"),
    (Assign(strategy=Strategy.NONE), ALL, 1, None, "left without an owner, as the strategy is none"),
]


@pytest.mark.parametrize(("assign", "candidates", "served_before", "number", "sentence"), CHOICES)
def test_an_owner_is_chosen_with_the_reason(
    assign: Assign, candidates: tuple[Candidate, ...], served_before: int | None, number: int | None, sentence: str
) -> None:
    choice = choose(assign, candidates, served_before)

    assert (choice.number, choice.sentence) == (number, sentence)


@pytest.mark.parametrize("assign", [AGENTS, PAIR, TURN, STICKY, Assign(role=Role.ADMIN)])
def test_the_order_of_candidates_does_not_matter(assign: Assign) -> None:
    forward = choose(assign, ALL, None)

    backward = choose(assign, ALL[::-1], None)

    assert forward == backward


def test_the_sentence_names_the_rule_that_assigned() -> None:
    judgement = Judgement(assign=PAIR, assigned_by="Invoices to the billing pair")

    choice = route(judgement, TURN, ALL, None)

    assert choice.sentence == "Rule 'Invoices to the billing pair': least loaded of 2 (bob has 3 open tickets)"


def test_without_an_assigning_rule_the_default_decides() -> None:
    choice = route(Judgement(), TURN, ALL, None)

    assert choice.sentence == "Default routing: next in turn of 3 (cat last had one at 2026-05-04 07:00)"


def test_sticky_without_history_reports_the_strategy_that_was_used() -> None:
    choice = choose(STICKY, ALL, None)

    assert choice.strategy is Strategy.LEAST_LOADED
