"""What becomes of a mail: each rule of intake, by who its sender claims to be and what the mail shows."""

from dataclasses import replace
from typing import Any

import pytest

from desk.facts import Facts, KnownTicket, Oversize, StaffTrust
from desk.intake.decide import RULES, decide
from desk.intake.decision import Act, Decision, Hold, KeepNote, NotApplied, OpenTicket, Personal, Quarantine, Refuse
from desk.intake.staff import CONFIRM_IT
from desk.ticket import Person, Status
from desk.tokens import ReplyKind
from desk.trust.judge import Proof
from mail.inbound.message import InboundMail, MailKind
from mail.mime.addresses import Address
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    KNOWN_ID,
    NOW,
    POLICY,
    SUPPORT,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    id_of,
    some_facts,
)

BOTH = replace(POLICY, staff_trust=StaffTrust.BOTH)
TAG: dict[str, Any] = {"subject": "Re: [SD-1042] Printer"}
ROBOT: dict[str, Any] = {"automatic": "Auto-Submitted says 'auto-replied'.", "kind": MailKind.AUTOMATIC}


def arriving(sender: Person | None, shows: str) -> tuple[InboundMail, Facts]:
    """A mail of this sender that shows nothing, or words of: tag, forged, own, id, expired, demoted, another's."""
    who = sender or replace(DAN, number=99, email="who@elsewhere.example")
    own, others = a_grant(who), a_grant(CAT)
    expired = replace(own, id=90, expires_at=int(NOW.timestamp()) - 1)
    demoted = replace(own, id=91, role="admin" if who is not ADA else "agent")
    to = {"own": own, "expired": expired, "demoted": demoted, "another's": others}
    headers: dict[str, Any] = {
        "to": (SUPPORT, *(address_of(grant) for word, grant in to.items() if word in shows.split())),
        "in_reply_to": (*((id_of(own),) if "id" in shows.split() else ()), *((KNOWN_ID,) if "forged" in shows else ())),
        "subject": "[SD-1042]" if "tag" in shows else "Printer",
    }
    return a_mail(sender=who.email, **headers), some_facts(sender, (own, others, expired, demoted))


# What a desk without a pinned mail server decides; test_trust_matrix.py holds docs/security.md#what-a-mail-may-do.
MATRIX: list[tuple[Person | None, str, str, type[Decision]]] = [
    # Staff: held, but for their own live token.
    (BOB, "", "staff_without_power", Hold),
    (BOB, "tag", "staff_without_power", Hold),
    (BOB, "tag forged", "staff_without_power", Hold),
    (BOB, "own", "staff_on_ticket", Act),
    (BOB, "id", "staff_on_ticket", Act),
    (ADA, "own", "staff_on_ticket", Act),
    (BOB, "expired", "staff_without_power", Hold),
    (BOB, "expired tag", "staff_without_power", Hold),
    (BOB, "demoted", "staff_without_power", Hold),
    (BOB, "another's", "staff_without_power", Hold),
    (BOB, "own another's", "staff_on_ticket", Act),
    # A stranger, or a row of the web application that calls itself an admin: a new ticket.
    (None, "", "new_ticket", OpenTicket),
    (None, "tag", "new_ticket", OpenTicket),
    (None, "forged", "new_ticket", OpenTicket),
    # The right of an account that was deleted, shown from its address, is as none.
    (None, "own", "new_ticket", OpenTicket),
    (None, "another's", "only_a_note", KeepNote),
    (DAN, "", "new_ticket", OpenTicket),
    (DAN, "tag forged", "new_ticket", OpenTicket),
    (DAN, "expired", "new_ticket", OpenTicket),
    (DAN, "demoted", "new_ticket", OpenTicket),
    (DAN, "another's", "only_a_note", KeepNote),
    (EVE, "", "new_ticket", OpenTicket),
    (EVE, "tag forged", "new_ticket", OpenTicket),
    (EVE, "expired", "new_ticket", OpenTicket),
    (EVE, "another's", "only_a_note", KeepNote),
    # A customer of the ticket.
    (ANN, "", "new_ticket", OpenTicket),
    (ANN, "tag", "customer_on_ticket", Act),
    (ANN, "forged", "customer_on_ticket", Act),
    (ANN, "own", "customer_on_ticket", Act),
    (ANN, "id", "customer_on_ticket", Act),
    (ANN, "expired tag", "customer_on_ticket", Act),
    (ANN, "demoted forged", "customer_on_ticket", Act),
    (ANN, "another's tag", "only_a_note", KeepNote),
    (ANN, "another's forged", "only_a_note", KeepNote),
    (ANN, "own another's", "customer_on_ticket", Act),
]


@pytest.mark.parametrize(("sender", "shows", "rule", "outcome"), MATRIX)
def test_what_a_mail_may_do_depends_on_who_it_claims_to_be_from_and_what_it_shows(
    sender: Person | None, shows: str, rule: str, outcome: type[Decision]
) -> None:
    mail, facts = arriving(sender, shows)

    found, decision = decide(mail, facts, POLICY)

    assert (found, type(decision)) == (rule, outcome)


@pytest.mark.parametrize("shows", sorted({shows for sender, shows, _, _ in MATRIX if sender is BOB}))
def test_where_trust_is_both_a_token_alone_gives_staff_nothing(shows: str) -> None:
    mail, facts = arriving(BOB, shows)

    rule, decision = decide(mail, facts, BOTH)

    assert (rule, type(decision)) == ("staff_without_power", Hold)


@pytest.mark.parametrize(("sender", "shows", "rule", "outcome"), MATRIX)
def test_automatic_mail_never_exceeds_a_note(
    sender: Person | None, shows: str, rule: str, outcome: type[Decision]
) -> None:
    mail, facts = arriving(sender, shows)

    found, decision = decide(replace(mail, **ROBOT), facts, POLICY)

    assert found in {"automatic_mail", "out_of_office"}
    assert isinstance(decision, KeepNote | NotApplied | Personal)


ROBOTS: list[tuple[Person | None, str, type[Decision]]] = [
    (ANN, "", NotApplied),
    (ANN, "own", KeepNote),
    (ANN, "tag", KeepNote),
    (BOB, "own", KeepNote),
    (BOB, "tag", NotApplied),
    (None, "another's", KeepNote),
    (None, "tag", NotApplied),
    (None, "forged", NotApplied),
]


@pytest.mark.parametrize(("sender", "shows", "outcome"), ROBOTS)
def test_a_robot_reaches_a_ticket_only_with_evidence_that_counts(
    sender: Person | None, shows: str, outcome: type[Decision]
) -> None:
    mail, facts = arriving(sender, shows)

    _, decision = decide(replace(mail, **ROBOT), facts, POLICY)

    assert isinstance(decision, outcome)
    assert "Auto-Submitted" in decision.reason


def addresses(*emails: str) -> tuple[Address, ...]:
    return tuple(Address("", email) for email in emails)


SENDERS = [
    ((), "no_single_sender", "From holds no address"),
    ((ANN.email, BOB.email), "no_single_sender", "From holds 2 addresses"),
    ((ANN.email, "x@a.example", "y@a.example"), "no_single_sender", "From holds 3 addresses"),
    ((SUPPORT,), "our_own_address", "an address of the desk itself"),
    ((address_of(a_grant(ANN)),), "our_own_address", "an address of the desk itself"),
]


@pytest.mark.parametrize("more", [{}, TAG, ROBOT, {"to": addresses(address_of(a_grant(BOB)))}])
@pytest.mark.parametrize(("senders", "rule", "reason"), SENDERS)
def test_a_mail_without_one_sender_other_than_us_is_quarantined(
    senders: tuple[str, ...], rule: str, reason: str, more: dict[str, Any]
) -> None:
    mail = replace(a_mail(), senders=addresses(*senders), **more)

    found, decision = decide(mail, some_facts(BOB, (a_grant(BOB),)), POLICY)

    assert found == rule
    assert isinstance(decision, Quarantine)
    assert reason in decision.reason


def test_one_mailbox_named_twice_is_one_sender() -> None:
    mail = replace(a_mail(), senders=addresses(ANN.email, ANN.email))

    rule, _ = decide(mail, some_facts(), POLICY)

    assert rule == "new_ticket"


@pytest.mark.parametrize("sender", [ANN, BOB, None])
def test_the_same_mail_twice_has_no_effect_whoever_sent_it(sender: Person | None) -> None:
    mail, facts = arriving(sender, "own tag")

    rule, decision = decide(mail, replace(facts, twin=41), POLICY)

    assert (rule, type(decision)) == ("same_mail_twice", NotApplied)
    assert "row 41" in decision.reason


HELD = [
    ("", POLICY, "Nothing in the mail names a ticket."),
    ("expired", POLICY, "but it has expired."),
    ("another's", POLICY, "but it was given to somebody else."),
    ("demoted", POLICY, "but the person's role has changed since."),
    ("own", BOTH, "shows a live token of its sender. This desk asks no mail server"),
    ("tag", BOTH, "shows no live token"),
]


@pytest.mark.parametrize(("shows", "policy", "reason"), HELD)
def test_staff_are_told_why_their_mail_is_held_and_what_to_do(shows: str, policy: Any, reason: str) -> None:
    mail, facts = arriving(BOB, shows)

    _, decision = decide(mail, facts, policy)

    assert isinstance(decision, Hold)
    assert (decision.person, decision.advice, decision.confirm) == (BOB, CONFIRM_IT, True)
    assert reason in decision.reason


NO_TICKET = [a_grant(BOB, ticket=None, kind=ReplyKind.NONE), a_grant(BOB, ticket=7), a_grant(BOB, kind=ReplyKind.NONE)]


@pytest.mark.parametrize("grant", NO_TICKET)
def test_an_answer_of_staff_to_a_mail_that_takes_none_is_held(grant: Any) -> None:
    mail = a_mail("#close", sender=BOB.email, in_reply_to=(id_of(grant),))

    rule, decision = decide(mail, some_facts(BOB, (grant,)), POLICY)

    assert (rule, type(decision)) == ("staff_off_ticket", Hold)


@pytest.mark.parametrize("shows", ["tag", "forged", "tag forged"])
@pytest.mark.parametrize("status", list(Status))
def test_a_stranger_who_knows_a_ticket_gets_one_of_their_own_that_is_not_linked(status: Status, shows: str) -> None:
    mail, facts = arriving(None, shows)

    _, decision = decide(
        mail, replace(facts, tickets={1042: KnownTicket(a_ticket(status=status), frozenset({ANN.number}))}), POLICY
    )

    assert isinstance(decision, OpenTicket)
    assert (decision.sender.email, decision.continues) == ("who@elsewhere.example", None)


@pytest.mark.parametrize(
    ("headers", "told", "decided"),
    [
        ({}, False, Refuse),
        ({}, True, NotApplied),
        (ROBOT, False, NotApplied),
    ],
)
@pytest.mark.parametrize("sender", [ANN, BOB, None])
def test_a_mail_that_is_too_large_is_answered_once_and_no_robots(
    sender: Person | None, headers: dict[str, Any], told: bool, decided: type[Decision]
) -> None:
    mail, facts = arriving(sender, "own")

    oversize = replace(facts, oversize=Oversize(50_000_000, frozenset(Proof) if told else frozenset()))
    rule, decision = decide(replace(mail, **headers), oversize, POLICY)

    # Staff who are proven hear of each of their mails.
    of_staff = sender is BOB and decided is NotApplied and not headers
    assert (rule, type(decision)) == ("too_large", Refuse if of_staff else decided)


def test_every_rule_of_intake_has_fired_in_this_file() -> None:
    fired = {rule for _, _, rule, _ in MATRIX} | {rule for _, rule, _ in SENDERS}

    elsewhere = {"same_mail_twice", "too_large", "automatic_mail", "staff_off_ticket"}
    elsewhere |= {"bounced_mail", "passed_by", "confirmation", "passed_on", "too_many_bytes", "too_many_tickets"}
    elsewhere |= {"out_of_office", "personal_commands", "reaction", "too_many_on_ticket", "too_many_refuted"}
    elsewhere |= {"waiting_answer", "round_trip", "customers_questions", "taking_back", "many_tickets", "opened_for"}

    assert fired | elsewhere == {name for name, _ in RULES}
