"""A mail about many tickets: whose lines count, where, and what is said of each that does not."""

from dataclasses import replace
from typing import Any

import pytest

from desk.commands.arguments.macros import Macro
from desk.facts import KnownTicket, Policy
from desk.intake.decide import decide
from desk.intake.decision import Act, ActOnMany, Decision, Hold
from desk.intake.rule_names import RuleName
from desk.ticket import UNPROVEN_SENDERS, Priority, Role, Status
from desk.tokens import Grant, ReplyKind
from mail.inbound.message import Attachment
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    CAT,
    DAN,
    NOW,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_file,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    dmarc_results,
    some_facts,
)
from tests.support.values.words import english

LIST = a_grant(BOB, ticket=None, kind=ReplyKind.NONE)
NOBODY = replace(ANN, user_id=UNPROVEN_SENDERS)
TICKETS = {
    1042: a_ticket(),
    7: a_ticket(number=7),
    8: a_ticket(number=8, status=Status.CLOSED),
    10: a_ticket(number=10, assignee=CAT),
    11: a_ticket(number=11, assignee=None),
    13: a_ticket(number=13, customer=NOBODY, unproven="pat@stone.example"),
}
KNOWN = {number: KnownTicket(ticket, frozenset({ANN.number})) for number, ticket in TICKETS.items()}
POLICY = replace(TOKEN, macros={"bye": Macro("Bye, {customer}."), "done": Macro("Done.", status=Status.RESOLVED)})


def decided(text: str, policy: Policy = POLICY, **changes: Any) -> tuple[RuleName, Decision]:
    """What becomes of Bob's answer to a list of ours."""
    mail = a_mail(text, BOB.email, (address_of(LIST),), **changes)
    facts = some_facts(BOB, (LIST,), tickets=KNOWN, known={}, merged={9: 7}, put_away=frozenset({12}))
    return decide(mail, facts, policy)


def answers(decision: Decision) -> list[tuple[str, bool, str]]:
    """Each line with whether it is done and the sentence, in the order of the mail."""
    assert isinstance(decision, ActOnMany)
    told = {place: one for part in decision.parts for place, one in zip(part.places, part.outcomes, strict=True)}
    return [(told[place].line, told[place].done, english(told[place].sentence)) for place in sorted(told)]


REFUSED = [
    ("99 #resolve", "There is no ticket SD-99."),
    ("9 #resolve", "SD-9 is part of SD-7; write that number."),
    ("12 #resolve", "SD-12 is in the archive; an answer to a mail about it brings it back."),
    ("10 #resolve", "SD-10 is not assigned to you, so you cannot change it by its number."),
    ("11 #assign me", "SD-11 is not assigned to you, so you cannot change it by its number."),
    ("8 #close", "The ticket is closed already."),
    ("7 #resolve it", "#resolve takes nothing after it."),
    ("7 #reslove", "There is no command #reslove; did you mean #resolve?"),
    ("7 #priority urgent", "A priority is one of: low, medium, high."),
    ("7 #reopen", "The ticket is open already."),
    ("7 #say gone", "There is no text “gone”; there are: bye, done."),
    ("7 #merge SD-10", "SD-10 is not assigned to you; its agent can merge the tickets, or an admin."),
    ("7 #merge SD-7", "This is that ticket."),
    ("7 #stop", "#stop cannot stand behind the number of a ticket;"),
    ("7 #help", "#help cannot stand behind the number of a ticket;"),
    ("7 #away until 2026-12-24", "#away cannot stand behind the number of a ticket;"),
    ("7 #accept", "#accept cannot stand behind the number of a ticket;"),
    ("13 #say bye", "Nobody has proven who opened SD-13, so nobody would get it."),
]


@pytest.mark.parametrize(("line", "sentence"), REFUSED)
def test_a_line_that_is_refused_says_why_and_stops_no_other(line: str, sentence: str) -> None:
    rule, decision = decided(f"{line}\n1042 #resolve")

    assert rule == "many_tickets"
    refused, done = answers(decision)
    assert (refused[:2], sentence in refused[2], done[:2]) == ((line, False), True, ("1042 #resolve", True))
    assert isinstance(decision, ActOnMany)
    assert [part.act.ticket for part in decision.parts if part.act] == [1042]


# Commands that may stand behind a number, of which none asks for another ticket.
ALIKE = (
    *("#resolve", "#close", "#reopen", "#status in progress", "#assign me", "#assign cat", "#assign none"),
    *("#priority high", "#category billing", "#note He called.", "#say bye", "#say done"),
)


def test_the_lines_of_a_ticket_add_up_wherever_they_stand() -> None:
    _, decision = decided("7 #priority high\n1042 #close\nSD-7 #say done\n#7 #assign cat\n7 #category nonsense")

    assert [done for _, done, _ in answers(decision)] == [True, True, True, True, False]
    assert isinstance(decision, ActOnMany)
    act = decision.parts[0].act
    assert act is not None
    assert (act.ticket, act.text, act.changes.status) == (7, "Done.", Status.RESOLVED)
    assert (act.changes.priority, act.changes.assignee) == (Priority.HIGH, CAT.number)


def test_a_text_for_the_customer_moves_the_ticket_as_an_answer_does() -> None:
    _, decision = decided("7 #say bye\n1042 #note Bye.")

    assert isinstance(decision, ActOnMany)
    first, second = (part.act for part in decision.parts)
    assert first is not None
    assert second is not None
    assert (first.text, first.changes.status, first.changes.note) == ("Bye, Ann.", Status.IN_PROGRESS, False)
    assert (second.text, second.changes.status, second.changes.note) == ("Bye.", None, True)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("command", ALIKE)
def test_a_line_does_what_the_command_does_in_an_answer_on_the_ticket(command: str, status: Status) -> None:
    known = KNOWN | {1042: KnownTicket(a_ticket(status=status), frozenset({ANN.number}))}
    of_list, answer = (
        decide(a_mail(text, BOB.email, (address_of(grant),)), some_facts(BOB, (grant,), tickets=known), POLICY)[1]
        for text, grant in ((f"1042 {command}", LIST), (command, a_grant(BOB)))
    )

    assert isinstance(of_list, ActOnMany)
    assert isinstance(answer, Act)
    line, (outcome,) = of_list.parts[0], answer.outcomes
    assert [(one.done, one.sentence) for one in line.outcomes] == [(outcome.done, outcome.sentence)]
    assert line.act is None or (line.act.text, line.act.changes) == (answer.text, answer.changes)
    assert (line.act is None) == (not outcome.done)


def test_a_text_that_repeats_a_note_of_its_ticket_is_refused_there_alone() -> None:
    note = "The customer has not paid for the last three printers."
    texts = replace(POLICY, macros={"leak": Macro(note)})
    mail = a_mail("7 #say leak\n1042 #say leak", BOB.email, (address_of(LIST),))
    known = KNOWN | {7: replace(KNOWN[7], notes=(note,))}

    _, decision = decide(mail, some_facts(BOB, (LIST,), tickets=known, known={}), texts)

    assert [done for _, done, _ in answers(decision)] == [False, True]


def test_no_ticket_is_merged_into_one_that_a_line_above_has_merged_away() -> None:
    _, decision = decided("7 #merge 1042\n1042 #merge 7")

    (_, first, _), (_, second, told) = answers(decision)
    assert (first, second, told) == (True, False, "SD-7 is part of SD-1042; write that number.")


HELD: list[tuple[str, dict[str, Any], str]] = [
    ("7 #resolve\nThanks!", {}, "it holds words, and nobody knows for whom these are: “Thanks!”."),
    ("#resolve\n7 #resolve", {}, "it holds words, and nobody knows for whom these are: “#resolve”."),
    ("\n".join(["7 #note x"] * 51), {}, "It names tickets on more than 50 lines"),
    ("7 #resolve", {"attachments": (a_file(),)}, "A file in it would go to no ticket"),
    ("7 #resolve", {"confidence": 0.5}, "they may be somebody else's"),
    ("7 #resolve", {"unseen": frozenset({"7 #resolve"})}, "has a style that may hide it"),
]


@pytest.mark.parametrize(("text", "changes", "told"), HELD)
def test_a_mail_of_which_something_would_be_lost_or_is_not_surely_its_authors_is_held(
    text: str, changes: dict[str, Any], told: str
) -> None:
    rule, decision = decided(text, **changes)

    assert rule == "many_tickets"
    assert isinstance(decision, Hold)
    assert told in english(decision.told)


def test_fifty_lines_are_carried_out() -> None:
    assert len(answers(decided("\n".join(["7 #note x"] * 50))[1])) == 50


def test_a_picture_of_a_signature_holds_nothing_back() -> None:
    picture = Attachment("logo.png", "image/png", b"x", inline=True)

    assert isinstance(decided("7 #resolve", attachments=(picture,))[1], ActOnMany)


ELSEWHERE = [
    (BOB, a_grant(BOB), Hold),
    (BOB, a_grant(BOB, kind=ReplyKind.NOTE), Hold),
    (ADA, a_grant(ADA), Hold),
]


@pytest.mark.parametrize(("who", "grant", "kind"), ELSEWHERE)
def test_in_an_answer_on_a_ticket_such_a_line_holds_the_mail(who: Any, grant: Any, kind: type[Decision]) -> None:
    mail = a_mail("Hello Ann,\n\nlook:\n\n7 #resolve\n\nBob", who.email, (address_of(grant),))

    _, decision = decide(mail, some_facts(who, (grant,), tickets=KNOWN), POLICY)

    assert isinstance(decision, kind)
    assert "is for a ticket by its number" in english(decision.told)  # type: ignore[union-attr]


def test_words_that_only_look_a_little_like_such_a_line_go_out() -> None:
    grant = a_grant(BOB)
    mail = a_mail("Hello Ann,\n\n1. #hashtag\n2) Room #12\n\nBob", BOB.email, (address_of(grant),))

    _, decision = decide(mail, some_facts(BOB, (grant,), tickets=KNOWN), POLICY)

    assert not isinstance(decision, Hold)


@pytest.mark.parametrize("who", [ANN, DAN])
def test_of_nobody_but_staff_such_lines_are_commands(who: Any) -> None:
    grant = a_grant(who, ticket=None, kind=ReplyKind.NONE, role=Role.CUSTOMER)
    mail = a_mail("7 #close\n1042 #close", who.email, (address_of(grant),))

    assert not isinstance(decide(mail, some_facts(who, (grant,), tickets=KNOWN), POLICY)[1], ActOnMany | Hold)


OWN, ANOTHERS = LIST, a_grant(CAT, ticket=None, kind=ReplyKind.NONE)
SPENT, EXPIRED = replace(OWN, spent=True), replace(OWN, expires_at=int(NOW.timestamp()))
# What is shown, what our server says of the sender, and whether the lines count with both proofs, and with a token.
MATRIX = [
    ((), "pass", False, False),
    ((), "fail", False, False),
    ((), "", False, False),
    ((OWN,), "pass", True, True),
    ((OWN,), "", False, True),
    ((OWN,), "fail", False, False),
    ((ANOTHERS,), "pass", False, False),
    ((SPENT,), "pass", False, False),
    ((SPENT,), "", False, False),
    ((EXPIRED,), "pass", False, False),
]


@pytest.mark.parametrize(("shown", "results", "by_both", "by_token"), MATRIX)
@pytest.mark.parametrize("policy", [BOTH, TOKEN])
def test_such_lines_count_by_full_power_alone(
    shown: tuple[Grant, ...], results: str, by_both: bool, by_token: bool, policy: Policy
) -> None:
    above = [dmarc_results(BOB.email, results)] if results else []
    to = (SUPPORT, *map(address_of, shown))
    mail = a_delivered_mail("7 #resolve\n1042 #resolve", BOB.email, to, above=above)

    _, decision = decide(mail, some_facts(BOB, shown, tickets=KNOWN), policy)

    counts = by_both if policy is BOTH else by_token
    assert isinstance(decision, ActOnMany if counts else Hold)
    assert counts or (isinstance(decision, Hold) and decision.confirm)
