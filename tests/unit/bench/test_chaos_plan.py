"""The plan of the chaos run: what is fed, and what it says must come of it."""

import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import bench
from bench.chaos.findings import is_path
from bench.chaos.mails import LINES, DeskMail, write
from bench.chaos.plan import ANSWERS, EFFECTS, TOLD, Act, Effect, Step, Thread, make_plan
from desk.intake.objections import repeats
from desk.limits import USUAL
from mail.auth.results import AuthOutcome, Pin, read_results
from mail.inbound.parse import parse

MOST_TICKETS_OF_ADDRESS = USUAL.tickets_from_address_an_hour
MOST_TICKETS_OF_DOMAIN = USUAL.tickets_from_domain_an_hour

THREAD = Thread(3, "customer1@acme.example", ())
OURS = DeskMail("agent01@desk.example", "[SD-7] About topic3x", "a.b.sd@desk.example", "support+a.b@desk.example")


def steps(seed: int, mails: int) -> list[Step]:
    return list(chain.from_iterable(thread.steps for thread in make_plan(seed, mails)))


def test_the_same_seed_gives_the_same_plan() -> None:
    once, again = make_plan(7, 200), make_plan(7, 200)

    assert once == again
    assert once != make_plan(8, 200)


def test_a_plan_has_as_many_mails_as_were_asked_for() -> None:
    plan = steps(7, 333)

    assert [step.number for step in plan] == list(range(333))


def test_every_act_is_planned_and_has_an_effect() -> None:
    planned = {step.act for step in steps(7, 500)}

    assert planned == set(Act) == set(EFFECTS) == set(TOLD)


def test_no_two_mails_share_a_marker_but_the_same_mail_again() -> None:
    plan = steps(7, 500)

    markers = [step.marker for step in plan if step.act is not Act.AGAIN]

    assert len(set(markers)) == len(markers)
    assert {step.marker for step in plan if step.act is Act.AGAIN} <= set(markers)


def test_a_reply_before_its_parent_names_the_mail_that_follows() -> None:
    early = [step for step in steps(7, 500) if step.act is Act.EARLY]
    raw = write(early[0], THREAD).raw

    assert {step.number + 1 for step in early} == {step.refers_to for step in early}
    assert f"In-Reply-To: <mark{early[0].number + 1}x@chaos.example>".encode() in raw


def test_an_agent_answers_the_mail_that_came_to_them() -> None:
    letter = write(Step(5, 3, Act.RESOLVES), THREAD, OURS)

    assert (letter.sender, letter.recipient) == (OURS.recipient, OURS.reply_to)
    assert letter.raw.rstrip().endswith(b"#resolve")


@pytest.mark.parametrize("act", sorted(Act))
def test_the_server_that_the_desk_believes_says_that_each_mail_is_its_senders(act: Act) -> None:
    settings = tomllib.loads((Path(next(iter(bench.__path__))) / "chaos" / "chaos.toml").read_text())
    mail = parse(write(Step(5, 3, act), THREAD, OURS if act in ANSWERS else None).raw)

    results = read_results(mail.headers, Pin(settings["mailbox"][0]["authserv_id"]), mail.senders[0].email)

    assert results.verdict is AuthOutcome.PASS


def test_no_answer_repeats_a_line_of_a_note() -> None:
    note, answer = (parse(write(Step(number, 3, Act.AWAY), THREAD).raw).reply for number in (5, 8))

    assert len(note.splitlines()) > LINES
    assert not repeats(answer, [note])


def test_no_customer_and_no_domain_opens_so_many_tickets_that_intake_parks_them() -> None:
    plan = make_plan(7, 3000)

    openers = [thread.customer for thread in plan for step in thread.steps if step.effect is Effect.TICKET]

    assert max(Counter(openers).values()) < MOST_TICKETS_OF_ADDRESS
    assert max(Counter(one.partition("@")[2] for one in openers).values()) < MOST_TICKETS_OF_DOMAIN


@pytest.mark.parametrize(
    ("changes", "status", "whole"),
    [
        ([], "open", True),
        ([("open", "in_progress"), ("in_progress", "resolved")], "resolved", True),
        ([("in_progress", "resolved"), ("open", "in_progress"), ("resolved", "open")], "open", True),
        ([("open", "in_progress"), ("open", "in_progress")], "in_progress", False),
        ([("open", "in_progress")], "open", False),
        ([("open", "in_progress"), ("resolved", "open")], "open", False),
    ],
)
def test_a_history_is_whole_where_its_changes_lead_to_the_status(
    changes: list[tuple[str, str]], status: str, whole: bool
) -> None:
    found = is_path(changes, status)

    assert found is whole
