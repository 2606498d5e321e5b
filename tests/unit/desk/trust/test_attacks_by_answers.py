"""Attacks by answers: forged bounces and absences, bombs of acknowledgements, stolen confirmations and forwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.facts import AnsweredNotice, KnownTicket, Policy
from desk.intake.decision import Act, FileBounce, Hold, NotApplied, OpenTicket, Personal, Release
from desk.intake.off_ticket.questions import ASK_AGAIN
from desk.ticket import Person, Role, Status
from desk.tokens import Grant, ReplyKind, envelope_address
from mail.inbound.message import InboundMail
from tests.support.values.builders import (
    ANN,
    BOB,
    BOTH,
    BY_OTHERS,
    CAT,
    KEYS,
    NOW,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_person,
    a_ticket,
    address_of,
    decide_on,
    dmarc_results,
    id_of,
)

FRIEND = "friend@elsewhere.example"
BOBS, ANNS, CATS = a_grant(BOB), a_grant(ANN), a_grant(CAT)
GOOD = dmarc_results(BOB.email, "pass")
PASS = {one.email: [dmarc_results(one.email, "pass")] for one in (ANN, BOB, CAT)}
LIST = {"list_id": "<all.lists.example>", "precedence": "list"}
QUOTE = "\r\n\r\nOn Mon, 2 Nov 2026 at 10:01, Desk <support@desk.example> wrote:\r\n> "
FORWARD = "\r\n\r\n---------- Forwarded message ---------\r\nFrom: eve@elsewhere.example\r\nSubject: x\r\n\r\n"


STATUS = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n"


def report(original: str, to: str = SUPPORT) -> InboundMail:
    """A bounce about Ann's address that quotes a Message-ID."""
    parts = (
        "Content-Type: text/plain\r\n\r\nIt could not be delivered.",
        f"{STATUS}Final-Recipient: rfc822; {ANN.email}\r\nAction: failed\r\nStatus: 5.1.1",
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original}>\r\nTo: {ANN.email}\r\nSubject: x",
    )
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return a_delivered_mail(body, "mailer-daemon@elsewhere.example", [to], content_type=kind)


BOUNCES: list[tuple[str, str, timedelta, str | None]] = [
    ("made-up@desk.example", SUPPORT, timedelta(), None),
    (id_of(replace(ANNS, ticket=7)), SUPPORT, timedelta(), None),
    ("made-up@desk.example", address_of(ANNS), timedelta(), None),
    (id_of(ANNS), SUPPORT, timedelta(days=11), None),
    (id_of(CATS), SUPPORT, timedelta(), None),
    (id_of(ANNS), SUPPORT, timedelta(days=9), ANN.email),
    ("made-up@desk.example", envelope_address(KEYS, ANNS, SUPPORT), timedelta(), ANN.email),
]


@pytest.mark.parametrize(("original", "to", "age", "counts_against"), BOUNCES)
def test_a_forged_bounce_counts_against_nobody(
    original: str, to: str, age: timedelta, counts_against: str | None
) -> None:
    answered = {grant.id: AnsweredNotice(None, NOW - age) for grant in (ANNS, CATS)}

    decision = decide_on(report(original, to), None, ANNS, CATS, answered=answered)

    assert isinstance(decision, FileBounce if counts_against else NotApplied)
    assert getattr(decision, "address", None) == counts_against


ABSENT: list[tuple[dict[str, Any], bool]] = [
    ({"in_reply_to": "<x@y>"}, False),
    ({"in_reply_to": f"<{id_of(CATS)}>"}, False),
    ({"in_reply_to": f"<{id_of(BOBS)}>", "above": [dmarc_results(BOB.email, "fail")]}, False),
    ({"in_reply_to": "<x@y>", "below": [BY_OTHERS, GOOD]}, False),
    ({"in_reply_to": f"<{id_of(BOBS)}>"}, True),
    ({"in_reply_to": "<x@y>", "above": [GOOD]}, True),
]


@pytest.mark.parametrize(("headers", "counts"), ABSENT)
def test_a_forged_absence_takes_no_agent_off_the_desk(headers: dict[str, Any], counts: bool) -> None:
    mail = a_delivered_mail("I am away.", BOB.email, auto_submitted="auto-replied", **headers)

    decision = decide_on(mail, BOB, BOBS, CATS)

    assert isinstance(decision, Personal) == counts


BOMBS: list[tuple[dict[str, Any], bool, str]] = [
    ({"above": [dmarc_results(ANN.email, "fail")]}, False, "refuted"),
    ({"above": [dmarc_results(ANN.email, "fail")], "to": [address_of(ANNS)]}, False, "refuted"),
    ({"above": PASS[ANN.email]} | LIST, False, "proven"),
    # The gate answers once a day, and so many strangers an hour, where the sender is only claimed.
    ({}, True, "claimed"),
    ({"below": [BY_OTHERS, *PASS[ANN.email]]}, True, "claimed"),
    ({"above": PASS[ANN.email]}, True, "proven"),
]
CLOSED = {1042: KnownTicket(a_ticket(status=Status.CLOSED), frozenset({ANN.number}))}


@pytest.mark.parametrize(("headers", "answered", "proof"), BOMBS)
def test_a_mail_bomb_by_acknowledgements_gets_none_or_capped_ones(
    headers: dict[str, Any], answered: bool, proof: str
) -> None:
    mail = a_delivered_mail("Hello.", ANN.email, **headers)

    decision = decide_on(mail, ANN, ANNS, tickets=CLOSED)

    assert isinstance(decision, OpenTicket)
    assert (decision.unanswered is None, decision.why["proof"]) == (answered, proof)


ASKED = a_grant(BOB, kind=ReplyKind.CONFIRM, ticket=None, id=88)
LATE = replace(ASKED, expires_at=int(NOW.timestamp()))
WAITS: dict[str, Any] = {"answered": {ASKED.id: AnsweredNotice(41, NOW, waits=True)}}
REFUSED: list[tuple[str, Person, Grant, dict[str, Any]]] = [
    ("#confirm", BOB, ASKED, {"auto_submitted": "auto-replied"}),
    ("#confirm", BOB, ASKED, LIST),
    ("#confirm", BOB, ASKED, {"above": [dmarc_results(BOB.email, "fail")]}),
    ("#confirm", CAT, ASKED, {"above": PASS[CAT.email]}),
    ("#confirm", ANN, ASKED, {"above": PASS[ANN.email]}),
    ("#confirm", BOB, LATE, {"above": [GOOD]}),
    ("#confirm", BOB, replace(ASKED, spent=True), {"above": [GOOD]}),
    ("#confirm", BOB, replace(ASKED, kind=ReplyKind.PUBLIC), {"above": [GOOD]}),
    ("Yes.\r\n#confirm", BOB, ASKED, {"above": [GOOD]}),
    ("#confirmed", BOB, ASKED, {}),
    ("#confirm-not", BOB, ASKED, {}),
    (f"No.{QUOTE}#confirm", BOB, ASKED, {}),
    ("", BOB, ASKED, {}),
]


@pytest.mark.parametrize(("text", "who", "grant", "headers"), REFUSED)
def test_a_confirmation_by_a_robot_by_another_too_late_or_with_text_before_releases_nothing(
    text: str, who: Person, grant: Grant, headers: dict[str, Any]
) -> None:
    mail = a_delivered_mail(text, who.email, [address_of(grant)], **headers)

    decision = decide_on(mail, who, grant, **WAITS)

    assert not isinstance(decision, Release)


@pytest.mark.parametrize(("who", "dmarc"), [(BOB, "fail"), (CAT, "pass"), (CAT, "none")])
def test_a_confirmation_that_is_refuted_or_shows_anothers_question_is_asked_about_itself(
    who: Person, dmarc: str
) -> None:
    mail = a_delivered_mail("#confirm", who.email, [address_of(ASKED)], above=[dmarc_results(who.email, dmarc)])

    decision = decide_on(mail, who, ASKED, **WAITS)

    assert isinstance(decision, Hold)
    assert (decision.person, decision.confirm) == (who, True)


VOID = [
    (LATE, "after more than 72 hours"),
    (replace(ASKED, spent=True), "others have seen it since"),
    (replace(ASKED, role="admin"), "the person's role has changed since"),
]


@pytest.mark.parametrize(("grant", "why"), VOID)
@pytest.mark.parametrize("policy", [BOTH, TOKEN])
def test_a_confirmation_that_comes_too_late_is_told_so_and_not_asked_about_itself(
    grant: Grant, why: str, policy: Policy
) -> None:
    mail = a_delivered_mail("#confirm", BOB.email, [address_of(grant)])

    decision = decide_on(mail, BOB, grant, policy=policy, **WAITS)

    assert isinstance(decision, Hold)
    assert (decision.confirm, decision.advice) == (False, ASK_AGAIN)
    assert why in decision.reason


@pytest.mark.parametrize("text", ["#confirm", "#CONFIRM.", "\u200b#confirm\r\nIt is mine.", f"\uff03confirm{QUOTE}x"])
@pytest.mark.parametrize("policy", [BOTH, TOKEN])
def test_a_persons_own_confirmation_releases_the_mail_that_waits(text: str, policy: Policy) -> None:
    mail = a_delivered_mail(text, BOB.email, [address_of(ASKED)])

    decision = decide_on(mail, BOB, ASKED, policy=policy, **WAITS)

    assert isinstance(decision, Release)
    assert decision.rows == (41,)


UNRELEASED = [AnsweredNotice(41, NOW, waits=False), AnsweredNotice(None, NOW, waits=True), None]


@pytest.mark.parametrize("answered", UNRELEASED)
def test_a_confirmation_of_what_does_not_wait_releases_nothing(answered: AnsweredNotice | None) -> None:
    mail = a_delivered_mail("#confirm", BOB.email, [address_of(ASKED)])

    decision = decide_on(mail, BOB, ASKED, answered={ASKED.id: answered} if answered else {})

    assert isinstance(decision, Hold)
    assert not decision.confirm


def test_what_somebody_who_is_not_staff_any_more_confirmed_has_no_power() -> None:
    demoted = a_person(BOB.number, BOB.email, Role.CUSTOMER, Role.AGENT)
    mine = {1042: KnownTicket(a_ticket(customer=demoted), frozenset({demoted.number}))}
    mail = a_delivered_mail("#close", BOB.email, subject="Re: [SD-1042] Printer")

    decision = decide_on(mail, demoted, confirmed=True, tickets=mine)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.status, decision.why["proof"]) == ("#close", None, "claimed")


def test_a_forward_opens_a_ticket_for_the_sender_of_the_outermost_block_only() -> None:
    inner = f"From: boss@elsewhere.example\r\n\r\nPay.{FORWARD}deep"
    passed = (
        f"Look.\r\n\r\n---------- Forwarded message ---------\r\nFrom: first@a.example\r\nSubject: Q\r\n\r\n{inner}"
    )
    mail = a_delivered_mail(passed, BOB.email, above=[GOOD], subject="Fwd: Q", cc=FRIEND)

    decision = decide_on(mail, BOB)

    assert isinstance(decision, OpenTicket)
    assert (decision.sender.email, decision.by, decision.cc) == ("first@a.example", BOB, ())
    assert decision.unanswered is not None
